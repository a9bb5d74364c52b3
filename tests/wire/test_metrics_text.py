"""Metrics as text, read back by the parser of the client library."""

from __future__ import annotations

from prometheus_client.parser import text_string_to_metric_families

from geostead.catalog.base import Statistics
from geostead.model.job import JobKind
from geostead.telemetry.measures import CAUSES, JOB_BOUNDS_S, JOB_SECONDS
from geostead.telemetry.node_meters import NodeMeters
from geostead.telemetry.numbers import Numbers
from geostead.telemetry.own_process import Role
from geostead.wire.metrics_text import encode_metrics

TOLD = Statistics(
    waiting_jobs={JobKind.LOAD: 2},
    running_jobs={},
    oldest_runnable_age_s=1.5,
    data_sources={"public": 3},
    versions={"published": 3},
    entities={"published": 4_000_000_000},
)


def samples(text: bytes) -> dict[tuple[str, ...], float]:
    """Return every sample by its name and the values of its labels, by the names of these."""
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text.decode())
        for sample in family.samples
    }


def test_what_there_is_none_of_is_told_as_zero() -> None:
    found = samples(encode_metrics(Numbers(), TOLD))
    assert found["geostead_jobs", "load", "waiting"] == 2
    assert found["geostead_jobs", "download", "running"] == 0
    assert found["geostead_entities", "published"] == 4e9
    assert found["geostead_data_sources", "private"] == 0
    assert found["geostead_snapshot_cache_hits_total",] == 0
    assert all(found["geostead_unavailable_total", cause] == 0 for cause in CAUSES)


def test_a_catalog_that_does_not_answer_is_told_and_so_is_what_the_node_knows_by_itself() -> None:
    found = samples(encode_metrics(NodeMeters(Role.HTTP_SERVER, None).of_node(), None))
    assert found["geostead_catalog_up",] == 0
    assert found["geostead_processes", "http_server"] == 1
    assert not [series for series in found if series[0] == "geostead_jobs"]


def test_the_buckets_of_a_histogram_add_up() -> None:
    meters = NodeMeters(Role.JOB_WORKER, None)
    for seconds in (0.05, 0.4, 4000):
        meters.observe(JOB_SECONDS, "load", seconds=seconds)
    found = samples(encode_metrics(meters.of_node(), None))
    buckets = [found["geostead_job_seconds_bucket", "load", str(bound)] for bound in JOB_BOUNDS_S]
    assert buckets == [1, 2, 2, 2, 2, 2, 2, 2, 2]
    assert found["geostead_job_seconds_bucket", "load", "+Inf"] == found["geostead_job_seconds_count", "load"] == 3
    assert found["geostead_job_seconds_sum", "load"] == 4000.45
