"""What processes of a node count comes together, whatever becomes of them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from threading import Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geostead.telemetry.measures import (
    CACHE_BYTES,
    CACHE_HITS,
    JOB_BOUNDS_S,
    JOB_SECONDS,
    JOBS_ENDED,
    MEASURES,
    PROCESSES,
    REQUEST_BOUNDS_S,
    REQUEST_SECONDS,
    REQUESTS,
)
from geostead.telemetry.node_meters import NodeMeters, read_node
from geostead.telemetry.numbers import Numbers, together
from geostead.telemetry.own_process import Role
from geostead.telemetry.request_counts import GONE, RequestCounts


def test_a_process_without_a_node_tells_its_own_numbers() -> None:
    meters = NodeMeters(Role.HTTP_SERVER, None)
    meters.add(JOBS_ENDED, "load", "completed")
    meters.add(CACHE_HITS, amount=3)
    meters.set(CACHE_BYTES, 7)
    numbers = meters.of_node()
    assert numbers.counters[JOBS_ENDED.name, "load", "completed"] == 1
    assert numbers.counters[CACHE_HITS.name,] == 3
    assert numbers.gauges[CACHE_BYTES.name,] == 7
    assert numbers.gauges[PROCESSES.name, "http_server"] == 1


def test_the_numbers_of_all_processes_are_added_and_the_gauge_set_last_counts(tmp_path: Path) -> None:
    first, second = NodeMeters(Role.HTTP_SERVER, tmp_path), NodeMeters(Role.JOB_WORKER, tmp_path)
    for meters, count in ((first, 2), (second, 5)):
        meters.add(CACHE_HITS, amount=count)
        meters.observe(JOB_SECONDS, "load", seconds=count)
        meters.set(CACHE_BYTES, count)
    first.set(CACHE_BYTES, 1)
    second.close()
    numbers = first.of_node()
    assert numbers.counters[CACHE_HITS.name,] == 7
    assert numbers.histograms[JOB_SECONDS.name, "load"].seconds == 7
    assert sum(numbers.histograms[JOB_SECONDS.name, "load"].buckets) == 2
    assert numbers.gauges[CACHE_BYTES.name,] == 1
    first.close()


def test_what_a_process_counted_that_was_killed_goes_on_counting(tmp_path: Path) -> None:
    program = f"""
import os, signal
from pathlib import Path
from geostead.telemetry.measures import CACHE_HITS
from geostead.telemetry.node_meters import NodeMeters
from geostead.telemetry.own_process import Role
meters = NodeMeters(Role.JOB_WORKER, Path({str(tmp_path)!r}))
meters.add(CACHE_HITS, amount=4)
meters.of_node()
os.kill(os.getpid(), signal.SIGKILL)
"""
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == -9
    living = NodeMeters(Role.HTTP_SERVER, tmp_path)
    living.add(CACHE_HITS)
    numbers = living.of_node()
    living.close()
    assert numbers.counters[CACHE_HITS.name,] == 5
    assert numbers.gauges[PROCESSES.name, "job_worker"] == 0
    assert numbers.gauges[PROCESSES.name, "http_server"] == 1


def test_nothing_that_many_threads_count_is_lost() -> None:
    meters = NodeMeters(Role.JOB_WORKER, None)

    def count() -> None:
        for _ in range(2_000):
            meters.add(CACHE_HITS)
            meters.observe(JOB_SECONDS, "load", seconds=0.2)

    threads = [Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    numbers = meters.of_node()
    assert numbers.counters[CACHE_HITS.name,] == 8_000
    assert numbers.histograms[JOB_SECONDS.name, "load"].buckets[1] == 8_000


def test_a_file_is_whole_json_and_a_full_disk_costs_no_request(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    meters = NodeMeters(Role.HTTP_SERVER, tmp_path)
    meters.add(CACHE_HITS)
    meters.close()
    (file,) = tmp_path.iterdir()
    assert json.loads(file.read_bytes())["process"]["pid"] == os.getpid()
    file.unlink()
    tmp_path.rmdir()
    meters.add(CACHE_HITS)
    meters._write()
    assert not tmp_path.exists()


@given(st.lists(st.tuples(st.sampled_from([GONE, 101, 200, 204, 304, 404, 503]), st.floats(0, 100)), max_size=50))
def test_every_request_is_counted_once_in_each_of_the_three_ways(requests: list[tuple[int, float]]) -> None:
    counts = RequestCounts()
    for status, seconds in requests:
        counts.add(status, seconds)
    assert sum(counts.statuses) == sum(counts.buckets) == len(requests)
    for bound, reached in zip(REQUEST_BOUNDS_S, range(1, len(REQUEST_BOUNDS_S) + 1), strict=True):
        assert sum(counts.buckets[:reached]) == sum(seconds <= bound for _, seconds in requests)


@given(st.floats(0, 10_000))
def test_a_histogram_counts_up_to_and_including_its_bounds(seconds: float) -> None:
    meters = NodeMeters(Role.JOB_WORKER, None)
    meters.observe(JOB_SECONDS, "load", seconds=seconds)
    buckets = meters.of_node().histograms[JOB_SECONDS.name, "load"].buckets
    assert buckets.index(1) == sum(seconds > bound for bound in JOB_BOUNDS_S)


def test_requests_of_an_operation_are_counted_by_status(tmp_path: Path) -> None:
    meters = NodeMeters(Role.HTTP_SERVER, tmp_path)
    counts = meters.requests("queryEntities")
    assert meters.requests("queryEntities") is counts
    counts.add(200, 0.001)
    counts.add(503, 3.0)
    meters.close()
    numbers = read_node(tmp_path)
    assert {series[2]: value for series, value in numbers.counters.items() if series[0] == REQUESTS.name} == {
        "2xx": 1,
        "5xx": 1,
    }
    assert numbers.histograms[REQUEST_SECONDS.name, "queryEntities"].seconds == pytest.approx(3.001)


def test_numbers_are_read_as_they_were_written() -> None:
    meters = NodeMeters(Role.JOB_WORKER, None)
    meters.add(JOBS_ENDED, "load", "aborted")
    meters.observe(JOB_SECONDS, "load", seconds=2)
    numbers = meters.of_node()
    assert Numbers.from_dict(json.loads(json.dumps(numbers.to_dict()))) == numbers
    assert together([]) == Numbers()


def test_names_are_unique_and_say_their_unit_as_prometheus_wants_it() -> None:
    names = [measure.name for measure in MEASURES]
    assert len(set(names)) == len(names)
    for measure in MEASURES:
        assert measure.name.startswith("geostead_")
        assert measure.name.endswith("_total") == (measure.kind.value == "counter")
        assert all(len(labels) == len(measure.labels) for labels in measure.known)
