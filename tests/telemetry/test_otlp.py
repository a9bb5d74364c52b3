"""Traces sent to a real collector, or to none."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest

from geostead.telemetry.otlp import LAST_WORD_S, OtlpTracing
from geostead.telemetry.trace import Trace, current_trace, read_trace, span, traced
from geostead.telemetry.tracing import Kind
from tests.telemetry.collector import Collector, running_collector

ID = "4bf92f3577b34da6a3ce929d0e0e4736"
CALLER = "00f067aa0ba902b7"


@pytest.fixture
def collector() -> Iterator[Collector]:
    with running_collector() as running:
        yield running


def test_a_request_is_a_span_with_the_id_that_its_reply_tells_and_its_parts_are_children(collector: Collector) -> None:
    tracing = OtlpTracing(collector.url)
    trace = tracing.begin(Trace(ID), Kind.REQUEST, "queryEntities", {"http.request.method": "GET"})
    with traced(trace), span("search", rows=3), span("deeper"):
        assert current_trace() != trace
    tracing.end(trace, 200, failed=False)
    tracing.close()
    request, search, deeper = (collector.awaited(name) for name in ("queryEntities", "search", "deeper"))
    assert {one["trace"] for one in (request, search, deeper)} == {ID}
    assert (request["parent"], search["parent"], deeper["parent"]) == ("", request["id"], search["id"])
    assert request["attributes"] == {"http.request.method": "GET", "http.response.status_code": 200}
    assert search["attributes"] == {"rows": 3}
    assert request["resource"]["service.name"] == "geostead"


def test_the_trace_of_the_caller_goes_on(collector: Collector) -> None:
    tracing = OtlpTracing(collector.url)
    tracing.end(tracing.begin(Trace(ID, CALLER, True), Kind.REQUEST, "getLoad", {}), 200, failed=False)
    tracing.close()
    found = collector.awaited("getLoad")
    assert (found["trace"], found["parent"]) == (ID, CALLER)


def test_what_the_caller_does_not_record_is_not_recorded_here_either(collector: Collector) -> None:
    tracing = OtlpTracing(collector.url)
    quiet = tracing.begin(Trace(ID, CALLER, False), Kind.REQUEST, "quiet", {})
    with traced(quiet), span("quiet part"):
        pass
    tracing.end(quiet, 200, failed=False)
    tracing.end(tracing.begin(Trace("1" * 32), Kind.REQUEST, "loud", {}), 200, failed=False)
    tracing.close()
    collector.awaited("loud")
    assert [one["name"] for one in collector.spans] == ["loud"]
    assert str(quiet).endswith("-00")


def test_the_standard_variable_says_how_much_is_recorded(collector: Collector, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_TRACES_SAMPLER", "always_off")
    none = OtlpTracing(collector.url)
    none.end(none.begin(Trace(ID), Kind.REQUEST, "dropped", {}), 200, failed=False)
    none.close()
    monkeypatch.setenv("OTEL_TRACES_SAMPLER", "always_on")
    every = OtlpTracing(collector.url)
    every.end(every.begin(Trace(ID, CALLER, False), Kind.REQUEST, "kept", {}), 200, failed=False)
    every.close()
    collector.awaited("kept")
    assert collector.named("dropped") == []


def test_a_job_hangs_on_the_request_that_accepted_it(collector: Collector) -> None:
    tracing = OtlpTracing(collector.url)
    request = tracing.begin(Trace(ID), Kind.REQUEST, "loadDataSource", {})
    written = str(request)
    tracing.end(request, 201, failed=False)
    told = read_trace(written)
    assert told is not None
    tracing.end(tracing.begin(told, Kind.JOB, "load job", {"geostead.job": "j"}), "aborted", failed=True)
    tracing.close()
    job = collector.awaited("load job")
    assert (job["trace"], job["parent"]) == (ID, collector.awaited("loadDataSource")["id"])
    assert job["attributes"] == {"geostead.job": "j", "geostead.job.outcome": "aborted"}
    assert job["is_error"]


def test_an_error_is_told_by_its_kind_and_never_by_its_text(collector: Collector) -> None:
    tracing = OtlpTracing(collector.url)
    trace = tracing.begin(Trace(ID), Kind.REQUEST, "queryEntities", {})
    with pytest.raises(ValueError, match="s3cret"), traced(trace), span("search"):
        raise ValueError("key=s3cret")
    tracing.end(trace, 500, failed=True)
    tracing.close()
    assert collector.awaited("search")["status"] == "ValueError"
    assert "s3cret" not in repr(collector.spans)


TO_THE_DEAF = """
import sys, time
from geostead.telemetry.otlp import OtlpTracing
from geostead.telemetry.trace import Trace
from geostead.telemetry.tracing import Kind
tracing = OtlpTracing(sys.argv[1])
for number in range(3_000):  # more than the queue holds
    tracing.end(tracing.begin(Trace(f"{number + 1:032x}"), Kind.REQUEST, "getLoad", {}), 200, failed=False)
began_s = time.monotonic()
tracing.close()
print(time.monotonic() - began_s)
"""
"""A process of its own: the threads that go on trying draw random numbers, which tests of properties must not see."""


def test_a_collector_that_does_not_answer_holds_nobody_up_and_ends_are_soon() -> None:
    with socket.socket() as deaf:  # connections wait in the backlog for ever
        deaf.bind(("127.0.0.1", 0))
        deaf.listen()
        command = [sys.executable, "-c", TO_THE_DEAF, f"http://127.0.0.1:{deaf.getsockname()[1]}"]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert float(done.stdout) < LAST_WORD_S * 5


def test_nothing_of_opentelemetry_and_prometheus_is_imported_where_nobody_wants_it() -> None:
    program = (
        "import sys, geostead.wiring.processes, geostead.cli.main\n"
        "print([name for name in sys.modules if name.startswith(('opentelemetry', 'prometheus_client', 'requests'))])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
