"""How much memory processes hold."""

from __future__ import annotations

import resource
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from tests.servers import Running

LOOK_S = 0.05


def most_memory_bytes() -> int:
    """Return the most memory that this process, and the largest one that it has waited for, had together."""
    lines = dict(line.split(":") for line in Path("/proc/self/status").read_text().splitlines())
    own_kib = int(lines["VmHWM"].split()[0])  # what getrusage tells of this process includes its parent
    return 1024 * (own_kib + resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)


@dataclass
class MemoryWatch:
    """The most memory that was seen, in bytes, by the id of each process that the first one has started.

    Each of them counts with everything that it has started itself.
    """

    peaks: dict[int, int] = field(default_factory=dict)

    @property
    def peak(self) -> int:
        """The most of all."""
        return max(self.peaks.values())

    def look(self, running: Running) -> None:
        """Look once."""
        branches = {running.process.pid: 0}
        sizes: Counter[int] = Counter()
        for process in running.tree()[1:]:  # parents come first
            with suppress(psutil.NoSuchProcess):
                branches[process.pid] = branches[process.ppid()] or process.pid
                sizes[branches[process.pid]] += process.memory_info().rss
        self.peaks |= {pid: max(self.peaks.get(pid, 0), size_bytes) for pid, size_bytes in sizes.items()}


@contextmanager
def watched(running: Running) -> Iterator[MemoryWatch]:
    """Look again and again until the block is left."""
    watch, is_over = MemoryWatch(), threading.Event()

    def look() -> None:
        while not is_over.wait(LOOK_S):
            watch.look(running)

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield watch
    finally:
        is_over.set()
        thread.join()
