"""Running a load: what is published, what is counted, what is logged, what is left behind."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from geostead.errors import LeaseLost
from geostead.formats.base import RowIssue
from geostead.model.job import InputFormat, Job, JobStatus, LoadOperation, LoadOrder, Progress
from geostead.operations import row_tally
from geostead.operations.attempt import Attempt
from geostead.operations.revoke_key import revoke_key
from geostead.operations.run_load import run_load
from geostead.operations.start_load import LoadRequest, Upload, start_load
from tests.installations import Installation
from tests.uploads import HEADER, changes_upload, pipe_upload

LEASE_S = 30.0


def encode_plainly(reason: str | None, issues: list[tuple[str, RowIssue]], unlisted: int) -> bytes:
    """Write a log that is easy to look into."""
    lines = [f"{place}: {issue.entity_id}, {issue.property}={issue.found}" for place, issue in issues]
    return "\n".join([f"reason: {reason}", *lines, f"unlisted: {unlisted}"]).encode()


def run(
    installation: Installation,
    upload: bytes,
    operation: LoadOperation = LoadOperation.COMPLETE,
    *,
    strict: bool = False,
) -> Job:
    """Accept, claim and run a load of Places; return the job as it ended."""
    accepted = installation.accept_load("Places", upload, operation, strict=strict)
    attempt_of(installation, accepted.id)
    return installation.job(accepted.id)


def attempt_of(installation: Installation, job_id: str, worker: str = "worker") -> list[Progress]:
    """Claim the next job, which should be this one, and run it; return what it reported."""
    job = installation.services.catalog.claim(worker, LEASE_S)
    assert job is not None
    assert job.id == job_id
    assert isinstance(job.order, LoadOrder)
    reports: list[Progress] = []
    run_load(installation.services, Attempt(job, worker, reports.append), job.order, encode_plainly)
    return reports


def test_a_good_upload_becomes_the_published_version_and_leaves_no_log(installation: Installation):
    job = run(installation, pipe_upload(3))

    assert (job.status, job.total_count, job.processed_count, job.failed_count) == (JobStatus.COMPLETED, 3, 3, 0)
    assert job.error_log is None
    assert installation.entity_ids(job) == ["P0000000", "P0000001", "P0000002"]


def test_the_upload_is_deleted_when_the_load_has_ended(installation: Installation):
    run(installation, pipe_upload(3))
    run(installation, b"nonsense")

    assert installation.left_behind() == set()
    assert list(installation.services.blobs.unused()) == [f"logs/{_newest_log(installation)}"]


def _newest_log(installation: Installation) -> str:
    return next(name for name in installation.services.catalog.used_blobs() if name.startswith("logs/"))[len("logs/") :]


def test_bad_rows_are_left_out_counted_and_logged_with_their_lines(installation: Installation):
    job = run(installation, pipe_upload(2, bad_rows=1))

    assert (job.status, job.total_count, job.failed_count) == (JobStatus.COMPLETED, 3, 1)
    assert installation.entity_ids(job) == ["P0000000", "P0000001"]
    assert "line 5: B0000000, Latitude=north" in installation.log_of(job)


def test_of_rows_with_one_id_the_first_stays_and_the_others_fail(installation: Installation):
    upload = HEADER + "A|first|1|1|1\nB|b|2|2|2\nA|second|3|3|3\n"

    job = run(installation, upload.encode())

    assert (job.total_count, job.failed_count) == (3, 1)
    assert installation.entity_ids(job) == ["A", "B"]
    assert "line 5: A, EntityID=A" in installation.log_of(job)


def test_the_log_is_in_the_order_of_the_upload(installation: Installation):
    upload = HEADER + "A|a|1|1|1\nA|again|1|1|1\nB|b|1|north|1\nC|c|1|1|1\n"

    lines = installation.log_of(run(installation, upload.encode())).splitlines()

    assert [line.split(":")[0] for line in lines[1:-1]] == ["line 4", "line 5"]


def test_issues_beyond_the_most_that_are_listed_are_counted(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(row_tally, "MAX_LISTED_ISSUES", 4)
    duplicates = b"P0000000|again|1|1|1\n" * 2

    job = run(installation, pipe_upload(1, bad_rows=3) + duplicates)

    assert job.failed_count == 5
    assert installation.log_of(job).count("line ") == 4
    assert installation.log_of(job).endswith("unlisted: 1")


def test_an_upload_that_cannot_be_read_aborts_with_the_reason_and_keeps_what_is_published(installation: Installation):
    first = run(installation, pipe_upload(2))

    job = run(installation, b"EntityID|Name\n1|a\n")

    assert job.status is JobStatus.ABORTED
    assert job.error_message is not None
    assert "Bing Spatial Data Services, 1.0" in job.error_message
    assert installation.log_of(job).startswith(f"reason: {job.error_message}")
    assert installation.entity_ids(first) == ["P0000000", "P0000001"]


def test_an_upload_without_a_good_row_aborts_and_its_log_lists_the_bad_ones(installation: Installation):
    job = run(installation, pipe_upload(0, bad_rows=2))

    assert (job.status, job.total_count, job.failed_count) == (JobStatus.ABORTED, 2, 2)
    assert "line 4: B0000001" in installation.log_of(job)
    assert installation.left_behind() == set()


def test_more_entities_than_the_account_may_have_abort_with_both_numbers(installation: Installation):
    job = run(installation, pipe_upload(501))

    assert job.status is JobStatus.ABORTED
    assert job.error_message == "Limit exceeded: entities is 501; the maximum is 500."
    assert installation.left_behind() == set()


def test_as_many_entities_as_the_account_may_have_are_fine(installation: Installation):
    assert run(installation, pipe_upload(500, bad_rows=1)).status is JobStatus.COMPLETED


def test_repeated_rows_do_not_count_towards_the_limit(installation: Installation):
    job = run(installation, pipe_upload(500) + b"P0000000|again|1|1|1\n")

    assert (job.status, job.total_count, job.failed_count) == (JobStatus.COMPLETED, 501, 1)


def test_an_upload_of_far_too_many_entities_is_not_read_to_its_end(installation: Installation):
    job = run(installation, pipe_upload(1001))

    assert job.status is JobStatus.ABORTED
    assert job.error_message == "Limit exceeded: entities, repeated ones included, is 1,001; the maximum is 1,000."
    assert installation.left_behind() == set()


def test_an_upload_of_far_too_many_bad_rows_is_not_read_to_its_end(installation: Installation):
    job = run(installation, pipe_upload(1) + b"|\n" * 5000)

    assert job.status is JobStatus.ABORTED
    assert job.error_message == "Limit exceeded: rows, bad ones included, is 5,001; the maximum is 5,000."
    assert installation.left_behind() == set()


def test_points_that_take_far_more_memory_than_text_are_not_read_to_their_end(installation: Installation):
    header = HEADER.replace("Size(Edm.Int64)", "Size(Edm.Geography)").encode()
    line = b"LINESTRING (" + b"1 1,2 2," * 4_000 + b"3 3)"

    job = run(installation, header + b"A||" + line + b"|1|1\n")

    assert len(line) < 33_000
    assert job.status is JobStatus.ABORTED
    assert str(job.error_message).startswith("Limit exceeded: bytes of geographies is 128,")


def test_progress_is_reported_while_reading(installation: Installation):
    accepted = installation.accept_load("Places", pipe_upload(10, bad_rows=2))

    reports = attempt_of(installation, accepted.id)

    assert reports[-1] == Progress(total_count=12, processed_count=12, failed_count=2)


def test_the_files_of_a_version_that_nothing_names_any_more_are_deleted(installation: Installation):
    for count in range(1, 7):
        job = run(installation, pipe_upload(count))

    assert len(list(installation.services.snapshots.ids())) == 4  # the published one and three previous ones
    assert len(installation.entity_ids(job)) == 6


def test_files_that_cannot_be_deleted_change_nothing_about_a_load_that_has_ended(
    installation: Installation, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    for count in range(1, 5):
        run(installation, pipe_upload(count))
    services = installation.services

    class Stubborn:
        def __getattr__(self, name: str) -> object:
            return getattr(services.snapshots, name)

        def delete(self, snapshot_id: str) -> None:
            raise PermissionError(snapshot_id)

    installation.services = replace(services, snapshots=Stubborn())  # type: ignore[arg-type]
    job = run(installation, pipe_upload(5))

    assert job.status is JobStatus.COMPLETED
    assert len(installation.entity_ids(job)) == 5
    assert "Could not delete what a job no longer needs." in caplog.text
    assert list(tmp_path.glob("blobs/uploads/*")) == []


def test_an_attempt_that_lost_its_lease_at_the_end_takes_its_files_away(installation: Installation):
    catalog = installation.services.catalog
    installation.accept_load("Places", pipe_upload(3))
    slow = catalog.claim("slow", LEASE_S)
    assert slow is not None
    assert isinstance(slow.order, LoadOrder)
    installation.clock.advance(LEASE_S + 1)
    assert catalog.claim("quick", LEASE_S) is not None

    with pytest.raises(LeaseLost):
        run_load(installation.services, Attempt(slow, "slow", lambda _: None), slow.order, encode_plainly)

    assert list(installation.services.snapshots.ids()) == []
    assert installation.job(slow.id).status is JobStatus.PENDING


def test_an_attempt_that_is_told_to_end_while_reading_leaves_no_files_and_keeps_the_upload(installation: Installation):
    installation.accept_load("Places", pipe_upload(3))
    job = installation.services.catalog.claim("worker", LEASE_S)
    assert job is not None
    assert isinstance(job.order, LoadOrder)

    def refuse(_: Progress) -> None:
        raise LeaseLost("told so")

    with pytest.raises(LeaseLost, match="told so"):
        run_load(installation.services, Attempt(job, "worker", refuse), job.order, encode_plainly)

    assert list(installation.services.snapshots.ids()) == []
    assert installation.services.blobs.size_bytes(job.order.upload) > 0


def test_an_attempt_that_lost_its_lease_before_it_could_abort_takes_its_files_away(installation: Installation):
    catalog = installation.services.catalog
    installation.accept_load("Places", pipe_upload(501))
    slow = catalog.claim("slow", LEASE_S)
    assert slow is not None
    assert isinstance(slow.order, LoadOrder)
    installation.clock.advance(LEASE_S + 1)
    assert catalog.claim("quick", LEASE_S) is not None

    with pytest.raises(LeaseLost):
        run_load(installation.services, Attempt(slow, "slow", lambda _: None), slow.order, encode_plainly)

    assert list(installation.services.snapshots.ids()) == []
    assert installation.services.blobs.size_bytes(slow.order.upload) > 0


def test_a_load_whose_query_key_was_revoked_aborts_with_the_reason_keeps_its_log_and_leaves_no_files(
    installation: Installation,
):
    before = run(installation, pipe_upload(1))
    installation.add_key("reader")
    request = LoadRequest("Places", LoadOperation.COMPLETE, InputFormat.PIPE, query_key="reader")
    upload = Upload([pipe_upload(3, bad_rows=1)])
    accepted = start_load(installation.services, installation.key, request, upload)
    revoke_key(installation.services, "owner", "reader")

    attempt_of(installation, accepted.id)

    job = installation.job(accepted.id)
    assert (job.status, job.failed_count) == (JobStatus.ABORTED, 1)
    assert job.error_message is not None
    assert "query key" in job.error_message
    assert "revoked" in job.error_message
    log = installation.log_of(job).splitlines()
    assert log[0] == f"reason: {job.error_message}"
    assert len(log) == 3
    versions = installation.versions("Places")
    assert versions.published is not None
    assert (versions.published.job_id, versions.data_source.query_key_id) == (before.id, None)
    assert installation.left_behind() == set()
    assert len(list(installation.services.snapshots.ids())) == 1


def test_every_attempt_writes_an_error_log_of_its_own(installation: Installation):
    accepted = installation.accept_load("Places", pipe_upload(1, bad_rows=1))
    assert installation.services.catalog.claim("dead", LEASE_S) is not None
    installation.clock.advance(LEASE_S + 1)

    attempt_of(installation, accepted.id)

    assert installation.job(accepted.id).error_log == f"logs/{accepted.id}-2"


def test_a_staging_load_leaves_what_is_published_and_replaces_what_is_staged(installation: Installation):
    published = run(installation, pipe_upload(1))
    first = run(installation, pipe_upload(2), LoadOperation.COMPLETE_STAGING)
    second = run(installation, pipe_upload(3), LoadOperation.COMPLETE_STAGING)

    found = installation.versions("Places")
    assert [version.job_id for version in found.every] == [published.id, second.id]
    assert len(installation.ids_of(found.staged)) == 3
    assert set(installation.services.snapshots.ids()) == {version.snapshot_id for version in found.every}
    assert first.status is JobStatus.COMPLETED


def test_a_row_that_would_delete_is_left_out_of_a_complete_load_with_a_note(installation: Installation):
    job = run(installation, changes_upload("A|a|1|1|1|0", "B|b|2|2|2|1"))

    assert (job.status, job.total_count, job.failed_count) == (JobStatus.COMPLETED, 2, 0)
    assert installation.entity_ids(job) == ["A"]
    assert installation.log_of(job).splitlines()[1] == "line 4: B, __deleteEntity=1"


def test_an_upload_that_only_deletes_is_no_complete_load(installation: Installation):
    job = run(installation, changes_upload("A|||||1"))

    assert (job.status, job.failed_count) == (JobStatus.ABORTED, 0)
    assert "no valid entity" in str(job.error_message)


class TestAStrictLoad:
    """All rows or none."""

    def test_it_is_aborted_by_the_first_bad_row_and_says_which_and_why(self, installation: Installation):
        before = run(installation, pipe_upload(1))

        job = run(installation, pipe_upload(3, bad_rows=2), strict=True)

        assert job.status is JobStatus.ABORTED
        assert job.error_message == (
            "The load is strict, and a row is bad: line 6, entity id 'B0000000': found 'north' in Latitude; "
            "expected a number such as -12.5 or 1e-3."
        )
        assert installation.log_of(job).startswith(f"reason: {job.error_message}\nline 6: B0000000, Latitude=north")
        assert installation.entity_ids(job) == installation.entity_ids(before)
        assert installation.left_behind() == set()

    def test_a_repeated_entity_id_aborts_it(self, installation: Installation):
        job = run(installation, pipe_upload(3) + b"P0000001|again|1|1|1\nP0000000|again|1|1|1\n", strict=True)

        assert job.status is JobStatus.ABORTED
        assert job.error_message == (
            "The load is strict, and a row is bad: line 6, entity id 'P0000001': found 'P0000001' in EntityID; "
            "expected an entity id that no earlier row has."
        )
        assert list(installation.services.snapshots.ids()) == []

    def test_notes_do_not_matter_to_it(self, installation: Installation):
        job = run(installation, changes_upload("A|a|1|||0", "B|b|2|2|2|1"), strict=True)

        assert (job.status, job.failed_count) == (JobStatus.COMPLETED, 0)
        assert installation.entity_ids(job) == ["A"]
        assert "unlisted: 0" in installation.log_of(job)

    def test_an_incremental_one_is_aborted_by_a_bad_row_but_not_by_a_repeated_id(self, installation: Installation):
        run(installation, pipe_upload(1))

        bad = run(installation, pipe_upload(1, bad_rows=1), LoadOperation.INCREMENTAL, strict=True)
        repeated = run(
            installation, pipe_upload(1) + pipe_upload(1)[len(HEADER) :], LoadOperation.INCREMENTAL, strict=True
        )

        assert (bad.status, repeated.status) == (JobStatus.ABORTED, JobStatus.COMPLETED)
        assert "line 4, entity id 'B0000000'" in str(bad.error_message)
