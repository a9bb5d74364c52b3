"""What acts on a data source: publish, make public or private, delete (http-api.md, section 3), through the door."""

from __future__ import annotations

import pytest

from geostead.model.data_source import DataSource
from tests.http.door import Door, World
from tests.http.test_dataflows import resource

DATA = "/REST/v1/data"


def url_of(source: DataSource, tail: str = "") -> str:
    return f"{DATA}/{source.access_id}/{source.name}{tail}"


@pytest.fixture
def staged(world: World, places: DataSource) -> DataSource:
    """A data source with a published and a staged version."""
    return world.stage("master", places.name)


def test_c20_a_publish_is_accepted_and_then_followed_without_a_key(
    door: Door, world: World, staged: DataSource
) -> None:
    url = url_of(staged, "/$Commit")
    reply = door.get(f"{url}?key=master")
    job = resource(reply)
    assert (reply.status_code, reply.json()["statusDescription"], job["status"]) == (202, "Accepted", "Accepted")
    assert (job["description"], job["name"]) == ("DataSourcePublishFromStaged", "Places")
    assert str(job["__type"]).startswith("DataServiceJob:")
    (link,) = job["links"]  # type: ignore[misc, attr-defined]
    status = f"http://places.test{DATA}/jobs/{job['id']}/$getstatus"
    assert (link["role"], link["url"], reply.headers["Location"]) == ("self", status, status)
    assert resource(door.get(status))["status"] == "Pending"
    world.run_change(str(job["id"]))
    assert resource(door.get(status))["status"] == "Completed"
    for key, code in (("master", 200), ("query", 401), ("stranger", 401), ("nobody", 401), ("", 200)):
        assert door.get(f"{status}?key={key}").status_code == code, key
    assert len(world.version_ids(staged)) == 2


def test_a_publish_of_nothing_is_404_and_says_so(door: Door, places: DataSource) -> None:
    reply = door.get(url_of(places, "/$commit?key=master"))
    assert reply.status_code == 404
    assert "stag" in reply.json()["errorDetails"][0]


@pytest.mark.parametrize("tail", ["/$commit", "/$updateDataSource?setPublic=1"])
def test_a_get_that_acts_is_405_for_head_and_changes_nothing(door: Door, staged: DataSource, tail: str) -> None:
    url = url_of(staged, tail)
    reply = door.request("HEAD", f"{url}{'&' if '?' in url else '?'}key=master")
    assert (reply.status_code, reply.headers["Allow"], reply.content) == (405, "GET", b"")
    listed = door.get("/REST/v1/Dataflows/ListJobs?key=master").json()["resourceSets"][0]["resources"]
    assert {job["description"] for job in listed} == {"DataSourceComplete", "DataSourceCompleteStaging"}


@pytest.mark.parametrize("tail", ["/$commit", "/$updateDataSource?setPublic=1"])
def test_nothing_happens_where_the_reply_could_not_be_given(door: Door, staged: DataSource, tail: str) -> None:
    url = url_of(staged, tail)
    assert door.get(f"{url}{'&' if '?' in url else '?'}key=master&output=yaml").status_code == 400
    assert door.services.catalog.claim("worker", 1) is None


@pytest.mark.parametrize(("value", "word"), [("1", "public"), ("true", "public"), ("0", "private")])
def test_publicity_is_changed_at_once(door: Door, places: DataSource, value: str, word: str) -> None:
    reply = door.get(url_of(places, f"/$updatedatasource?setPublic={value}&key=master"))
    job = resource(reply)
    assert (reply.status_code, job["status"]) == (201, "Completed")
    assert job["description"] == f'Data source "Places" set {word}'
    query = door.get(url_of(places, "/Cafes?key=stranger"))
    assert query.status_code == (200 if word == "public" else 401)
    status = f"{DATA}/jobs/{job['id']}/$getstatus"
    assert resource(door.get(f"{status}?key=master"))["status"] == "Completed"
    assert door.get(status).json()["authenticationResultCode"] == "NoCredentials"


@pytest.mark.parametrize("said", ["", "setPublic=", "setPublic=2"])
def test_publicity_has_to_be_said(door: Door, places: DataSource, said: str) -> None:
    reply = door.get(url_of(places, f"/$updateDataSource?{said}&key=master"))
    assert reply.status_code == 400
    assert "setPublic" in reply.json()["errorDetails"][0]


def test_a_deletion_is_accepted_without_a_word_and_followed_with_its_key_afterwards(
    door: Door, world: World, places: DataSource
) -> None:
    reply = door.request("DELETE", url_of(places, "?key=master"))
    assert (reply.status_code, reply.content) == (202, b"")
    status = reply.headers["Location"]
    assert status.startswith(f"http://places.test{DATA}/jobs/")
    assert "?" not in status
    for gone in ("", "/$metadata", "/Cafes", "/Cafes('1')"):
        assert door.get(url_of(places, f"{gone}?key=master")).status_code == 404
    assert resource(door.get(f"{status}?key=master"))["status"] == "Pending"
    world.run_change(status.split("/")[-2])
    job = resource(door.get(f"{status}?key=master"))
    assert (job["status"], job["description"]) == ("Completed", "DataSourceDelete")
    for key in ("", "query", "stranger"):
        assert door.get(f"{status}?key={key}").status_code == 401


@pytest.mark.parametrize("parameter", ["isStaging=1", "isStaged=true"])
def test_the_staged_version_is_deleted_alone(door: Door, world: World, staged: DataSource, parameter: str) -> None:
    reply = door.request("DELETE", url_of(staged, f"?key=master&{parameter}"))
    assert reply.status_code == 202
    assert door.get(url_of(staged, "/Cafes?key=master&isStaging=1")).status_code == 404
    assert door.get(url_of(staged, "/Cafes?key=master")).status_code == 200
    world.run_change(reply.headers["Location"].split("/")[-2])
    assert len(world.version_ids(staged)) == 1
    assert door.request("DELETE", url_of(staged, f"?key=master&{parameter}")).status_code == 404


@pytest.mark.parametrize(
    ("key", "code"), [("query", "NotAuthorized"), ("stranger", "NotAuthorized"), ("", "NoCredentials")]
)
def test_changes_are_for_the_master_key(door: Door, staged: DataSource, key: str, code: str) -> None:
    for method, tail in (("GET", "/$commit?"), ("GET", "/$updateDataSource?setPublic=1&"), ("DELETE", "?")):
        reply = door.request(method, url_of(staged, f"{tail}key={key}"))
        assert (reply.status_code, reply.json()["authenticationResultCode"]) == (401, code)


def test_a_get_of_a_data_source_never_deletes(door: Door, places: DataSource) -> None:
    for query in ("isStaging=1", "method=DELETE", "_method=DELETE"):
        assert door.get(url_of(places, f"?key=master&{query}")).status_code == 200
    assert door.services.catalog.claim("worker", 1) is None


def test_a_job_of_another_kind_is_404(door: Door, world: World, places: DataSource) -> None:
    load = world.load("master")
    for job_id in (load.id, "0" * 32, "nothing"):
        assert door.get(f"{DATA}/jobs/{job_id}/$getstatus?key=master").status_code == 404


def test_fixed_words_may_name_a_data_source(door: Door, world: World) -> None:
    for name in ("jobs", "DataSourceDownload", "$commit", "$metadata", "LoadDataSource"):
        source = world.publish("master", name)
        assert door.get(url_of(source, "/Cafes('1')?key=master")).status_code == 200
        assert door.get(url_of(source, "/$metadata?key=master")).status_code == 200
        assert door.get(url_of(source, "?key=master")).status_code == 200
