"""A circuit breaker: what failed several times in a row is let alone for a while."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from geostead.errors import Unavailable


class Breaker:
    """Lets calls through until ``max_failures`` in a row have failed, then one every ``rest_s`` until one succeeds.

    Threads may share it.
    """

    def __init__(self, now_s: Callable[[], float], max_failures: int = 5, rest_s: float = 15.0) -> None:
        self._now_s = now_s
        self._max_failures = max_failures
        self._rest_s = rest_s
        self._lock = threading.Lock()
        self._failures = 0
        self._rests_until_s = 0.0

    @contextmanager
    def call(self) -> Iterator[None]:
        """Make a call within this block: what is raised there counts as a failure.

        Raises Unavailable where it is not let through.
        """
        self._enter()
        try:
            yield
        except BaseException:
            self._count_failure()
            raise
        with self._lock:
            self._failures = 0

    def _enter(self) -> None:
        """Let this call through; where it is the one that tries again, the others go on waiting meanwhile."""
        with self._lock:
            if self._failures >= self._max_failures:
                if self._now_s() < self._rests_until_s:
                    raise Unavailable("The routing engine failed several times in a row; try again in a minute.")
                self._rest()

    def _count_failure(self) -> None:
        with self._lock:
            self._failures += 1
            if self._failures >= self._max_failures:
                self._rest()

    def _rest(self) -> None:
        self._rests_until_s = self._now_s() + self._rest_s
