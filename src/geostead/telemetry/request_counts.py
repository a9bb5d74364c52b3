"""Requests of one operation, counted in a third of a microsecond."""

from __future__ import annotations

from bisect import bisect_left

from geostead.telemetry.measures import REQUEST_BOUNDS_S

STATUSES = ("gone", "1xx", "2xx", "3xx", "4xx", "5xx")
"""What the label ``status`` may say; ``gone`` for clients that did not wait for the reply."""
GONE = 0
"""The status of a request whose client did not wait."""


class RequestCounts:
    """Counts in plain integers. For one thread, the one of the event loop; others may look."""

    __slots__ = ("buckets", "seconds", "statuses")

    def __init__(self) -> None:
        self.statuses = [0] * len(STATUSES)
        """How many, by the first digit of the status."""
        self.buckets = [0] * (len(REQUEST_BOUNDS_S) + 1)
        """How many, by how long they took."""
        self.seconds = 0.0

    def add(self, status: int, seconds: float) -> None:
        """Count a request, answered with an HTTP status or :data:`GONE`."""
        self.statuses[status // 100] += 1
        self.buckets[bisect_left(REQUEST_BOUNDS_S, seconds)] += 1
        self.seconds += seconds
