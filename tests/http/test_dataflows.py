"""Loads and downloads through the door (http-api.md, sections 1, 2 and 3)."""

from __future__ import annotations

import errno
import gzip
import os
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from lxml import etree

from geostead.catalog.base import Ending
from geostead.http.options import HttpOptions
from geostead.model.data_source import DataSource
from geostead.model.job import JobStatus, LoadOperation, Progress, log_blob, output_blob
from geostead.model.limits import PROFILES
from tests.http.door import Door, World
from tests.installations import Clock

LOAD = "/REST/v1/Dataflows/LoadDataSource"
DOWNLOAD = "/REST/v1/Dataflows/DataSourceDownload"
ROLLBACK = "/REST/v1/Dataflows/DataSourceRollback"
NEW = f"{LOAD}?dataSourceName=New&loadOperation=complete&input=csv&key=master"


def resource(reply: object) -> dict[str, object]:
    """Return the one resource of a management reply."""
    (found,) = reply.json()["resourceSets"][0]["resources"]  # type: ignore[attr-defined]
    return dict(found)


def test_a_load_is_accepted_and_its_upload_kept(door: Door) -> None:
    reply = door.post(NEW + "&description=first", b"a,b\n")
    assert reply.status_code == 201
    assert reply.json()["statusCode"] == 201
    job = resource(reply)
    assert job["status"] == "Pending"
    assert job["description"] == "first"
    with door.services.blobs.open(f"uploads/{job['id']}") as upload:
        assert upload.read() == b"a,b\n"
    recorded = door.services.catalog.get_job(str(job["id"]))
    assert recorded is not None
    assert recorded.status is JobStatus.PENDING


def test_an_upload_that_finds_no_room_is_503_and_leaves_nothing(
    door: Door, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    door.post(NEW)  # makes the folders
    kept = set(tmp_path.glob("blobs/*/*"))
    monkeypatch.setattr(os, "fsync", fail)
    reply = door.post(NEW)
    assert reply.status_code == 503
    assert reply.json()["errorDetails"] == ["The server's disk is full; try again when its operator has made room."]
    assert set(tmp_path.glob("blobs/*/*")) == kept
    assert door.services.catalog.claim("worker", 1) is not None
    assert door.services.catalog.claim("worker", 1) is None


def test_c22_location_is_absolute_has_no_query_string_and_answers(door: Door) -> None:
    location = door.post(NEW).headers["Location"]
    assert location.startswith(f"http://places.test{LOAD}/")
    assert "?" not in location
    assert door.get(f"{location}?output=json&key=master").status_code == 200


@pytest.mark.parametrize("path", [LOAD.lower(), LOAD.upper(), "//REST/v1//Dataflows/LoadDataSource/"])
def test_case_and_repeated_slashes_of_a_path_do_not_matter(door: Door, path: str) -> None:
    url = f"http://places.test{path}?&KEY=master&DATASOURCENAME=a&LoadOperation=COMPLETE&Input=CSV&clientApi=x"
    assert door.post(url).status_code == 201


def test_content_type_and_accept_of_a_request_do_not_count(door: Door) -> None:
    reply = door.post(NEW, headers={"Content-Type": "application/xml", "Accept": "text/html"})
    assert reply.status_code == 201
    assert reply.headers["Content-Type"] == "application/json; charset=utf-8"


@pytest.mark.parametrize("parameter", ["output=xml", "o=XML"])
def test_replies_and_errors_are_xml_on_demand(door: Door, parameter: str) -> None:
    for reply, status in ((door.post(f"{NEW}&{parameter}"), 201), (door.post(f"{LOAD}?{parameter}"), 401)):
        assert reply.status_code == status
        assert reply.headers["Content-Type"] == "application/xml; charset=utf-8"
        root = etree.fromstring(reply.content)
        assert root.findtext("{*}StatusCode") == str(status)


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("dataSourceName=a%20b&loadOperation=complete&input=csv", "dataSourceName"),
        ("dataSourceName=a&loadOperation=sideways&input=csv", "expected complete"),
        ("loadOperation=complete&input=csv", "dataSourceName"),
        ("loadOperation=incremental&input=csv&accessId=0f", "accessId"),
        ("dataSourceName=a&loadOperation=complete&input=csv&accessId=0f", "accessId"),
        ("dataSourceName=a&loadOperation=incremental&input=csv", "loadOperation"),
        ("dataSourceName=a&loadOperation=incrementalStaging&input=csv", "loadOperation"),
        ("dataSourceName=a&loadOperation=completeStaging&input=csv&setPublic=1", "setPublic"),
        ("dataSourceName=a&loadOperation=complete&input=csv&strict=perhaps", "strict"),
        ("dataSourceName=a&loadOperation=complete&input=csv&dataLocation=ftp://a/b", "dataLocation"),
        ("dataSourceName=a&loadOperation=complete&input=ods", "expected csv, tab, pipe, xml, kml, shp, geojson or"),
        ("dataSourceName=a&loadOperation=complete&input=csv&output=yaml", "expected json or xml"),
        ("dataSourceName=a&loadOperation=complete&input=csv&queryKey=master", "queryKey"),
        ("dataSourceName=a&loadOperation=complete&input=csv&queryKey=stranger", "queryKey"),
        ("dataSourceName=a&loadOperation=complete&input=csv&queryKey=nobody", "queryKey"),
        ("dataSourceName=a&loadOperation=complete&input=csv&setPublic=2", "setPublic"),
    ],
)
def test_a_load_that_is_not_in_order_is_refused_and_leaves_nothing(door: Door, query: str, message: str) -> None:
    reply = door.post(f"{LOAD}?{query}&key=master")
    assert reply.status_code == 400
    assert message in reply.json()["errorDetails"][0]
    assert list(door.services.blobs.unused()) == []


def test_a_load_without_a_body_is_refused(door: Door) -> None:
    reply = door.post(NEW, b"")
    assert reply.status_code == 400
    assert "body" in reply.json()["errorDetails"][0]
    assert list(door.services.blobs.unused()) == []


async def pieces(size_bytes: int) -> AsyncIterator[bytes]:
    for _ in range(size_bytes // 1000):
        yield bytes(1000)


@pytest.mark.parametrize("announced", [True, False])
def test_a_body_beyond_the_limit_is_drained_and_refused_in_the_envelope(
    door: Door, world: World, announced: bool
) -> None:
    world.account("small", "tiny", limits=replace(PROFILES["basic"], upload_bytes=10_000))
    body = bytes(50_000) if announced else pieces(50_000)
    reply = door.post(NEW.replace("key=master", "key=tiny"), body)
    assert reply.status_code == 413
    assert "the maximum is 10,000" in reply.json()["errorDetails"][0]
    assert list(door.services.blobs.unused()) == []


def test_a_body_of_exactly_the_limit_is_accepted(door: Door, world: World) -> None:
    world.account("small", "tiny", limits=replace(PROFILES["basic"], upload_bytes=10_000))
    assert door.post(NEW.replace("key=master", "key=tiny"), bytes(10_000)).status_code == 201


def test_a_refused_body_is_drained_before_the_answer(door: Door) -> None:
    drained = []

    async def count() -> AsyncIterator[bytes]:
        async for piece in pieces(3_000_000):
            drained.append(len(piece))
            yield piece

    assert door.post(NEW.replace("key=master", "key=wrong"), count()).status_code == 401
    assert sum(drained) == 3_000_000


def test_draining_has_an_end(door: Door) -> None:
    frugal = Door(door.services, HttpOptions(drain_bytes=10_000))
    drained = []

    async def count() -> AsyncIterator[bytes]:
        async for piece in pieces(3_000_000):
            drained.append(len(piece))
            yield piece

    assert frugal.post("/REST/v1/nowhere", count()).status_code == 404
    assert sum(drained) == 10_000


def test_too_many_jobs_are_403_and_the_upload_is_removed(door: Door, world: World) -> None:
    world.account("small", "tiny", limits=replace(PROFILES["basic"], jobs_in_process=1))
    url = NEW.replace("key=master", "key=tiny")
    assert door.post(url).status_code == 201
    reply = door.post(url)
    assert reply.status_code == 403
    assert reply.json()["authenticationResultCode"] == "ValidCredentials"
    assert set(door.services.blobs.unused()) <= door.services.catalog.used_blobs()


def test_only_the_master_key_loads_into_an_existing_data_source(door: Door, places: DataSource) -> None:
    url = f"{LOAD}?dataSourceName=places&loadOperation=complete&input=csv"
    for key, status in (("master", 201), ("query", 401), ("stranger", 201)):
        reply = door.post(f"{url}&key={key}")
        assert reply.status_code == status, key
    assert door.post(f"{url}&key=query").json()["authenticationResultCode"] == "NotAuthorized"


def test_the_query_key_and_publicity_of_a_load_are_in_its_order(door: Door, world: World) -> None:
    job = resource(door.post(NEW + "&queryKey=%20query&setPublic=1"))
    recorded = door.services.catalog.get_job(str(job["id"]))
    assert recorded is not None
    assert recorded.order.set_public is True  # type: ignore[union-attr]
    assert recorded.order.query_key_id == world.key("query").id  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("key", "status", "code"),
    [
        ("master", 200, "ValidCredentials"),
        ("%20master%20", 200, "ValidCredentials"),
        ("query", 401, "NotAuthorized"),
        ("stranger", 401, "NotAuthorized"),
        ("MASTER", 401, "InvalidCredentials"),
        ("", 401, "NoCredentials"),
    ],
)
def test_the_status_of_a_load_is_for_its_master_key(door: Door, world: World, key: str, status: int, code: str) -> None:
    job = world.load("master", "Early")
    reply = door.get(f"{LOAD}/{job.id.upper()}?key={key}")
    assert reply.status_code == status
    assert reply.json()["authenticationResultCode"] == code
    assert reply.headers["Cache-Control"] == "no-store"


def test_the_status_of_an_aborted_first_load_stays_readable_though_the_data_source_is_gone(
    door: Door, world: World
) -> None:
    job = world.claim(world.load("master", "Early"))
    log = log_blob(job.id, job.attempt)
    world.write_blob(log, b"severity\n")
    ending = Ending(Progress(1, 1, 1), door.services.now(), log)
    door.services.catalog.abort(job, "worker", "the file is no good", ending)
    reply = door.get(f"{LOAD}/{job.id}?key=master")
    assert resource(reply)["status"] == "Aborted"
    assert reply.json()["errorDetails"] == ["the file is no good"]
    sent = door.get(f"{LOAD}/{job.id}/output/failed?key=master")
    assert (sent.status_code, sent.content) == (200, b"severity\n")
    assert door.get(f"{LOAD}/{job.id}/output/failed?key=stranger").status_code == 401


def test_an_aborted_job_without_a_log_has_one_line_that_says_why(door: Door, world: World, clock: Clock) -> None:
    job = world.claim(world.load("master", "Early"))
    door.services.catalog.abort(job, "worker", "Internal error, trace 0f", Ending(Progress(0, 0, 0), clock()))
    links = {link["role"]: link["url"] for link in resource(door.get(f"{LOAD}/{job.id}?key=master"))["links"]}
    log = door.get(f"{links['output']}?key=master")
    assert (log.status_code, log.headers["Content-Type"]) == (200, "text/csv; charset=utf-8")
    assert log.text.splitlines()[1:] == ['aborted,,,,"Internal error, trace 0f",']
    assert door.get(f"{links['output']}?key=stranger").status_code == 401


@pytest.mark.parametrize("path", [LOAD, DOWNLOAD])
def test_the_log_of_a_job_that_has_none_is_404_and_says_so(door: Door, world: World, path: str) -> None:
    job = world.load("master")
    reply = door.get(f"{LOAD}/{job.id}/output/failed?key=master")
    assert reply.status_code == 404
    assert "pending" in reply.json()["errorDetails"][0]
    assert door.get(f"{path}/{'0' * 32}/output/failed?key=master").status_code == 404


def test_a_job_of_another_kind_is_404(door: Door, world: World, places: DataSource) -> None:
    download = resource(door.get(f"{DOWNLOAD}/{places.access_id}/Places?key=master"))
    load = world.load("master")
    assert door.get(f"{LOAD}/{download['id']}?key=master").status_code == 404
    assert door.get(f"{DOWNLOAD}/{load.id}?key=master").status_code == 404


@pytest.mark.parametrize("folder", ["Dataflows", "data"])
def test_a_download_is_accepted_on_both_documented_paths(door: Door, places: DataSource, folder: str) -> None:
    url = f"/REST/v1/{folder}/DataSourceDownload/{places.access_id.upper()}/PLACES"
    reply = door.get(f"{url}?key=master")
    assert reply.status_code == 201
    job = resource(reply)
    assert job["totalEntityCount"] == 4
    assert reply.headers["Location"] == f"http://places.test{DOWNLOAD}/{job['id']}"
    assert door.get(f"{url}?key=query").json()["authenticationResultCode"] == "NotAuthorized"


def test_head_does_not_create_a_download(door: Door, places: DataSource) -> None:
    reply = door.request("HEAD", f"{DOWNLOAD}/{places.access_id}/Places?key=master")
    assert reply.status_code == 405
    assert reply.headers["Allow"] == "GET"
    assert door.get(f"{DOWNLOAD}/Places?key=master").status_code == 404


def test_a_download_names_its_version(door: Door, world: World, places: DataSource) -> None:
    url = f"{DOWNLOAD}/{places.access_id}/Places?key=master"
    first = door.services.catalog.find_data_source(places.access_id, "Places")
    assert first is not None
    assert first.published is not None
    world.publish("master")
    for version_id in (first.published.job_id, first.published.job_id.upper()):
        job = door.services.catalog.get_job(str(resource(door.get(f"{url}&jobId={version_id}"))["id"]))
        assert job is not None
        assert job.order.version_id == first.published.job_id  # type: ignore[union-attr]
    assert door.get(f"{url}&jobId={'0' * 32}").status_code == 404


def test_a_download_of_nothing_is_404(door: Door, world: World) -> None:
    assert door.get(f"{DOWNLOAD}/{'0' * 32}/Places?key=master").status_code == 404
    job = world.load("master", "Pending")
    reply = door.get(f"{DOWNLOAD}/{job.access_id}/Pending?key=master")
    assert reply.status_code == 404
    assert "no published version" in reply.json()["errorDetails"][0]


def test_the_newest_download_is_found_by_the_name_of_its_data_source(door: Door, places: DataSource) -> None:
    create = f"{DOWNLOAD}/{places.access_id}/Places?key=master"
    door.get(create)
    newest = resource(door.get(create))["id"]
    assert resource(door.get(f"{DOWNLOAD}/places?key=master"))["id"] == newest
    assert door.get(f"{DOWNLOAD}/places?key=query").status_code == 401
    assert door.get(f"{DOWNLOAD}/places?key=stranger").status_code == 404


def test_the_output_of_a_download_is_404_until_it_is_there(door: Door, world: World, places: DataSource) -> None:
    job_id = resource(door.get(f"{DOWNLOAD}/{places.access_id}/Places?key=master"))["id"]
    url = f"{DOWNLOAD}/{job_id}/output/succeeded"
    pending = door.get(f"{url}?key=master")
    assert pending.status_code == 404
    assert "pending" in pending.json()["errorDetails"][0]
    accepted = door.services.catalog.get_job(str(job_id))
    assert accepted is not None
    job = world.claim(accepted)
    content = b"<Places>" + b"x" * 600_000 + b"</Places>"
    world.write_blob(output_blob(job.id, job.attempt), content)
    ending = Ending(Progress(4, 4, 0), door.services.now())
    door.services.catalog.complete_download(job, "worker", output_blob(job.id, job.attempt), ending)

    reply = door.get(f"{url}?key=master&dataFormat=XML")
    assert (reply.status_code, reply.content) == (200, content)
    assert reply.headers["Content-Type"] == "application/xml; charset=utf-8"
    assert reply.headers["Content-Length"] == str(len(content))
    assert "Content-Encoding" not in reply.headers
    assert door.get(f"{url}?key=master&dataFormat=ods").status_code == 400
    assert "xml, csv, geojson or geoparquet" in door.get(f"{url}?key=master&dataFormat=ods").json()["errorDetails"][0]
    assert door.get(f"{url}?key=query").status_code == 401

    head = door.request("HEAD", f"{url}?key=master")
    assert (head.status_code, head.content, head.headers["Content-Length"]) == (200, b"", str(len(content)))
    compressed = door.get(f"{url}?key=master", headers={"Accept-Encoding": "gzip"})
    assert compressed.headers["Content-Encoding"] == "gzip"
    assert compressed.content == content  # httpx unpacks
    assert len(gzip.compress(content)) < 10_000

    door.services.blobs.delete(output_blob(job.id, job.attempt))
    assert door.get(f"{url}?key=master").status_code == 404


@pytest.mark.parametrize(("said", "strict"), [("", True), ("&strict=0", False)])
def test_loads_are_strict_by_default_where_the_operator_wants_it(door: Door, said: str, strict: bool) -> None:
    demanding = Door(door.services, HttpOptions(strict_loads=True))
    recorded = door.services.catalog.get_job(str(resource(demanding.post(NEW + said))["id"]))
    assert recorded is not None
    assert recorded.order.strict is strict  # type: ignore[union-attr]


def test_an_incremental_load_may_name_its_data_source_by_the_access_id(door: Door, places: DataSource) -> None:
    url = f"{LOAD}?loadOperation=incremental&input=csv&key=master&accessId={places.access_id.upper()}"
    assert resource(door.post(url))["name"] == "Places"
    assert door.post(url.replace("incremental", "complete")).status_code == 400


def test_a_body_beside_a_location_is_refused_without_repeating_the_location(door: Door) -> None:
    location = "https%3A%2F%2Facct.blob.core.windows.net%2Fc%2Fb.csv%3Fsig%3DGeheim"
    reply = door.post(f"{NEW}&dataLocation={location}")
    assert reply.status_code == 400
    assert "dataLocation" in reply.json()["errorDetails"][0]
    assert "Geheim" not in reply.text


def test_the_jobs_of_the_account_are_listed_with_what_they_do(door: Door, world: World, places: DataSource) -> None:
    door.get(f"{DOWNLOAD}/{places.access_id}/Places?key=master")
    door.get(f"/REST/v1/data/{places.access_id}/Places/$updateDataSource?setPublic=0&key=master")
    world.load("master", operation=LoadOperation.INCREMENTAL)
    world.load("stranger", "Theirs")
    reply = door.get("/REST/v1/Dataflows/ListJobs?key=query")
    listed = reply.json()["resourceSets"][0]
    assert (reply.status_code, listed["estimatedTotal"]) == (200, 3)
    assert sorted(job["description"] for job in listed["resources"]) == [
        "DataSourceAccess",
        "DataSourceComplete",
        "DataSourceIncremental",
    ]
    assert listed["resources"][0]["status"] == "Pending"
    assert all(job["links"][0]["role"] == "self" for job in listed["resources"])
    xml = etree.fromstring(door.get("/REST/v1/dataflows/listjobs?key=query&o=xml").content)
    assert len(xml.findall(".//{*}Resources/{*}DataServiceJob")) == 1


def test_a_rollback_is_accepted_run_and_followed_without_a_key(door: Door, world: World) -> None:
    first = world.publish("master")
    (old,) = world.version_ids(first)
    world.publish("master")
    url = f"{ROLLBACK}/{old.upper()}/PLACES?key=master"
    assert door.request("HEAD", url).headers["Allow"] == "GET"
    reply = door.get(url)
    job = resource(reply)
    assert (reply.status_code, job["status"], job["description"]) == (201, "Pending", "DataSourceRollback")
    assert reply.headers["Location"] == f"http://places.test{ROLLBACK}/{job['id']}"
    world.run_change(str(job["id"]))
    assert world.version_ids(first)[0] == old
    done = resource(door.get(f"{ROLLBACK}/{job['id']}"))
    assert (done["status"], [link["role"] for link in done["links"]]) == (  # type: ignore[attr-defined]
        "Completed",
        ["self", "dataSource", "datasource"],
    )
    for key, status in (("master", 200), ("", 200), ("query", 401), ("stranger", 401), ("nobody", 401)):
        assert door.get(f"{ROLLBACK}/{job['id']}?key={key}").status_code == status, key
    assert door.get(f"{ROLLBACK}/{job['id']}/output/failed?key=master").status_code == 404
    assert door.get(f"{ROLLBACK}/{job['id']}/output/failed").status_code == 401


def test_a_rollback_to_a_version_or_of_a_data_source_that_is_not_there_is_404(
    door: Door, world: World, places: DataSource
) -> None:
    other = world.publish("master", "Other")
    for version_id, name in (("0" * 32, "Places"), (world.version_ids(other)[0], "Places"), ("0" * 32, "Nowhere")):
        reply = door.get(f"{ROLLBACK}/{version_id}/{name}?key=master")
        assert reply.status_code == 404
        assert reply.json()["errorDetails"]
    assert door.get(f"{ROLLBACK}/{world.version_ids(places)[0]}/Places?key=query").status_code == 401
