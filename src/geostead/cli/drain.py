"""The last seconds of a server: it still answers, and tells everybody to go elsewhere."""

from __future__ import annotations

import ctypes
import multiprocessing


class Drain:
    """Whether a node is about to stop: one byte of memory that all its processes share, so asking costs nothing.

    Picklable while a process is being started, and only then.
    """

    def __init__(self, seconds: float) -> None:
        """``seconds`` is how long requests go on being answered: time for load balancers to notice."""
        self.seconds = seconds
        self._flag = multiprocessing.get_context("spawn").RawValue(ctypes.c_bool, False)

    def begin(self) -> None:
        """Say so to all processes, at once. Safe in a signal handler."""
        self._flag.value = True

    def is_on(self) -> bool:
        """Tell whether it has begun."""
        return self._flag.value
