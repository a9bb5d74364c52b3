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

from tests.processes import Running
from tests.servers import Server

LOOK_S = 0.05


def most_memory_bytes() -> int:
    """Return the most memory that this process, and the largest one that it has waited for, had together."""
    lines = dict(line.split(":") for line in Path("/proc/self/status").read_text().splitlines())
    own_kib = int(lines["VmHWM"].split()[0])  # what getrusage tells of this process includes its parent
    return 1024 * (own_kib + resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)


@dataclass
class MemoryWatch:
    """The most memory that was seen, in bytes, by the id of each process that what was started has started.

    Each of them counts with everything that it has started itself.
    """

    peaks: dict[int, int] = field(default_factory=dict)

    @property
    def peak(self) -> int:
        """The most of all."""
        return max(self.peaks.values())

    def look(self, running: Running | Server) -> None:
        """Look once."""
        sizes: Counter[int] = Counter()
        for child in running.children():
            with suppress(psutil.NoSuchProcess):
                for process in (child, *child.children(recursive=True)):
                    sizes[child.pid] += process.memory_info().rss
        self.peaks |= {pid: max(self.peaks.get(pid, 0), size_bytes) for pid, size_bytes in sizes.items()}


@contextmanager
def watched(running: Running | Server) -> Iterator[MemoryWatch]:
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
