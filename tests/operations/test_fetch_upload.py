"""Loads that fetch their upload: from whole files to files that never come."""

from __future__ import annotations

from dataclasses import replace

import pytest

from geostead.errors import FetchFailed, LeaseLost
from geostead.model.job import JobStatus, LoadOrder, Progress
from geostead.operations.attempt import Attempt
from geostead.operations.run_load import run_load
from geostead.wire.error_log import encode_error_log
from tests.installations import FilesElsewhere, Installation
from tests.uploads import pipe_upload

URL = "https://files.example/places.txt?sig=s3cret"
LEASE_S = 30.0


def pieces_of(data: bytes) -> list[bytes]:
    return [data[start : start + 100] for start in range(0, len(data), 100)]


def test_a_file_elsewhere_is_loaded_as_if_it_had_come_with_the_request(installation: Installation):
    upload = pipe_upload(20, bad_rows=1)

    job = installation.load_from(URL, pieces_of(upload))

    assert (job.status, job.total_count, job.failed_count) == (JobStatus.COMPLETED, 21, 1)
    assert job.fetched_bytes == len(upload)
    assert len(installation.entity_ids(job)) == 20
    assert "error,line 23," in installation.log_of(job)
    assert installation.left_behind() == set()


def test_how_much_was_fetched_is_reported_piece_by_piece_and_stays_in_later_reports(installation: Installation):
    upload = pipe_upload(3)
    installation.services = replace(installation.services, remote=FilesElsewhere({URL: [upload[:100], upload[100:]]}))
    installation.accept_load("Places", b"", location=URL)
    job = installation.services.catalog.claim("worker", LEASE_S)
    assert job is not None
    assert isinstance(job.order, LoadOrder)
    reports: list[Progress] = []

    run_load(installation.services, Attempt(job, "worker", reports.append), job.order, encode_error_log)

    assert reports == [
        Progress(0, 0, 0, fetched_bytes=100),
        Progress(0, 0, 0, fetched_bytes=len(upload)),
        Progress(3, 3, 0, fetched_bytes=len(upload)),
    ]


@pytest.mark.parametrize(
    ("pieces", "reason"),
    [
        ([FetchFailed("files.example answered 404.")], "files.example answered 404."),
        ([pipe_upload(3), FetchFailed("files.example broke off.")], "files.example broke off."),
        ([], "The file at dataLocation is empty; expected the data to load."),
        ([b""], "The file at dataLocation is empty; expected the data to load."),
        (
            [b"x" * 60_000, b"x" * 60_000, AssertionError("read on")],
            "Limit exceeded: the size of the upload in bytes is 120,000; the maximum is 100,000.",
        ),
    ],
)
def test_what_cannot_be_fetched_whole_aborts_with_the_reason_and_leaves_nothing(
    installation: Installation, pieces: list[bytes | Exception], reason: str, caplog: pytest.LogCaptureFixture
):
    published = installation.load("Places", pipe_upload(2))

    job = installation.load_from(URL, pieces)

    assert (job.status, job.error_message) == (JobStatus.ABORTED, reason)
    assert installation.log_of(job).splitlines()[1].startswith("aborted,")
    assert len(installation.entity_ids(published)) == 2
    assert installation.left_behind() == set()
    assert "s3cret" not in caplog.text + repr(job) + installation.log_of(job)


def test_a_host_that_is_no_longer_allowed_when_the_job_runs_aborts_it(installation: Installation):
    installation.services = replace(installation.services, remote=FilesElsewhere({URL: []}))
    accepted = installation.accept_load("Places", b"", location=URL)
    installation.services = replace(installation.services, remote=FilesElsewhere({}))

    installation.run_all()

    job = installation.job(accepted.id)
    assert (job.status, job.error_message) == (JobStatus.ABORTED, "The host is not allowed any more.")


def test_an_attempt_that_is_told_to_end_while_fetching_leaves_nothing_and_the_next_one_fetches_again(
    installation: Installation,
):
    installation.services = replace(installation.services, remote=FilesElsewhere({URL: pieces_of(pipe_upload(9))}))
    accepted = installation.accept_load("Places", b"", location=URL)
    job = installation.services.catalog.claim("slow", LEASE_S)
    assert job is not None
    assert isinstance(job.order, LoadOrder)

    def refuse(_: Progress) -> None:
        raise LeaseLost("told so")

    with pytest.raises(LeaseLost, match="told so"):
        run_load(installation.services, Attempt(job, "slow", refuse), job.order, encode_error_log)
    assert list(installation.services.blobs.unused()) == []

    installation.clock.advance(LEASE_S + 1)
    installation.run_all()
    assert installation.job(accepted.id).status is JobStatus.COMPLETED
