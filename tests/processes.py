"""Processes of geostead for tests: started together, watched as trees, killed as a power cut would."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

STOP_TIMEOUT_S = 35.0


@dataclass
class Running:
    """A process with all its children, and where it writes what goes wrong."""

    process: subprocess.Popen[str]
    log: Path
    ready_line: str = ""
    """What it printed when it was ready."""

    def stop(self) -> int:
        """Send SIGTERM and return the exit code of the parent process."""
        self.process.terminate()
        return self.process.wait(STOP_TIMEOUT_S)

    def tree(self) -> list[psutil.Process]:
        """Return the process and all its descendants, parents first."""
        try:
            parent = psutil.Process(self.process.pid)
            return [parent, *parent.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []

    def children(self) -> list[psutil.Process]:
        """Return the processes that it has started itself, and starts again when they die."""
        try:
            return psutil.Process(self.process.pid).children()
        except psutil.NoSuchProcess:
            return []

    def kill_tree(self) -> None:
        """Send SIGKILL to every process of the tree, as a power cut would; return when all are gone."""
        kill_trees([self])

    def await_ready(self) -> None:
        """Wait for the line that it prints when it is ready."""
        assert self.process.stdout is not None
        self.ready_line = self.process.stdout.readline()
        assert self.ready_line, f"{self.process.args} did not start:\n{self.log.read_text()[-3000:]}"


def kill_trees(running: Iterable[Running]) -> None:
    """Send SIGKILL to every process of several trees; return when all are gone."""
    all_of_them = list(running)
    processes = [process for one in all_of_them for process in one.tree()]
    for process in processes:
        _kill(process)
    psutil.wait_procs(processes, timeout=STOP_TIMEOUT_S)
    for one in all_of_them:
        one.process.wait(STOP_TIMEOUT_S)
        if one.process.stdout is not None:
            one.process.stdout.close()


def begin(command: Sequence[str], log: Path, environment: Mapping[str, str]) -> Running:
    """Start a process without waiting until it is ready; what it complains about is added to ``log``."""
    with log.open("a") as stderr:
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=stderr, text=True, env={**os.environ, **environment}
        )
    return Running(process, log)


@contextmanager
def started(commands: Sequence[Sequence[str]], log: Path, environment: Mapping[str, str]) -> Iterator[list[Running]]:
    """Run ``geostead`` with each list of arguments, all at once; wait until they are ready, kill them in the end."""
    running: list[Running] = []
    try:
        running.extend(begin(geostead(*arguments), log, environment) for arguments in commands)
        for one in running:
            one.await_ready()
        yield running
    finally:
        kill_trees(running)


def geostead(*arguments: str) -> list[str]:
    """Return the command that runs geostead with arguments."""
    return [sys.executable, "-m", "geostead", *arguments]


def _kill(process: psutil.Process) -> None:
    try:
        process.kill()
    except psutil.NoSuchProcess:
        return
