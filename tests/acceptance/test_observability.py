"""What an operator sees of real nodes: their numbers together, whichever process is asked; their logs; their traces."""

from __future__ import annotations

import json
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.processes import Running
from tests.servers import Server, create_account, run_cli, start_node, start_worker
from tests.telemetry.collector import running_collector
from tests.telemetry.scrapes import Scrape, scrape, scraped

UPLOAD = (
    b"Bing Spatial Data Services, 1.0, Cafes\n"
    b"EntityID(Edm.String,primaryKey)|Latitude(Edm.Double)|Longitude(Edm.Double)\n1|10|10\n2|11|far\n3|12|12\n"
)
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
CALLER = "00f067aa0ba902b7"
REQUESTS = "geostead_http_requests_total"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("observed") / "data"


@pytest.fixture(scope="module")
def keys(data_dir: Path) -> dict[str, str]:
    return create_account(data_dir, "acme")


@pytest.fixture(scope="module")
def node(data_dir: Path, keys: dict[str, str]) -> Iterator[Server]:
    """Return a node with two HTTP server processes and two job workers that logs each request."""
    arguments = {"GEOSTEAD_ACCESS_LOG": "true"}
    with start_node(data_dir, "--workers", "2", environment=arguments) as server:
        yield server


def load(server: Server, key: str, headers: dict[str, str] | None = None) -> dict[str, Any]:
    """Load the cafés under a trace of the caller, and wait for the end."""
    query = {"dataSourceName": "Cafes", "loadOperation": "complete", "input": "pipe", "key": key}
    reply = server.client.post("/REST/v1/Dataflows/LoadDataSource", params=query, content=UPLOAD, headers=headers or {})
    assert reply.status_code == httpx.codes.CREATED, reply.text
    job: dict[str, Any] = server.finished(key, reply.json()["resourceSets"][0]["resources"][0]["id"])
    assert job["status"] == "Completed"
    return job


def entities_url(job: dict[str, Any]) -> str:
    """Return the URL of the entities that a load made."""
    (url,) = {link["url"] for link in job["links"] if link.get("role") == "dataSource"}
    return f"{url}/Cafes"


def lines(log: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]


def http_processes(server: Server) -> list[Any]:
    """Return the processes that answer requests: they listen, and have no children that do."""
    return [process for process in server.tree() if process.net_connections("tcp") and not process.children()]


def queries(found: Scrape) -> float:
    return found.total(REQUESTS, operation="queryEntities", status="2xx")


def test_a_scrape_of_any_process_tells_the_numbers_of_all_and_none_is_lost_with_a_process(
    node: Server, keys: dict[str, str]
) -> None:
    metrics = f"{node.url}/metrics"
    url = entities_url(load(node, keys["master"]))
    before = scraped(metrics, lambda found: found.total("geostead_rows_loaded_total") > 0)
    expected = queries(before) + 30
    for _ in range(30):  # each on a connection of its own, so that every process gets some
        assert httpx.get(url, params={"key": keys["master"]}).status_code == httpx.codes.OK
    for _ in range(4):
        told = scraped(metrics, lambda found: queries(found) == expected)
        assert told.total("geostead_http_request_seconds_count", operation="queryEntities") >= expected
    assert told.total("geostead_processes", role="http_server") == 2
    assert told.total("geostead_processes", role="job_worker") == 2
    loads = told.total("geostead_jobs_ended_total", kind="load", outcome="completed")
    assert told.total("geostead_job_seconds_count", kind="load") == loads
    assert told.total("geostead_rows_loaded_total", outcome="good") == 2 * loads
    assert told.total("geostead_rows_loaded_total", outcome="bad") == loads
    assert told.total("geostead_entities", state="published") == 2
    assert told.total("geostead_snapshot_opens_total") >= 1

    for process in http_processes(node):
        process.send_signal(signal.SIGKILL)
        process.wait()
        again = scraped(metrics, lambda found: found.total("geostead_processes", role="http_server") == 2)
        assert queries(again) == expected


def test_no_name_path_or_key_ever_gets_into_metrics_or_logs(node: Server, keys: dict[str, str]) -> None:
    job = load(node, keys["master"])
    url = entities_url(job)
    secrets = [*keys.values(), "nobodys-key-value"]
    for key in secrets:
        httpx.get(url, params={"key": key, "$filter": "nonsense"})
        httpx.get(f"{node.url}/REST/v1/{key}", params={"key": key})
        httpx.get(f"{node.url}/REST/v1/data", params={"KEY": key}, headers={"traceparent": key})
    told = scrape(f"{node.url}/metrics").text
    logged = node.log.read_text()
    assert not [secret for secret in secrets if secret in told or secret in logged]
    access_id = url.split("/")[-3]
    assert not [name for name in ("Cafes", access_id, job["id"], "acme") if name in told]


def test_a_load_can_be_followed_from_its_request_to_its_worker(node: Server, keys: dict[str, str]) -> None:
    job = load(node, keys["master"], {"traceparent": f"00-{TRACE}-{CALLER}-01"})
    ended = f'"job":"{job["id"]}","kind"'
    deadline_s = time.monotonic() + 30
    while ended not in node.log.read_text() and time.monotonic() < deadline_s:
        time.sleep(0.05)
    found = [line for line in lines(node.log) if line.get("trace") == TRACE]
    assert [line["operation"] for line in found if line["logger"] == "geostead.access"] == ["loadDataSource"]
    (ran,) = (line for line in found if line["message"] == "Ran a job.")
    assert (ran["job"], ran["outcome"]) == (job["id"], "completed")
    answered = [line for line in lines(node.log) if line["logger"] == "geostead.access"]
    assert len({line["trace"] for line in answered}) == len(answered)
    assert {"method", "operation", "status", "ms", "trace"} <= set(answered[0])


def test_requests_that_wait_in_threads_keep_their_own_traces(node: Server, keys: dict[str, str]) -> None:
    url = entities_url(load(node, keys["master"]))
    shape = "intersects('POLYGON((" + ",".join(f"{i / 10} {i % 2}" for i in range(50)) + ",0 20,0 0))')"
    for number in range(20):
        trace = f"{number + 1:032x}"
        reply = httpx.get(
            url,
            params={"key": keys["master"], "spatialFilter": shape},
            headers={"traceparent": f"00-{trace}-{CALLER}-00"},
        )
        assert reply.headers["x-request-id"] == trace


@pytest.fixture
def own_dir(tmp_path: Path) -> Path:
    """Return the folder of an installation that no other test works with."""
    return tmp_path / "own"


@pytest.fixture
def own_keys(own_dir: Path) -> dict[str, str]:
    return create_account(own_dir, "acme")


@pytest.fixture
def worker_node(own_dir: Path, own_keys: dict[str, str]) -> Iterator[tuple[Running, int]]:
    """Return a node that runs jobs and nothing else, and the port of its metrics."""
    port = free_port()
    with start_worker(own_dir, "--concurrency", "2", environment={"GEOSTEAD_METRICS_PORT": str(port)}) as running:
        yield running, port


def test_a_node_that_only_runs_jobs_tells_its_numbers_at_its_own_port(
    own_dir: Path, own_keys: dict[str, str], worker_node: tuple[Running, int]
) -> None:
    own = free_port()
    with start_node(own_dir, "--no-worker", environment={"GEOSTEAD_METRICS_PORT": str(own)}) as server:
        load(server, own_keys["master"])
        assert server.client.get("/metrics").status_code == httpx.codes.NOT_FOUND
        api = scraped(
            f"http://127.0.0.1:{own}/metrics", lambda found: found.total(REQUESTS, operation="loadDataSource") == 1
        )
    worker = scraped(
        f"http://127.0.0.1:{worker_node[1]}/metrics",
        lambda found: found.total("geostead_jobs_ended_total", outcome="completed") == 1,
    )
    assert api.total("geostead_jobs_ended_total") == 0
    assert worker.total(REQUESTS) == 0
    assert api.total("geostead_data_sources") == worker.total("geostead_data_sources") == 1


def test_spans_of_a_load_and_a_query_reach_a_collector_and_tell_no_secret(
    own_dir: Path, own_keys: dict[str, str]
) -> None:
    with running_collector() as collector:
        variables = {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url, "OTEL_BSP_SCHEDULE_DELAY": "100"}
        with start_node(own_dir, environment=variables) as server:
            job = load(server, own_keys["master"], {"traceparent": f"00-{TRACE}-{CALLER}-01"})
            url = entities_url(job)
            httpx.get(url, params={"key": own_keys["master"], "$select": "EntityID"})
            request, ran = collector.awaited("loadDataSource"), collector.awaited("load job")
            query, search = collector.awaited("queryEntities"), collector.awaited("search")
            httpx.get(f"{server.url}/REST/v1/Dataflows/ListJobs", params={"key": own_keys["master"]})
            assert server.stop() == 0
        collector.awaited("listJobs")
    assert (request["trace"], request["parent"]) == (TRACE, CALLER)
    assert (ran["trace"], ran["parent"]) == (TRACE, request["id"])
    assert ran["attributes"]["geostead.job"] == job["id"]
    assert (search["trace"], search["parent"]) == (query["trace"], query["id"])
    assert not [key for key in own_keys.values() if key in repr(collector.spans)]


def test_a_collector_that_nobody_runs_takes_nothing_from_requests(own_dir: Path, own_keys: dict[str, str]) -> None:
    variables = {"GEOSTEAD_OTLP_ENDPOINT": f"http://127.0.0.1:{free_port()}"}
    with start_node(own_dir, environment=variables) as server:
        load(server, own_keys["master"])
        assert server.stop() == 0


def test_traces_without_the_extra_are_refused_with_the_way_to_get_it(
    own_dir: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    blocked = tmp_path / "sitecustomize.py"
    blocked.write_text("import sys\nsys.modules['opentelemetry'] = None\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("GEOSTEAD_OTLP_ENDPOINT", "http://127.0.0.1:4318")
    done = run_cli(own_dir, "worker")
    assert done.returncode == 1
    assert "pip install 'geostead[telemetry]'" in done.stderr
