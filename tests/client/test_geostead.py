"""A data source from its first load to its end, through the client, on a real server."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from geostead.client import (
    AccessDenied,
    BadRequest,
    Geostead,
    Job,
    JobAborted,
    JobKind,
    JobStatus,
    LoadOperation,
    NotFound,
    PropertyType,
    RowIssue,
)
from tests.servers import Server
from tests.uploads import CHANGES_HEADER, changes_upload, pipe_upload

AWKWARD_NAME = "a~`!$^_={}-b"


def load(geostead: Geostead, name: str, count: int = 3, operation: LoadOperation = "complete") -> str:
    """Load so many places and return the id of the job."""
    return geostead.wait(geostead.load(name, pipe_upload(count), input="pipe", operation=operation)).id


@pytest.fixture
def stranger(server: Server, keys: dict[str, str]) -> Iterator[Geostead]:
    """The other key of the account."""
    with Geostead(server.url, keys["query"]) as opened:
        yield opened


def test_a_load_is_sent_from_a_path_bytes_a_file_or_pieces_with_progress(geostead: Geostead, tmp_path: Path):
    upload = pipe_upload(12_000)
    file = tmp_path / "places.txt"
    file.write_bytes(upload)
    second = io.BytesIO(b"left out" + upload)
    second.seek(8)
    told: list[tuple[int, int | None]] = []

    for source in (file, str(file), upload, second, [upload[:40_000], upload[40_000:]]):
        told.clear()
        job = geostead.load("Sent", source, input="pipe", progress=lambda *bytes_: told.append(bytes_))
        assert told[-1] == (len(upload), None if isinstance(source, list) else len(upload))
        assert len(told) > 1
        assert (job.kind, job.data_source) == (JobKind.LOAD, "Sent")
    assert geostead.wait(job).total_count == 12_000


def test_a_file_in_text_mode_is_refused(geostead: Geostead):
    with pytest.raises(TypeError, match="binary mode"):
        geostead.load("Text", io.StringIO("text"), input="pipe")  # type: ignore[arg-type]


def test_a_load_says_what_its_options_say(geostead: Geostead, stranger: Geostead, keys: dict[str, str]):
    job = geostead.load(
        "Said",
        pipe_upload(2, bad_rows=1),
        input="pipe",
        set_public=True,
        query_key=keys["query"],
        description="my words",
        strict=False,
    )
    ended = geostead.wait(job)

    assert (ended.description, ended.failed_count, ended.has_error_log) == ("my words", 1, True)
    assert geostead.data_source("said").is_public
    assert stranger.count("Said") == 2
    with pytest.raises(JobAborted, match="Latitude"):
        geostead.wait(geostead.load("Said", pipe_upload(2, bad_rows=1), input="pipe", strict=True))


def test_the_error_log_tells_row_property_and_what_was_found(geostead: Geostead):
    job = geostead.wait(geostead.load("Bad", pipe_upload(2, bad_rows=1), input="pipe"))

    (issue,) = geostead.error_log(job)

    assert issue == RowIssue("error", "line 5", "B0000000", "Latitude", "north", issue.expected)
    assert "a number" in issue.expected
    assert geostead.error_log(geostead.wait(geostead.load("Bad", pipe_upload(2), input="pipe"))) == ()


def test_an_aborted_job_is_an_error_that_has_the_job_and_its_log(geostead: Geostead):
    with pytest.raises(JobAborted) as caught:
        geostead.wait(geostead.load("Aborted", b"nonsense", input="pipe"))

    job = caught.value.job
    assert (job.status, job.is_aborted, caught.value.code) == (JobStatus.ABORTED, True, "JobAborted")
    assert job.error_message in str(caught.value)
    assert geostead.error_log(job)[0].severity == "aborted"


def test_versions_are_staged_published_rolled_back_and_described(geostead: Geostead):
    first = load(geostead, "Moving", 1)
    staged = load(geostead, "Moving", 2, "completeStaging")
    found = geostead.describe("MOVING")

    assert found.published is not None
    assert found.staged is not None
    assert (found.published.job_id, found.staged.job_id, found.previous) == (first, staged, ())
    assert [version.entity_count for version in found.versions] == [1, 2]
    assert [(p.name, p.type, p.is_key) for p in found.properties] == [
        ("EntityID", PropertyType.STRING, True),
        ("Name", PropertyType.STRING, False),
        ("Size", PropertyType.INT64, False),
        ("Latitude", PropertyType.DOUBLE, False),
        ("Longitude", PropertyType.DOUBLE, False),
    ]

    published = geostead.wait(geostead.publish("moving"))
    assert (published.kind, published.description) == (JobKind.CHANGE, "DataSourcePublishFromStaged")
    assert geostead.count("Moving") == 2
    assert geostead.wait(geostead.roll_back("moving")).kind is JobKind.ROLLBACK
    assert geostead.count("Moving") == 1
    geostead.wait(geostead.roll_back("moving", staged))
    geostead.wait(geostead.roll_back("moving", geostead.describe("Moving").previous[0]))
    assert geostead.count("Moving") == 1


def test_an_incremental_load_changes_what_it_names(geostead: Geostead):
    load(geostead, "Changing", 2)
    upload = changes_upload("P0000000|new|7|0|0|", "P0000001|||||1")
    geostead.wait(geostead.load("changing", upload, input="pipe", operation="incremental"))

    assert [dict(entity)["Name"] for entity in geostead.query("Changing")] == ["new"]
    with pytest.raises(BadRequest):
        geostead.load("Not there", CHANGES_HEADER.encode(), input="pipe", operation="incremental")


def test_a_data_source_is_made_public_and_private(geostead: Geostead, stranger: Geostead):
    load(geostead, "Open")

    assert geostead.set_public("open", True).status is JobStatus.COMPLETED
    assert "Open" in [source.name for source in stranger.public_data_sources()]
    geostead.set_public("OPEN", False)
    assert not geostead.data_source("Open").is_public
    assert "Open" not in [source.name for source in stranger.public_data_sources()]


def test_a_name_with_every_odd_character_leads_all_the_way(geostead: Geostead, tmp_path: Path):
    first = load(geostead, AWKWARD_NAME)
    load(geostead, AWKWARD_NAME, 4)
    geostead.wait(geostead.roll_back(AWKWARD_NAME, first))

    assert geostead.describe(AWKWARD_NAME.upper()).data_source.name == AWKWARD_NAME
    assert geostead.entity(AWKWARD_NAME, "P0000001")["Size"] == 1
    assert geostead.download(AWKWARD_NAME, tmp_path / "out.csv", format="csv").data_source == AWKWARD_NAME
    geostead.wait(geostead.delete(AWKWARD_NAME))


@pytest.mark.parametrize(
    ("data_format", "beginning"),
    [
        ("xml", b"<?xml"),
        ("csv", b"Bing Spatial Data Services"),
        ("geojson", b'{"type"'),
        ("geoparquet", b"PAR1"),
    ],
)
def test_a_download_can_be_loaded_again(geostead: Geostead, tmp_path: Path, data_format: str, beginning: bytes):
    load(geostead, "Down", 300)
    file = tmp_path / "down"
    told: list[tuple[int, int | None]] = []

    job = geostead.download("down", file, format=data_format, progress=lambda *bytes_: told.append(bytes_))
    again = io.BytesIO()
    geostead.fetch_download(job, again, format=data_format)

    assert job.kind is JobKind.DOWNLOAD
    assert told[-1][0] > 0
    assert file.read_bytes() == again.getvalue()
    assert file.read_bytes().startswith(beginning)
    copy = geostead.wait(geostead.load("Copy", file, input=data_format))
    assert (copy.total_count, copy.failed_count) == (300, 0)


def test_a_download_is_of_the_version_that_was_named(geostead: Geostead):
    old = load(geostead, "Old", 1)
    load(geostead, "Old", 2)
    target = io.BytesIO()

    geostead.download("Old", target, format="csv", version=old)

    assert target.getvalue().count(b"Place ") == 1


def test_what_is_staged_or_all_of_a_data_source_is_deleted(geostead: Geostead):
    load(geostead, "Gone")
    load(geostead, "Gone", operation="completeStaging")

    assert geostead.wait(geostead.delete("gone", staged_only=True)).description == "DataSourceDelete"
    assert geostead.describe("Gone").staged is None
    geostead.wait(geostead.delete("gone"))
    with pytest.raises(NotFound, match="no data source 'Gone'") as caught:
        geostead.describe("Gone")
    assert caught.value.status is None


def test_jobs_are_listed_and_found_whatever_they_do(geostead: Geostead):
    first = load(geostead, "Listed", 1)
    load(geostead, "Listed", 2)
    rolled = geostead.wait(geostead.roll_back("Listed"))
    public = geostead.set_public("Listed", True)
    download = geostead.wait(geostead.start_download("Listed"))

    listed = {job.id: job for job in geostead.jobs()}

    assert (listed[first].kind, listed[first].description) == (JobKind.LOAD, "DataSourceComplete")
    assert (listed[rolled.id].kind, listed[public.id].kind) == (JobKind.ROLLBACK, JobKind.CHANGE)
    assert download.id not in listed
    for job in (listed[first], rolled, public, download):
        assert geostead.job(job.id).kind is job.kind
    with pytest.raises(NotFound, match="There is no job 00"):
        geostead.job("00" * 16)


def test_a_job_is_watched_to_its_end(geostead: Geostead):
    states: list[Job] = list(geostead.watch(geostead.load("Watched", pipe_upload(5_000), input="pipe")))

    assert states[0].status is JobStatus.PENDING
    assert [state.has_ended for state in states] == [False] * (len(states) - 1) + [True]
    assert states[-1].total_count == 5_000


def test_what_a_key_may_not_do_is_told_with_the_code_of_the_server(geostead: Geostead, stranger: Geostead):
    load(geostead, "Mine")

    with pytest.raises(AccessDenied) as caught:
        stranger.delete("mine")

    assert (caught.value.status, caught.value.code) == (401, "NotAuthorized")
    assert caught.value.trace_id


def test_an_unknown_key_opens_nothing(server: Server):
    with Geostead(server.url, "unknown") as geostead, pytest.raises(AccessDenied) as caught:
        geostead.data_sources()
    assert caught.value.code == "InvalidCredentials"
