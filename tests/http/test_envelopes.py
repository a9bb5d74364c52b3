"""Every error comes in the envelope of its URL, the framework's own included (C19)."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import NoReturn

import pytest
from lxml import etree

from geostead.errors import LeaseLost, SnapshotDamaged, Unavailable
from geostead.http.options import HttpOptions
from geostead.operations.services import Services
from tests.http.door import Door, World

ID = "0" * 32
MANAGED = [
    "/REST/v1/Dataflows/LoadDataSource",
    f"/REST/v1/Dataflows/LoadDataSource/{ID}",
    f"/REST/v1/Dataflows/LoadDataSource/{ID}/output/failed",
    f"/REST/v1/Dataflows/DataSourceDownload/{ID}",
    f"/REST/v1/Dataflows/DataSourceDownload/{ID}/Places",
    f"/REST/v1/data/DataSourceDownload/{ID}/Places",
    f"/REST/v1/Dataflows/DataSourceDownload/{ID}/output/succeeded",
    f"/REST/v1/Dataflows/DataSourceDownload/{ID}/output/failed",
    "/REST/v1/Dataflows/ListJobs",
    f"/REST/v1/Dataflows/DataSourceRollback/{ID}",
    f"/REST/v1/Dataflows/DataSourceRollback/{ID}/Places",
    f"/REST/v1/Dataflows/DataSourceRollback/{ID}/output/failed",
    f"/REST/v1/data/{ID}/Places/$commit",
    f"/REST/v1/data/{ID}/Places/$updateDataSource",
    f"/REST/v1/data/jobs/{ID}/$getstatus",
]
DESCRIBED = [
    "/REST/v1/data",
    "/REST/v1/data/$metadata",
    "/REST/v1/data/$GetPublicDataSourceList",
    f"/REST/v1/data/{ID}/Places",
    f"/REST/v1/data/{ID}/Places/$metadata",
    f"/REST/v1/data/{ID}/Places/Cafes",
    f"/REST/v1/data/{ID}/Places/Cafes('1')",
]
NOWHERE = [
    "/REST/",
    "/rest/v2",
    "/REST/v1",
    "/REST/v1/data/a/b/$publish",
    "/REST/v1/data/jobs",
    f"/REST/v1/data/jobs/{ID}",
    f"/REST/v1/data/jobs/{ID}/$metadata",
    f"/REST/v1/data/jobs/{ID}/Cafes",
    "/REST/v1/a/b/c/d/e/f",
    "/REST/v1/%00%0A<é>",
]


class Broken:
    """A port of which every method raises the same error."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def __getattr__(self, _name: str) -> Callable[..., NoReturn]:
        def fail(*_arguments: object) -> NoReturn:
            raise self._error

        return fail


def broken(services: Services, error: Exception) -> Door:
    """Return a door whose catalog raises."""
    return Door(replace(services, catalog=Broken(error)))  # type: ignore[arg-type]


def method_for(url: str) -> str:
    return "POST" if url.endswith("LoadDataSource") else "GET"


@pytest.mark.parametrize("url", MANAGED + NOWHERE)
def test_c19_whatever_goes_wrong_with_a_management_url_is_told_in_its_envelope(door: Door, url: str) -> None:
    for method in ("GET", "POST", "DELETE", "OPTIONS", "TRACE", "BREW"):
        reply = door.request(method, url)
        assert reply.status_code in (401, 404, 405)
        told = reply.json()
        assert told["statusCode"] == reply.status_code
        assert told["resourceSets"] == []
        assert told["traceId"] == reply.headers["X-Request-Id"]
        assert all(told["errorDetails"])
        assert ("Allow" in reply.headers) == (reply.status_code == 405)
        xml = door.request(method, f"{url}?o=xml")
        assert xml.headers["Content-Type"] == "application/xml; charset=utf-8"
        assert etree.fromstring(xml.content).findtext("{*}ErrorDetails/{*}string")


@pytest.mark.parametrize("url", DESCRIBED)
def test_whatever_goes_wrong_with_a_url_ruled_by_format_is_an_odata_error(door: Door, url: str) -> None:
    for method, status, code in (("GET", 401, "NoCredentials"), ("PUT", 405, "MethodNotAllowed")):
        reply = door.request(method, f"{url}?$format=json")
        assert reply.status_code == status
        assert reply.json()["error"]["code"] == code
        assert len(reply.headers["X-Request-Id"]) == 32
        xml = door.request(method, url)
        assert etree.fromstring(xml.content).tag.endswith("/dataservices/metadata}error")


def test_c19_whatever_goes_wrong_with_a_deletion_is_told_in_the_management_envelope(door: Door) -> None:
    url = f"/REST/v1/data/{ID}/Places"
    for query, status in (("$format=json", 401), ("key=master", 404), ("key=master&isStaging=x", 400)):
        assert door.request("DELETE", f"{url}?{query}").json()["statusCode"] == status
    assert etree.fromstring(door.request("DELETE", f"{url}?o=xml").content).findtext("{*}StatusCode") == "401"
    assert door.request("DELETE", f"{url}?key=master&output=yaml").json()["statusCode"] == 400
    assert door.request("DELETE", "/REST/v1/data?$format=json").json()["statusCode"] == 405


def test_where_nobody_looked_at_the_key_nothing_is_said_about_it(door: Door) -> None:
    for method, url in (("GET", "/REST/v1/nowhere"), ("PUT", MANAGED[0])):
        assert door.request(method, f"{url}?key=master").json()["authenticationResultCode"] == "None"


def test_the_logo_that_management_replies_name_is_there(door: Door) -> None:
    named = door.get(MANAGED[1]).json()["brandLogoUri"]
    logo = door.get(named.removeprefix("http:"))
    assert logo.headers["Content-Type"] == "image/png"
    assert logo.content.startswith(b"\x89PNG")


def test_outside_of_rest_nothing_is_promised_but_a_status(door: Door) -> None:
    assert door.get("/nothing").status_code == 404
    assert door.get("/nothing/here").status_code == 404
    assert door.post("/healthz").status_code == 405


@pytest.mark.parametrize("error", [RuntimeError("key=master"), LeaseLost("/srv/secret")])
def test_a_bug_is_shown_as_its_trace_id_and_logged_with_it(
    services: Services, caplog: pytest.LogCaptureFixture, error: Exception
) -> None:
    for url in MANAGED + DESCRIBED:
        caplog.clear()
        reply = broken(services, error).request(method_for(url), f"{url}?key=master&$format=json")
        trace_id = reply.headers["X-Request-Id"]
        assert reply.status_code == 500
        assert trace_id in reply.text
        assert "master" not in reply.text
        assert "secret" not in reply.text
        (record,) = [record for record in caplog.records if record.levelno == logging.ERROR]
        assert record.trace == trace_id  # type: ignore[attr-defined]
        assert record.exc_info is not None
        assert record.exc_info[1] is error


def test_what_is_unavailable_is_503_logged_and_says_when_to_come_again(
    services: Services, caplog: pytest.LogCaptureFixture
) -> None:
    door = broken(services, Unavailable("The catalog sleeps."))
    for url in [*MANAGED, *DESCRIBED, "/readyz"]:
        reply = door.request(method_for(url), f"{url}?key=k&$format=json")
        assert reply.status_code == 503
        logged = [record for record in caplog.records if record.name.startswith("geostead.")][-1]
        assert logged.levelno == logging.WARNING
        assert logged.trace == reply.headers["X-Request-Id"]  # type: ignore[attr-defined]
        assert reply.headers["Retry-After"] == "5"
        assert "The catalog sleeps." in reply.text


def test_a_damaged_snapshot_is_unavailable_and_its_path_is_for_the_log(
    services: Services, caplog: pytest.LogCaptureFixture
) -> None:
    world = World(services)
    world.account("owners", "master")
    access_id = world.publish("master").access_id
    door = Door(replace(services, snapshots=Broken(SnapshotDamaged("/srv/secret: 1 byte"))))  # type: ignore[arg-type]
    reply = door.get(f"/REST/v1/data/{access_id}/Places/Cafes?key=master&$format=json")
    assert reply.status_code == 503
    assert "secret" not in reply.text
    assert "/srv/secret: 1 byte" in caplog.text


def test_the_process_is_alive_even_if_nothing_else_is(services: Services, door: Door) -> None:
    assert broken(services, Unavailable("no")).get("/healthz").status_code == 200
    for url in ("/healthz", "/readyz"):
        assert door.get(url).text == "ok\n"
        assert door.request("HEAD", url).status_code == 200


def test_a_client_that_hangs_up_gets_no_reply_and_is_no_bug(
    services: Services, door: Door, caplog: pytest.LogCaptureFixture
) -> None:
    load = "/REST/v1/Dataflows/LoadDataSource?dataSourceName=a&loadOperation=complete&input=csv&key=master"
    for method, url in (("POST", load), ("POST", "/REST/v1/nowhere"), ("POST", f"/REST/v1/data/{ID}/a/b")):
        assert door.abandoned(method, url, [b"half"]) == []
    assert caplog.records == []
    assert list(services.blobs.unused()) == []


def test_the_catalog_is_closed_when_the_server_stops(services: Services) -> None:
    closed = []

    class Closing(Broken):
        def close(self) -> None:
            closed.append(True)

    door = Door(replace(services, catalog=Closing(RuntimeError())), HttpOptions())  # type: ignore[arg-type]
    assert door.live() == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
    assert closed == [True]
