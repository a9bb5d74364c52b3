"""Processes that may use a share of one processor: so that several machines fit on one, as far as that goes."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

_PERIOD_US = 10_000
_V1 = Path("/sys/fs/cgroup/cpu")
_V2 = Path("/sys/fs/cgroup")


@dataclass(frozen=True)
class Group:
    """A group of processes that the kernel holds to a share of one processor."""

    folder: Path

    def add(self, processes: Iterable[psutil.Process]) -> None:
        """Put processes with all their threads in; children that they start later come in by themselves."""
        for process in processes:
            (self.folder / "cgroup.procs").write_text(str(process.pid))


@contextmanager
def share_of_a_processor(name: str, share: float) -> Iterator[Group]:
    """Make a group for as long as the block runs. Raises PermissionError where that is not allowed (not root)."""
    is_v2 = (_V2 / "cgroup.controllers").exists()
    folder = (_V2 if is_v2 else _V1) / f"geostead-{name}"
    folder.mkdir(exist_ok=True)
    quota_us = str(int(share * _PERIOD_US))
    if is_v2:
        (folder / "cpu.max").write_text(f"{quota_us} {_PERIOD_US}")
    else:
        (folder / "cpu.cfs_period_us").write_text(str(_PERIOD_US))
        (folder / "cpu.cfs_quota_us").write_text(quota_us)
    try:
        yield Group(folder)
    finally:
        _remove(folder)


def _remove(folder: Path) -> None:
    """Remove a group as soon as the last of its processes is gone."""
    deadline_s = time.monotonic() + 30
    while folder.exists():
        try:
            folder.rmdir()
        except OSError:
            if time.monotonic() > deadline_s:
                raise
            time.sleep(0.1)


def cpu_seconds(processes: Iterable[psutil.Process]) -> float:
    """Return how long processes have used a processor until now."""
    return sum(sum(process.cpu_times()[:2]) for process in processes)
