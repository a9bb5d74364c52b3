"""Real servers for tests: ``geostead serve`` as a process tree on a free port."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psutil

START_TIMEOUT_S = 60.0
STOP_TIMEOUT_S = 35.0
JOB_TIMEOUT_S = 90.0
POLL_S = 0.02


def run_cli(data_dir: Path, *arguments: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
    """Run one command to its end, as a process of its own."""
    command = [sys.executable, "-m", "geostead", *arguments, "--data-dir", str(data_dir)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, input=stdin)


def create_account(data_dir: Path, name: str, *arguments: str) -> dict[str, str]:
    """Create an account; return the values of its keys by name ("master", "query")."""
    done = run_cli(data_dir, "account", "create", name, *arguments, "--json")
    assert done.returncode == 0, done.stderr
    return {key["name"]: key["key"] for key in json.loads(done.stdout)["keys"]}


@dataclass
class Running:
    """A ``geostead`` process with all its children."""

    process: subprocess.Popen[str]
    log: Path
    ready_line: str
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

    def kill_tree(self) -> None:
        """Send SIGKILL to every process of the tree, as a power cut would; return when all are gone."""
        processes = self.tree()
        for process in processes:
            _kill(process)
        psutil.wait_procs(processes, timeout=STOP_TIMEOUT_S)
        self.process.wait(STOP_TIMEOUT_S)


@dataclass
class Server(Running):
    """A running ``geostead serve``."""

    data_dir: Path
    url: str
    client: httpx.Client = field(repr=False)
    """A client with the server as its base URL."""

    def load(self, key: str, name: str, upload: bytes, **parameters: str) -> dict[str, Any]:
        """Post a complete load (``input=pipe`` unless given) and return the job as accepted."""
        query = {"dataSourceName": name, "loadOperation": "complete", "input": "pipe", "key": key, **parameters}
        reply = self.client.post("/REST/v1/Dataflows/LoadDataSource", params=query, content=upload)
        assert reply.status_code == httpx.codes.CREATED, reply.text
        return resource(reply)

    def job(self, key: str, job_id: str, kind: str = "LoadDataSource") -> dict[str, Any]:
        """Return the job as it stands."""
        return resource(self.client.get(f"/REST/v1/Dataflows/{kind}/{job_id}", params={"key": key}))

    def finished(self, key: str, job_id: str, kind: str = "LoadDataSource") -> dict[str, Any]:
        """Poll a job until it is not pending any more, and return it."""
        return self.followed(f"/REST/v1/Dataflows/{kind}/{job_id}", key)

    def followed(self, status_url: str, key: str | None) -> dict[str, Any]:
        """Poll the URL of a job's status, with a key or without, until it is not pending any more; return the job."""
        parameters = {} if key is None else {"key": key}
        deadline_s = time.monotonic() + JOB_TIMEOUT_S
        while (job := resource(self.client.get(status_url, params=parameters)))["status"] == "Pending":
            assert time.monotonic() < deadline_s, f"{job} is still pending; {self.log.read_text()[-3000:]}"
            time.sleep(POLL_S)
        return job


def resource(reply: httpx.Response) -> dict[str, Any]:
    """Return the one resource of a management reply."""
    assert reply.is_success, reply.text
    found: dict[str, Any] = reply.json()["resourceSets"][0]["resources"][0]
    return found


@contextmanager
def start_server(data_dir: Path, *arguments: str, environment: Mapping[str, str] | None = None) -> Iterator[Server]:
    """Run ``geostead serve`` on a free port with further ``arguments`` until the block is left, then kill it.

    A test may stop or kill it before.
    """
    command = ["serve", "--data-dir", str(data_dir), "--port", "0", "--workers", "1", *arguments]
    with _start(command, data_dir.parent / f"{data_dir.name}-serve.log", environment) as running:
        url = running.ready_line.split()[-1].rstrip("/")
        with httpx.Client(base_url=url, timeout=30, verify=False) as client:
            yield Server(running.process, running.log, running.ready_line, data_dir, url, client)


@contextmanager
def start_worker(data_dir: Path, *arguments: str, environment: Mapping[str, str] | None = None) -> Iterator[Running]:
    """Run ``geostead worker`` until the block is left, then kill it."""
    command = ["worker", "--data-dir", str(data_dir), *arguments]
    with _start(command, data_dir.parent / f"{data_dir.name}-worker.log", environment) as running:
        yield running


@contextmanager
def _start(arguments: list[str], log: Path, environment: Mapping[str, str] | None) -> Iterator[Running]:
    command = [sys.executable, "-m", "geostead", *arguments]
    variables = {**os.environ, **(environment or {})}
    with log.open("a") as stderr:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=stderr, text=True, env=variables)
    assert process.stdout is not None
    running = Running(process, log, process.stdout.readline())
    try:
        assert running.ready_line, f"{' '.join(command)} did not start:\n{log.read_text()[-3000:]}"
        yield running
    finally:
        running.kill_tree()
        process.stdout.close()


def _kill(process: psutil.Process) -> None:
    try:
        process.kill()
    except psutil.NoSuchProcess:
        return
