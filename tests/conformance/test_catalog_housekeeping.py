"""What is still needed and what is not, on every backend."""

from datetime import timedelta

from geostead.catalog.base import Catalog
from geostead.model.access import Key
from geostead.model.job import Job, LoadOrder, log_blob, output_blob, snapshot_of
from tests.builders import NOON, download_of, ending_of, load_of, version_of
from tests.installations import Clock

LEASE_S = 60.0


def claimed(catalog: Catalog) -> Job:
    job = catalog.claim("worker", LEASE_S)
    assert job is not None
    return job


def upload_of(job: Job) -> str:
    assert isinstance(job.order, LoadOrder)
    return job.order.upload


def test_an_empty_catalog_uses_nothing(catalog: Catalog) -> None:
    assert catalog.used_blobs() == set()
    assert catalog.used_snapshots() == set()


def test_a_pending_load_needs_its_upload_and_the_log_it_may_be_writing(catalog: Catalog, key: Key) -> None:
    job = catalog.accept_load(load_of(key))
    assert {upload_of(job), log_blob(job.id, 0)} <= catalog.used_blobs()


def test_a_pending_download_needs_the_output_it_may_be_writing(catalog: Catalog, key: Key) -> None:
    download = download_of(catalog.accept_load(load_of(key)))
    catalog.accept_download(download)
    assert output_blob(download.id) in catalog.used_blobs()


def test_a_completed_load_needs_its_error_log_but_not_its_upload(catalog: Catalog, key: Key) -> None:
    catalog.accept_load(load_of(key))
    job = claimed(catalog)
    catalog.complete_load(job, "worker", version_of(job), ending_of(error_log=log_blob(job.id, 1)))
    assert catalog.used_blobs() == {log_blob(job.id, 1)}


def test_an_aborted_load_without_a_log_needs_no_blob(catalog: Catalog, key: Key) -> None:
    catalog.accept_load(load_of(key))
    catalog.abort(claimed(catalog), "worker", "unreadable", ending_of())
    assert catalog.used_blobs() == set()


def test_outputs_and_logs_are_forgotten_14_days_after_their_job_has_ended_and_jobs_never(
    catalog: Catalog, key: Key
) -> None:
    catalog.accept_load(load_of(key))
    load = claimed(catalog)
    catalog.complete_load(load, "worker", version_of(load), ending_of(NOON, error_log=log_blob(load.id, 1)))
    download = download_of(load)
    catalog.accept_download(download)
    catalog.complete_download(claimed(catalog), "worker", output_blob(download.id), ending_of(NOON + timedelta(days=1)))
    days_14 = timedelta(days=14)

    assert catalog.forget_old(NOON + days_14 - timedelta(microseconds=1)).files == 0
    assert catalog.used_blobs() == {log_blob(load.id, 1), output_blob(download.id)}
    assert catalog.forget_old(NOON + days_14).files == 1
    assert catalog.used_blobs() == {output_blob(download.id)}
    assert catalog.forget_old(NOON + days_14 + timedelta(days=1)).files == 1
    assert catalog.forget_old(NOON + days_14 + timedelta(days=1)).files == 0
    found = catalog.get_job(download.id)
    assert found is not None
    assert found.output is None


def test_snapshots_of_versions_that_are_kept_are_used_and_those_of_dropped_ones_are_not(
    catalog: Catalog, key: Key
) -> None:
    jobs = []
    for _ in range(5):
        catalog.accept_load(load_of(key))
        jobs.append(claimed(catalog))
        catalog.complete_load(jobs[-1], "worker", version_of(jobs[-1]), ending_of())
    assert catalog.used_snapshots() == {snapshot_of(job.id, 1) for job in jobs[1:]}


def test_the_snapshot_of_an_attempt_is_used_until_another_attempt_begins(
    catalog: Catalog, clock: Clock, key: Key
) -> None:
    catalog.accept_load(load_of(key))
    job = claimed(catalog)
    assert snapshot_of(job.id, 1) in catalog.used_snapshots()
    clock.advance(LEASE_S)
    assert snapshot_of(job.id, 1) in catalog.used_snapshots(), "the worker may only be slow"
    claimed(catalog)
    assert snapshot_of(job.id, 1) not in catalog.used_snapshots()
    assert snapshot_of(job.id, 2) in catalog.used_snapshots()


def test_the_snapshot_of_an_aborted_load_is_not_used(catalog: Catalog, key: Key) -> None:
    catalog.accept_load(load_of(key))
    catalog.abort(claimed(catalog), "worker", "unreadable", ending_of())
    assert catalog.used_snapshots() == set()
