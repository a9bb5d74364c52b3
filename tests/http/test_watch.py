"""What is told of requests: to whom, under which trace, and for which cause they failed."""

from __future__ import annotations

import json
import logging
from dataclasses import replace

import pytest

from geostead.errors import Unavailable
from geostead.http.options import HttpOptions
from geostead.http.watch import cause_of
from geostead.log_lines import JsonLines
from geostead.model.data_source import DataSource
from geostead.operations.services import Services
from geostead.telemetry.measures import REQUESTS, UNAVAILABLE
from geostead.telemetry.node_meters import NodeMeters
from geostead.telemetry.own_process import Role
from tests.http.door import Door, World

LOCAL = HttpOptions(metrics_allowed=("127.0.0.0/8", "10.1.0.0/16"), trusted_proxies=("10.1.0.9",))
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
HEADER = {"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"}


@pytest.fixture
def measured(services: Services) -> Services:
    return replace(services, meters=NodeMeters(Role.HTTP_SERVER, None))


@pytest.mark.parametrize(("address", "status"), [("127.0.0.1", 200), ("10.1.2.3", 200), ("192.0.2.1", 404), ("", 404)])
def test_metrics_are_for_addresses_that_the_operator_allows(services: Services, address: str, status: int) -> None:
    assert Door(services, LOCAL, address).get("//places.test/metrics").status_code == status


def test_metrics_are_for_nobody_unless_somebody_is_allowed(services: Services) -> None:
    assert Door(services, HttpOptions(), "127.0.0.1").get("//places.test/metrics").status_code == 404


@pytest.mark.parametrize("name", ["Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "Via"])
def test_metrics_do_not_go_through_a_proxy_that_says_that_it_is_one(services: Services, name: str) -> None:
    assert Door(services, LOCAL, "127.0.0.1").get("//places.test/metrics", {name: "x"}).status_code == 404


def test_metrics_do_not_go_through_a_trusted_proxy_even_where_it_is_allowed(services: Services) -> None:
    assert Door(services, LOCAL, "10.1.0.9").get("//places.test/metrics").status_code == 404


def test_requests_are_counted_by_operation_and_status_and_unknown_ones_together(
    measured: Services, world: World, places: DataSource
) -> None:
    door = Door(measured)
    path = f"/data/{places.access_id}/{places.name}/Cafes"
    for url in (f"{path}?key=master", f"{path}?key=wrong", f"{path}('1')?key=master", "/data/nonsense/x/y/z"):
        door.get(f"//places.test/REST/v1{url}")
    door.request("HEAD", "//places.test/healthz")
    door.request("PUT", "//places.test/healthz")
    found = {
        series[1:]: count for series, count in measured.meters.of_node().counters.items() if series[0] == REQUESTS.name
    }
    assert found == {
        ("queryEntities", "2xx"): 1,
        ("queryEntities", "4xx"): 1,
        ("getEntity", "2xx"): 1,
        ("getHealth", "2xx"): 1,
        ("other", "4xx"): 2,
    }


def test_a_client_that_hangs_up_is_counted_as_gone(measured: Services, world: World) -> None:
    path = "/REST/v1/Dataflows/LoadDataSource?dataSourceName=A&loadOperation=complete&input=pipe&key=master"
    assert Door(measured).abandoned("POST", path, [b"half"]) == []
    assert measured.meters.of_node().counters[REQUESTS.name, "loadDataSource", "gone"] == 1


@pytest.mark.parametrize("url", ["/healthz", "/REST/v1/data", "/REST/v1/data/a/b/C?key=x"])
def test_the_trace_of_the_caller_goes_on_and_one_that_is_not_valid_does_not(services: Services, url: str) -> None:
    door = Door(services)
    assert door.get(f"//places.test{url}", HEADER).headers["x-request-id"] == TRACE
    own = door.get(f"//places.test{url}", {"traceparent": f"00-{TRACE}-0-01"}).headers["x-request-id"]
    assert own != TRACE
    assert len(own) == 32


def test_the_access_log_has_a_line_for_each_request_and_no_key(
    services: Services, places: DataSource, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "geostead.access")
    door = Door(services, HttpOptions(access_log=True))
    door.get(f"//places.test/REST/v1/data/{places.access_id}/{places.name}/Cafes?key=master&$top=1", HEADER)
    door.get("//places.test/REST/v1/data?key=master")
    lines = [json.loads(JsonLines().format(record)) for record in caplog.records if record.name == "geostead.access"]
    assert [(line["method"], line["operation"], line["status"]) for line in lines] == [
        ("GET", "queryEntities", 200),
        ("GET", "listDataSources", 200),
    ]
    assert lines[0]["trace"] == TRACE
    assert all(line["ms"] > 0 for line in lines)
    assert not any(secret in json.dumps(line) for line in lines for secret in ("master", places.access_id, places.name))


def test_no_request_is_logged_unless_that_is_wanted(services: Services, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "geostead.access")
    Door(services).get("//places.test/healthz")
    assert not [record for record in caplog.records if record.name == "geostead.access"]


def test_what_did_not_answer_is_told_by_its_room(measured: Services, world: World, places: DataSource) -> None:
    for snapshot_id in list(measured.snapshots.ids()):
        measured.snapshots.delete(snapshot_id)
    path = f"/data/{places.access_id}/{places.name}/Cafes?key=master"
    assert Door(measured).get(f"//places.test/REST/v1{path}").status_code == 503
    assert measured.meters.of_node().counters[UNAVAILABLE.name, "snapshots"] == 1
    assert cause_of(Unavailable("Nobody knows.")) == "other"
