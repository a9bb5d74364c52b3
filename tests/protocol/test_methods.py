"""http-api.md section 1: HEAD, and methods that a URL does not know."""

from __future__ import annotations

import pytest

from tests.protocol.api import DOWNLOAD, JOB_LIST, LOAD, PUBLIC_LIST, ROLLBACK, ROOT, Api, Source, pipe
from tests.servers import resource


@pytest.mark.parametrize(
    "what", ["entities", "entity", "info", "metadata", "list", "all_metadata", "status", "job_list", "public_list"]
)
def test_head_works_wherever_get_only_reads(cafes: Source, what: str) -> None:
    url = {
        "entities": cafes.entities_path,
        "entity": f"{cafes.entities_path}('A1')",
        "info": cafes.path,
        "metadata": f"{cafes.path}/$metadata",
        "list": "/data",
        "all_metadata": "/data/$metadata",
        "status": f"{LOAD}/{cafes.job['id']}",
        "job_list": JOB_LIST,
        "public_list": PUBLIC_LIST,
    }[what]
    got, head = cafes.api.get(url), cafes.api.request("HEAD", url)
    assert (got.status_code, head.status_code, head.content) == (200, 200, b"")
    assert head.headers["content-type"] == got.headers["content-type"]


def test_head_works_on_the_files_of_jobs(api: Api, parks: Source) -> None:
    bad = api.load("HeadOfLog", b"not ours")
    assert api.request("HEAD", f"{LOAD}/{bad['id']}/output/failed").status_code == 200
    output = api.download(parks)
    head = api.request("HEAD", output.request.url.path.removeprefix(ROOT), headers={"Accept-Encoding": "identity"})
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == str(len(output.content))


def test_head_tells_an_error_by_its_status(cafes: Source) -> None:
    reply = cafes.api.request("HEAD", f"{cafes.entities_path}?$top=x")
    assert (reply.status_code, reply.content) == (400, b"")


def test_head_works_on_the_status_of_publishes_rollbacks_and_changes_of_access(api: Api) -> None:
    upload = pipe("EntityID(Edm.String,primaryKey)", "1|1|2")
    source = api.source("HeadOfChanges", upload, "loadOperation=completeStaging")
    for reply in (
        api.get(f"{source.path}/$commit"),
        source.roll_back(source.job["id"]),
        api.get(f"{source.path}/$updateDataSource?setPublic=0"),
    ):
        head = api.request("HEAD", reply.headers["location"].removeprefix(api.server.url + ROOT))
        assert (head.status_code, head.content) == (200, b"")


def jobs_of(source: Source) -> list[str]:
    """The ids of the jobs of a data source that are in the job list."""
    listed = source.api.get(JOB_LIST).json()["resourceSets"][0]["resources"]
    return [job["id"] for job in listed if job["name"] == source.job["name"]]


@pytest.mark.parametrize("what", ["download", "download alias", "commit", "update", "rollback"])
def test_head_is_405_on_a_get_that_acts(cafes: Source, what: str) -> None:
    path = cafes.path.removeprefix("/data")
    url = {
        "download": DOWNLOAD + path,
        "download alias": f"/data/DataSourceDownload{path}",
        "commit": f"{cafes.path}/$commit",
        "update": f"{cafes.path}/$updateDataSource?setPublic=0",
        "rollback": f"{ROLLBACK}/{cafes.job['id']}/Cafes",
    }[what]
    before = jobs_of(cafes)
    reply = cafes.api.request("HEAD", url)
    assert (reply.status_code, reply.content, reply.headers["allow"]) == (405, b"", "GET")
    assert jobs_of(cafes) == before


def test_head_does_not_create_a_download(cafes: Source) -> None:
    newest = f"{DOWNLOAD}/{cafes.job['name']}"
    cafes.api.download(cafes)
    before = resource(cafes.api.get(newest))
    cafes.api.request("HEAD", DOWNLOAD + cafes.path.removeprefix("/data"))
    assert resource(cafes.api.get(newest)) == before


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "PATCH"])
def test_a_load_is_only_posted(api: Api, method: str) -> None:
    reply = api.request(method, LOAD)
    assert reply.status_code == 405
    assert "POST" in reply.headers["allow"]


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
def test_entities_are_only_read(cafes: Source, method: str) -> None:
    reply = cafes.api.request(method, cafes.entities_path)
    assert reply.status_code == 405
    assert "GET" in reply.headers["allow"]
