"""The metrics of a node in the text format of Prometheus."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import accumulate
from typing import TypeVar

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from geostead.catalog.base import Statistics
from geostead.model.job import JobKind
from geostead.telemetry import measures
from geostead.telemetry.measures import BOUNDS_S, MEASURES, Kind, Measure
from geostead.telemetry.numbers import Numbers, Series, together

T = TypeVar("T")

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def encode_metrics(node: Numbers, installation: Statistics | None) -> bytes:
    """Write what a node has counted, and what its catalog told; None if that did not answer."""
    return bytes(generate_latest(registry_of(lambda: all_numbers(node, installation))))


def all_numbers(node: Numbers, installation: Statistics | None) -> Numbers:
    """Return both together."""
    return together([_BEGINNING, node, numbers_of(installation)])


def _zeros(kind: Kind) -> dict[Series, float]:
    of_kind = (measure for measure in MEASURES if measure.kind is kind)
    return {(measure.name, *labels): 0.0 for measure in of_kind for labels in measure.known}


_BEGINNING = Numbers(counters=_zeros(Kind.COUNTER), gauges=_zeros(Kind.GAUGE))


def registry_of(measure: Callable[[], Numbers]) -> CollectorRegistry:
    """Return what the library's HTTP server asks at every scrape."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Measured(measure))
    return registry


def numbers_of(installation: Statistics | None) -> Numbers:
    """Return what the catalog told as gauges: every kind and state, those that there are none of too."""
    if installation is None:
        return Numbers(gauges={(measures.CATALOG_UP.name,): 0.0})
    told = installation
    gauges: dict[Series, float] = {
        (measures.CATALOG_UP.name,): 1.0,
        (measures.OLDEST_JOB.name,): told.oldest_runnable_age_s,
    }
    for state, jobs in (("waiting", told.waiting_jobs), ("running", told.running_jobs)):
        gauges |= {(measures.JOBS.name, kind.value, state): float(jobs.get(kind, 0)) for kind in JobKind}
    for access in ("public", "private"):
        gauges[measures.DATA_SOURCES.name, access] = float(told.data_sources.get(access, 0))
    for state in ("published", "staged", "previous"):
        gauges[measures.VERSIONS.name, state] = float(told.versions.get(state, 0))
        gauges[measures.ENTITIES.name, state] = float(told.entities.get(state, 0))
    return Numbers(gauges=gauges)


class _Measured(Collector):
    """Hands numbers over to the library, which knows how each kind of metric is written."""

    def __init__(self, measure: Callable[[], Numbers]) -> None:
        self._measure = measure

    def collect(self) -> Iterator[Metric]:
        """Yield every metric that there are numbers of."""
        numbers = self._measure()
        for measure in MEASURES:
            family = _family(measure, numbers)
            if family.samples:
                yield family


def _family(measure: Measure, numbers: Numbers) -> Metric:
    match measure.kind:
        case Kind.COUNTER:
            counter = CounterMetricFamily(measure.name, measure.help, labels=measure.labels)
            for labels, value in _of(measure, numbers.counters.items()):
                counter.add_metric(labels, value)
            return counter
        case Kind.GAUGE:
            gauge = GaugeMetricFamily(measure.name, measure.help, labels=measure.labels)
            for labels, value in _of(measure, numbers.gauges.items()):
                gauge.add_metric(labels, value)
            return gauge
        case Kind.HISTOGRAM:
            return _histogram(measure, numbers)


def _histogram(measure: Measure, numbers: Numbers) -> Metric:
    family = HistogramMetricFamily(measure.name, measure.help, labels=measure.labels)
    bounds = (*(repr(bound) for bound in BOUNDS_S[measure.name]), "+Inf")
    for labels, found in _of(measure, numbers.histograms.items()):
        family.add_metric(labels, list(zip(bounds, accumulate(found.buckets), strict=True)), found.seconds)
    return family


def _of(measure: Measure, numbers: Iterable[tuple[Series, T]]) -> Iterator[tuple[list[str], T]]:
    """Yield the labels and values of one metric, in the order of the labels."""
    for series, value in sorted(numbers, key=lambda item: item[0]):
        if series[0] == measure.name:
            yield list(series[1:]), value
