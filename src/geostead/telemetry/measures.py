"""Everything that is measured: the closed list of metrics, which ``docs/reference/metrics.md`` explains.

Labels take words out of closed sets only, never the name of a data source, an account, a path or a key: how many series
there are must not depend on what is asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """How numbers of several processes come together."""

    COUNTER = "counter"
    """They are added, those of processes that have died included."""
    HISTOGRAM = "histogram"
    """As counters."""
    GAUGE = "gauge"
    """As each metric says."""


@dataclass(frozen=True, slots=True)
class Measure:
    """One metric."""

    name: str
    kind: Kind
    help: str
    labels: tuple[str, ...] = ()
    known: tuple[tuple[str, ...], ...] = ()
    """Values of the labels that are told from the beginning, as 0: what first is 1 has not grown to Prometheus."""


def _counter(name: str, text: str, *labels: str, known: tuple[str, ...] = ()) -> Measure:
    beginnings = tuple((word,) for word in known) if labels else ((),)
    return Measure(f"geostead_{name}", Kind.COUNTER, text, labels, beginnings)


def _histogram(name: str, text: str, *labels: str) -> Measure:
    return Measure(f"geostead_{name}", Kind.HISTOGRAM, text, labels)


def _gauge(name: str, text: str, *labels: str) -> Measure:
    return Measure(f"geostead_{name}", Kind.GAUGE, text, labels)


REQUESTS = _counter("http_requests_total", "Requests answered.", "operation", "status")
REQUEST_SECONDS = _histogram(
    "http_request_seconds", "Time from the headers of a request to the end of its reply.", "operation"
)
CAUSES = ("catalog", "snapshots", "blobs", "objects", "routing", "geocoding", "other")
"""What the label ``cause`` may say: the rooms that keep or ask something."""
UNAVAILABLE = _counter("unavailable_total", "Requests answered 503, by what did not answer.", "cause", known=CAUSES)

JOBS_ENDED = _counter("jobs_ended_total", "Attempts at jobs that came to an end.", "kind", "outcome")
JOB_SECONDS = _histogram("job_seconds", "Time that an attempt at a job took.", "kind")
ROWS = _counter("rows_loaded_total", "Rows of uploads that loads have read.", "outcome", known=("good", "bad"))

SNAPSHOT_OPENS = _counter("snapshot_opens_total", "Snapshots opened.")
CACHE_HITS = _counter("snapshot_cache_hits_total", "Snapshots that were wanted and in the node's cache.")
CACHE_MISSES = _counter("snapshot_cache_misses_total", "Snapshots that were wanted and had to be fetched.")
CACHE_EVICTIONS = _counter("snapshot_cache_evictions_total", "Snapshots that made room for others in the cache.")
CACHE_FETCHED = _counter("snapshot_cache_fetched_bytes_total", "Bytes fetched from the object store.")
CACHE_BYTES = Measure(
    "geostead_snapshot_cache_bytes", Kind.GAUGE, "Bytes in the node's cache of snapshots.", known=((),)
)

CATALOG_UP = _gauge("catalog_up", "1 if the catalog answered this scrape, else 0.")
JOBS = _gauge("jobs", "Jobs of the installation that have not ended.", "kind", "state")
OLDEST_JOB = _gauge("oldest_runnable_job_age_seconds", "Age of the oldest job that only a worker is missing for.")
DATA_SOURCES = _gauge("data_sources", "Data sources of the installation.", "access")
VERSIONS = _gauge("versions", "Versions of the installation.", "state")
ENTITIES = _gauge("entities", "Entities of the installation.", "state")

BUILD = _gauge("build_info", "1, for the program that runs.", "version", "python")
PROCESSES = _gauge("processes", "Processes of the node.", "role")
PROCESS_MEMORY = _gauge("process_resident_memory_bytes", "Memory in use by the processes of the node.", "role")
PROCESS_FILES = _gauge("process_open_fds", "Open files of the processes of the node.", "role")
PROCESS_START = _gauge("process_start_time_seconds", "When the youngest process began, since 1970 UTC.", "role")
PROCESS_CPU = _counter("process_cpu_seconds_total", "Processor time of the processes of the node.", "role")

MEASURES = tuple(value for value in globals().values() if isinstance(value, Measure))

REQUEST_BOUNDS_S = (
    0.0001,
    0.00025,
    0.0005,
    0.001,
    0.0025,
    0.005,
    0.01,
    0.025,
    0.05,
    0.1,
    0.25,
    0.5,
    1.0,
    2.5,
    5.0,
    10.0,
    60.0,
)
JOB_BOUNDS_S = (0.1, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 3600.0)
BOUNDS_S = {REQUEST_SECONDS.name: REQUEST_BOUNDS_S, JOB_SECONDS.name: JOB_BOUNDS_S}
"""Upper ends of the buckets of each histogram."""
