"""The port to where things are counted, for whoever has something to count."""

from __future__ import annotations

from typing import Protocol

from geostead.telemetry.measures import Measure
from geostead.telemetry.numbers import Numbers
from geostead.telemetry.request_counts import RequestCounts


class Meters(Protocol):
    """Counts. Every method may be called from any thread, waits for nobody and raises nothing."""

    def add(self, measure: Measure, *labels: str, amount: float = 1) -> None:
        """Add to a counter; one value for each of its labels."""

    def set(self, measure: Measure, value: float) -> None:
        """Set a gauge of the node: whoever of its processes set it last is right."""

    def observe(self, measure: Measure, *labels: str, seconds: float) -> None:
        """Add to a histogram."""

    def requests(self, operation: str) -> RequestCounts:
        """Return where the requests of an operation are counted."""

    def of_node(self) -> Numbers:
        """Return what all processes of this node have counted: the others as of a second ago."""

    def close(self) -> None:
        """Hand over what has been counted."""


class NoMeters:
    """Counts nothing."""

    def add(self, measure: Measure, *labels: str, amount: float = 1) -> None:
        """Do nothing."""

    def set(self, measure: Measure, value: float) -> None:
        """Do nothing."""

    def observe(self, measure: Measure, *labels: str, seconds: float) -> None:
        """Do nothing."""

    def requests(self, operation: str) -> RequestCounts:  # noqa: ARG002
        """Return counts that nobody looks at."""
        return RequestCounts()

    def of_node(self) -> Numbers:
        """Return nothing."""
        return Numbers()

    def close(self) -> None:
        """Do nothing."""


NO_METERS = NoMeters()
