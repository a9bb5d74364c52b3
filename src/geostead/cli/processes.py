"""Processes that ``serve`` and ``worker`` start, keep alive and stop."""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing.connection import wait
from multiprocessing.context import SpawnProcess
from types import FrameType

from geostead.cli.drain import Drain
from geostead.errors import GeosteadError

STOP_S = 25.0
"""Time that processes have to end by themselves when they are asked to, which is after the drain."""
LONG_LIFE_S = 60.0
"""A process that lived this long starts again at once when it dies; one that dies sooner waits, longer each time."""
MAX_PAUSE_S = 30.0
LOOK_S = 0.05

_log = logging.getLogger(__name__)


class StartFailed(GeosteadError):
    """A process died before everything was up."""


@dataclass(frozen=True, slots=True)
class Role:
    """What one process does."""

    name: str
    run: Callable[[], object]
    """Runs in the new process; picklable. It should call :func:`end_with_parent` first and obey SIGTERM."""
    drains: bool = False
    """Whether it goes on while the drain lasts; the others are asked to stop when that begins."""


class Supervisor:
    """Run one process for each role, start those again that die, and stop all of them on SIGTERM or SIGINT.

    SIGTERM begins the drain, if there is one and everything was up; SIGINT, which a person at a terminal sends, and any
    second signal end the wait.
    """

    def __init__(self, roles: Sequence[Role], drain: Drain | None = None) -> None:
        self._children = [_Child(role) for role in roles]
        self._drain = drain
        self._is_up = False
        self._stopping = False
        self._is_hasty = False

    def run(self, is_ready: Callable[[], bool], announce: Callable[[], None]) -> None:
        """Return after a stop signal, when all processes have ended.

        ``announce`` is called once, when ``is_ready`` first says so. Raises StartFailed if a process dies before.
        """
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)
        try:
            for child in self._children:
                child.start()
            self._await_ready(is_ready)
            if not self._stopping:
                self._is_up = True
                announce()
            self._watch()
            self._let_drain()
        finally:
            _stop(self._children)

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        self._is_hasty = self._stopping or number == signal.SIGINT
        self._stopping = True
        if self._drain is not None:
            self._drain.begin()  # here, not when somebody looks: load balancers should know as early as possible

    def _await_ready(self, is_ready: Callable[[], bool]) -> None:
        while not self._stopping and not is_ready():
            dead = next((child for child in self._children if not child.is_alive()), None)
            if dead is not None and not self._stopping:
                raise StartFailed(f"The {dead.role.name} process could not start; the log above says why.")
            time.sleep(LOOK_S)

    def _watch(self) -> None:
        while not self._stopping:
            _keep_alive(self._children)

    def _let_drain(self) -> None:
        """Let go on for a while what drains, and everything else end meanwhile."""
        if self._drain is None or not self._is_up:
            return
        staying = [child for child in self._children if child.role.drains]
        for child in self._children:
            if child not in staying:
                child.ask_to_stop()
        _log.info("About to stop: draining.", extra={"seconds": self._drain.seconds})
        until_s = time.monotonic() + self._drain.seconds
        while not self._is_hasty and time.monotonic() < until_s:
            _keep_alive(staying)


class _Child:
    """One role and the process that plays it at present."""

    def __init__(self, role: Role) -> None:
        self.role = role
        self._deaths = 0
        self._restart_at_s: float | None = None
        self._process = self._new_process()

    def _new_process(self) -> SpawnProcess:
        return multiprocessing.get_context("spawn").Process(target=self.role.run, name=self.role.name)

    def start(self) -> None:
        self._process.start()
        self._started_at_s = time.monotonic()
        self._restart_at_s = None

    def is_alive(self) -> bool:
        return self._process.is_alive()

    @property
    def sentinel(self) -> int:
        return self._process.sentinel

    def revive(self) -> None:
        """Start a process that has died again, at once or after the pause that is due."""
        if self.is_alive():
            return
        now_s = time.monotonic()
        if self._restart_at_s is None:
            self._deaths = 0 if now_s - self._started_at_s > LONG_LIFE_S else self._deaths + 1
            self._restart_at_s = now_s + min(MAX_PAUSE_S, 2.0**self._deaths - 1 if self._deaths else 0.0)
            _log.error("A process died.", extra={"role": self.role.name, "exit_code": self._process.exitcode})
        if now_s >= self._restart_at_s:
            self._process = self._new_process()
            self.start()

    def ask_to_stop(self) -> None:
        self._process.terminate()

    def end_by(self, deadline_s: float) -> None:
        """Wait for the process until ``deadline_s``, then kill it."""
        self._process.join(max(0.0, deadline_s - time.monotonic()))
        if self.is_alive():
            _log.warning("Killed a process that did not stop.", extra={"role": self.role.name})
            self._process.kill()
            self._process.join()


def _keep_alive(children: Sequence[_Child]) -> None:
    """Wait a moment, or until one of these processes dies, and start again those that are due."""
    wait([child.sentinel for child in children if child.is_alive()], timeout=LOOK_S * 4)
    for child in children:
        child.revive()


def _stop(children: Sequence[_Child]) -> None:
    deadline_s = time.monotonic() + STOP_S
    started = [child for child in children if child.is_alive()]
    for child in started:
        child.ask_to_stop()
    for child in started:
        child.end_by(deadline_s)


def end_with_parent() -> None:
    """End this process, whatever it is doing, as soon as the process that started it is gone.

    The parent's death closes a pipe that only the parent holds, so this works wherever multiprocessing does, at once
    and without polling. What was running is lost, as after a crash, and its lease runs out.
    """
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def follow() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=follow, name="end with parent", daemon=True).start()
