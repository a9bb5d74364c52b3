"""http-api.md sections 3, 3.2, 4.3 and 4.4: published, staged and previous versions, shown and downloaded."""

from __future__ import annotations

from typing import Any

import pytest
from lxml import etree

from tests.protocol.api import DOWNLOAD, ROLLBACK, Api, Source, pipe
from tests.protocol.envelopes import ISO_8601, RFC_1123, error_details

APP = "{http://www.w3.org/2007/app}"
ATOM = "{http://www.w3.org/2005/Atom}"
BSI = "{http://schemas.microsoft.com/bing/spatial/2010/11/odata}"
EDM = "{http://schemas.microsoft.com/ado/2008/09/edm}"
M = "{http://schemas.microsoft.com/ado/2007/08/dataservices/metadata}"
COLUMNS = "EntityID(Edm.String,primaryKey)"


def version(number: int) -> bytes:
    return pipe(COLUMNS, *(f"v{number}-{row}|1|2" for row in range(number + 1)))


@pytest.fixture(scope="module")
def source(api: Api) -> Source:
    """A public data source with one published, one staged and three previous versions; one more is gone."""
    source = api.source("AllVersions", version(0), "setPublic=1")
    for number in range(1, 5):
        assert source.load(version(number))["status"] == "Completed"
    staged = pipe(f"{COLUMNS}|New(Edm.Int64)", "staged|7|1|2")
    assert source.load(staged, "loadOperation=completeStaging")["status"] == "Completed"
    return source


def workspaces(source: Source, query: str = "showAllVersions=true") -> list[Any]:
    reply = source.api.get(f"{source.path}?{query}")
    assert reply.status_code == 200, reply.text
    return list(etree.fromstring(reply.content).findall(f"{APP}workspace"))


def test_published_staged_and_three_previous_versions_are_listed(source: Source) -> None:
    listed = source.versions()
    assert [(v["IsActive"], v["IsStaging"], v["EntityCount"]) for v in listed] == [
        (True, False, 5),
        (False, True, 1),
        (False, False, 4),
        (False, False, 3),
        (False, False, 2),
    ]
    assert len({v["JobId"] for v in listed}) == 5
    assert source.job["id"] not in {v["JobId"] for v in listed}


def test_a_version_tells_when_it_was_published_or_uploaded(source: Source) -> None:
    for listed in source.versions():
        date = listed["Uploaded" if listed["IsStaging"] else "Updated"]
        assert RFC_1123.fullmatch(date)
        assert ("Updated" in listed) != ("Uploaded" in listed)


def test_c16_each_version_has_a_workspace(source: Source) -> None:
    found = workspaces(source)
    assert [w.findtext(f"{ATOM}jobId") for w in found] == [v["JobId"] for v in source.versions()]
    for name, expected in (
        ("isActive", ["true", "false", "false", "false", "false"]),
        ("isStagingDataSource", ["false", "true", "false", "false", "false"]),
        ("isPublic", ["true", "false", "true", "true", "true"]),
    ):
        assert [w.get(f"{BSI}{name}") for w in found] == expected


def test_c16_a_staged_version_has_the_date_of_its_upload_and_all_others_of_their_update(source: Source) -> None:
    for workspace, listed in zip(workspaces(source), source.versions(), strict=True):
        here, absent = ("uploaded", "updated") if listed["IsStaging"] else ("updated", "uploaded")
        assert ISO_8601.fullmatch(workspace.get(f"{BSI}{here}"))
        assert workspace.get(f"{BSI}{absent}") is None


def test_without_asking_only_the_published_version_is_shown(source: Source) -> None:
    for query in ("", "showAllVersions=false", "showAllVersions=0"):
        (workspace,) = workspaces(source, query)
        assert workspace.get(f"{BSI}isActive") == "true"


def test_a_staged_version_is_shown_where_nothing_is_published(api: Api) -> None:
    source = api.source("OnlyStaged", version(0), "loadOperation=completeStaging")
    (workspace,) = workspaces(source, "")
    assert (workspace.get(f"{BSI}isActive"), workspace.get(f"{BSI}isStagingDataSource")) == ("false", "true")
    assert workspace.get(f"{BSI}uploaded")
    listed = {member["Name"] for member in api.get("/data?$format=json").json()["d"]["DataSources"]}
    assert "OnlyStaged" in listed


def test_metadata_has_a_container_for_each_version_and_a_type_for_each_schema(source: Source) -> None:
    document = source.api.get(f"{source.path}/$metadata?showAllVersions=3").content
    containers = list(etree.fromstring(document).iter(f"{EDM}EntityContainer"))
    assert [c.get("JobID") for c in containers] == [v["JobId"] for v in source.versions()]
    assert [c.get("IsPublic") for c in containers] == ["true", "false", "true", "true", "true"]
    assert [c.get(f"{M}IsDefaultEntityContainer") for c in containers] == ["true", *["false"] * 4]
    assert len({c.get("Name") for c in containers}) == 5
    types = [c.find(f"{EDM}EntitySet").get("EntityType") for c in containers]
    assert types[1] != types[0]
    assert set(types[2:]) == {types[0]}


def test_metadata_without_asking_is_that_of_the_published_version(source: Source) -> None:
    document = source.api.get(f"{source.path}/$metadata").content
    (container,) = etree.fromstring(document).iter(f"{EDM}EntityContainer")
    assert container.get("JobID") == source.versions()[0]["JobId"]
    assert "New" not in [e.get("Name") for e in etree.fromstring(document).iter(f"{EDM}Property")]


@pytest.mark.parametrize("which", range(5))
def test_any_version_is_downloaded_by_the_id_of_its_load(source: Source, which: int) -> None:
    listed = source.versions()[which]
    reply = source.api.get(f"{DOWNLOAD}{source.path.removeprefix('/data')}?jobId={listed['JobId'].upper()}")
    job = source.api.followed(reply)
    assert (job["status"], job["totalEntityCount"]) == ("Completed", listed["EntityCount"])
    content = source.api.get(f"{DOWNLOAD}/{job['id']}/output/succeeded").content
    first = etree.fromstring(content).findtext("Place/EntityID")
    assert first == ("staged" if listed["IsStaging"] else f"v{listed['EntityCount'] - 1}-0")


def test_without_a_job_id_the_published_version_is_downloaded(source: Source) -> None:
    content = source.api.download(source).content
    assert etree.fromstring(content).findtext("Place/EntityID") == "v4-0"


def test_a_version_that_is_gone_can_neither_be_downloaded_nor_rolled_back_to(source: Source) -> None:
    path = source.path.removeprefix("/data")
    for url in (f"{DOWNLOAD}{path}?jobId={source.job['id']}", f"{ROLLBACK}/{source.job['id']}/AllVersions"):
        reply = source.api.get(url)
        assert reply.status_code == 404
        assert "version" in error_details(reply)[0]


def test_an_overwrite_that_is_aborted_makes_no_version(api: Api) -> None:
    source = api.source("Unharmed", version(0))
    before = source.versions()
    source.load(b"nonsense")
    source.load(b"nonsense", "loadOperation=completeStaging")
    assert source.versions() == before


def test_a_download_outlives_its_version(api: Api) -> None:
    source = api.source("Outlived", version(0))
    job = api.followed(api.get(DOWNLOAD + source.path.removeprefix("/data")))
    for number in range(1, 6):
        source.load(version(number))
    assert source.job["id"] not in {v["JobId"] for v in source.versions()}
    for data_format in ("xml", "csv"):
        reply = api.get(f"{DOWNLOAD}/{job['id']}/output/succeeded?dataFormat={data_format}")
        assert (reply.status_code, b"v0-0" in reply.content) == (200, True)
