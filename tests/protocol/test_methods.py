"""http-api.md section 1: HEAD, and methods that a URL does not know."""

from __future__ import annotations

import pytest

from tests.protocol.api import DOWNLOAD, LOAD, ROOT, Api, Source
from tests.servers import resource


@pytest.mark.parametrize("what", ["entities", "entity", "info", "metadata", "list", "all_metadata", "status"])
def test_head_works_wherever_get_only_reads(cafes: Source, what: str) -> None:
    url = {
        "entities": cafes.entities_path,
        "entity": f"{cafes.entities_path}('A1')",
        "info": cafes.path,
        "metadata": f"{cafes.path}/$metadata",
        "list": "/data",
        "all_metadata": "/data/$metadata",
        "status": f"{LOAD}/{cafes.job['id']}",
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


@pytest.mark.parametrize("root", [DOWNLOAD, "/data/DataSourceDownload"])
def test_head_is_405_on_a_get_that_acts(cafes: Source, root: str) -> None:
    reply = cafes.api.request("HEAD", root + cafes.path.removeprefix("/data"))
    assert (reply.status_code, reply.content) == (405, b"")


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
