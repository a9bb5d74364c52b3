"""What was counted, by one process or by all of a node."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from operator import add
from typing import Any

Series = tuple[str, ...]
"""The name of a metric, then the value of each of its labels."""


@dataclass(slots=True)
class Histogram:
    """How many took how long."""

    buckets: list[int]
    """How many, up to each of the bounds and beyond the last; each is counted once."""
    seconds: float

    def plus(self, other: Histogram) -> Histogram:
        """Return both together."""
        return Histogram(list(map(add, self.buckets, other.buckets)), self.seconds + other.seconds)


@dataclass(slots=True)
class Numbers:
    """Counters, histograms and gauges."""

    counters: dict[Series, float] = field(default_factory=dict)
    histograms: dict[Series, Histogram] = field(default_factory=dict)
    gauges: dict[Series, float] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Return plain data."""
        return {
            "counters": [[*series, value] for series, value in self.counters.items()],
            "histograms": [[*series, found.buckets, found.seconds] for series, found in self.histograms.items()],
            "gauges": [[*series, value] for series, value in self.gauges.items()],
        }

    @staticmethod
    def from_dict(content: dict[str, Any]) -> Numbers:
        """Read what :meth:`to_dict` returned."""
        return Numbers(
            {tuple(series): value for *series, value in content["counters"]},
            {tuple(series): Histogram(buckets, seconds) for *series, buckets, seconds in content["histograms"]},
            {tuple(series): value for *series, value in content["gauges"]},
        )


def together(parts: Iterable[Numbers]) -> Numbers:
    """Add counters and histograms; of each gauge the last one counts."""
    counters: Counter[Series] = Counter()
    whole = Numbers()
    for part in parts:
        counters.update(part.counters)
        for series, found in part.histograms.items():
            known = whole.histograms.get(series)
            whole.histograms[series] = found if known is None else known.plus(found)
        whole.gauges.update(part.gauges)
    whole.counters = dict(counters)
    return whole
