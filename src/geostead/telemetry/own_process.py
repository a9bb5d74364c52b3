"""What a process is and uses: memory, processor time, open files."""

from __future__ import annotations

import os
import platform
import resource
import time
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import TypedDict

from geostead import __version__
from geostead.telemetry.measures import (
    BUILD,
    PROCESS_CPU,
    PROCESS_FILES,
    PROCESS_MEMORY,
    PROCESS_START,
    PROCESSES,
)
from geostead.telemetry.numbers import Numbers, together

_OWN = Path("/proc/self")


class Role(StrEnum):
    """What a process does."""

    HTTP_SERVER = "http_server"
    JOB_WORKER = "job_worker"
    SUPERVISOR = "supervisor"


class Measured(TypedDict):
    """What one process said of itself."""

    pid: int
    role: str
    began_at_s: float
    cpu_s: float
    memory_bytes: int
    """0 where the system does not tell."""
    open_files: int
    """0 where the system does not tell."""


class OwnProcess:
    """The process that runs this."""

    def __init__(self, role: Role) -> None:
        self._role = role
        self._began_at_s = time.time()

    def measure(self) -> Measured:
        """Look at what it uses now."""
        used = resource.getrusage(resource.RUSAGE_SELF)
        return {
            "pid": os.getpid(),
            "role": self._role,
            "began_at_s": self._began_at_s,
            "cpu_s": used.ru_utime + used.ru_stime,
            "memory_bytes": _memory_bytes(),
            "open_files": _open_files(),
        }


def of_processes(processes: Iterable[Measured]) -> Numbers:
    """Return the numbers of all processes by role: processor time of dead ones too, all else of living ones."""
    return together([Numbers(gauges={_BUILD: 1.0}), *_by_role(list(processes))])


_BUILD = (BUILD.name, __version__, platform.python_version())


def _by_role(processes: list[Measured]) -> Iterable[Numbers]:
    for role in sorted({process["role"] for process in processes}):
        of_role = [process for process in processes if process["role"] == role]
        living = [process for process in of_role if _is_alive(process["pid"])]
        yield Numbers(
            counters={(PROCESS_CPU.name, role): sum(process["cpu_s"] for process in of_role)},
            gauges={
                (PROCESSES.name, role): float(len(living)),
                (PROCESS_MEMORY.name, role): float(sum(process["memory_bytes"] for process in living)),
                (PROCESS_FILES.name, role): float(sum(process["open_files"] for process in living)),
                (PROCESS_START.name, role): max((process["began_at_s"] for process in living), default=0.0),
            },
        )


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    return True


def _memory_bytes() -> int:
    try:
        return int((_OWN / "statm").read_text().split()[1]) * resource.getpagesize()
    except OSError:
        return 0


def _open_files() -> int:
    try:
        return len(os.listdir(_OWN / "fd"))  # noqa: PTH208  a list of names is all that is wanted
    except OSError:
        return 0
