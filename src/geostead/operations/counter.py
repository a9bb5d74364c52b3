"""Counting what a long operation has done, for a progress bar."""

from __future__ import annotations

from collections.abc import Callable

Report = Callable[[int, int], object]
"""Is told how many files are done, and out of how many: that may grow while they are counted."""


class Counter:
    """Counts files and tells."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._done = 0
        self._total = 0

    def expect(self, count: int) -> None:
        """Add files that are to be done."""
        self._total += count
        self._report(self._done, self._total)

    def one_done(self) -> None:
        """Count one file as done."""
        self._done += 1
        self._report(self._done, self._total)
