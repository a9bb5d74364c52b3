"""What is still needed and what is not, on every backend."""

from dataclasses import replace
from datetime import datetime, timedelta

from geostead.catalog.base import Catalog, Forgotten, NeededFile, NeededFiles
from geostead.model.access import Account, Key
from geostead.model.data_source import DataSourceVersions
from geostead.model.ids import new_id
from geostead.model.job import (
    DeleteOrder,
    DownloadOrder,
    Job,
    LoadOrder,
    PublishOrder,
    log_blob,
    output_blob,
    snapshot_of,
)
from tests.builders import NOON, download_of, ending_of, load_of, reserved, version_of
from tests.conformance.steps import LEASE_S, change, claimed, completed, found_job, load, ordered, stage, versions_of
from tests.installations import Clock

DAY = timedelta(days=1)
INSTANT = timedelta(microseconds=1)


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
    assert output_blob(download.id, 0) in catalog.used_blobs()


def test_of_a_load_by_location_the_attempt_that_runs_needs_what_it_fetched(
    catalog: Catalog, clock: Clock, key: Key
) -> None:
    load = load_of(key)
    catalog.accept_load(replace(load, order=replace(load.order, location="https://files.example/a")))
    for attempt in (1, 2):
        claimed(catalog)
        clock.advance(LEASE_S)
        fetched = {name for name in catalog.used_blobs() if name.startswith("uploads/")}
        assert fetched == {f"uploads/{load.job_id}-{attempt}"}


def test_a_completed_load_needs_its_error_log_but_not_its_upload(catalog: Catalog, key: Key) -> None:
    catalog.accept_load(load_of(key))
    job = claimed(catalog)
    catalog.complete_load(job, "worker", version_of(job), ending_of(error_log=log_blob(job.id, 1)))
    assert catalog.used_blobs() == {log_blob(job.id, 1)}


def test_an_aborted_load_without_a_log_needs_no_blob(catalog: Catalog, key: Key) -> None:
    catalog.accept_load(load_of(key))
    catalog.abort(claimed(catalog), "worker", "unreadable", ending_of())
    assert catalog.used_blobs() == set()


def test_the_log_of_the_attempt_that_runs_is_used_and_those_of_earlier_ones_are_not(
    catalog: Catalog, clock: Clock, key: Key
) -> None:
    job = catalog.accept_load(load_of(key))
    for attempt in (1, 2):
        claimed(catalog)
        clock.advance(LEASE_S)
        assert log_blob(job.id, attempt) in catalog.used_blobs()
    assert log_blob(job.id, 1) not in catalog.used_blobs()


def downloaded(catalog: Catalog, of: Job, at: datetime = NOON) -> Job:
    """Accept a download and complete it."""
    download = download_of(of, at=at)
    catalog.accept_download(download)
    catalog.complete_download(claimed(catalog), "worker", output_blob(download.id, 1), ending_of(at))
    return download


def test_outputs_and_logs_are_forgotten_14_days_after_their_job_has_ended(catalog: Catalog, key: Key) -> None:
    catalog.accept_load(load_of(key))
    loaded = claimed(catalog)
    catalog.complete_load(loaded, "worker", version_of(loaded), ending_of(error_log=log_blob(loaded.id, 1)))
    download = downloaded(catalog, loaded, NOON + DAY / 2)

    assert catalog.forget_old(NOON + 14 * DAY - INSTANT) == Forgotten(files=0, jobs=0, staged_versions=0)
    assert catalog.used_blobs() == {log_blob(loaded.id, 1), output_blob(download.id, 1)}
    assert catalog.forget_old(NOON + 14 * DAY) == Forgotten(files=1, jobs=0, staged_versions=0)
    assert catalog.used_blobs() == {output_blob(download.id, 1)}
    assert catalog.forget_old(NOON + 14.5 * DAY) == Forgotten(files=1, jobs=0, staged_versions=0)
    assert catalog.forget_old(NOON + 14.5 * DAY) == Forgotten(files=0, jobs=0, staged_versions=0)
    assert found_job(catalog, download).output is None
    assert found_job(catalog, loaded).error_log is None


def test_jobs_are_forgotten_15_days_after_they_have_ended_and_their_versions_stay(catalog: Catalog, key: Key) -> None:
    loaded = load(catalog, key)
    later = downloaded(catalog, loaded, NOON + DAY)
    assert catalog.forget_old(NOON + 15 * DAY - INSTANT).jobs == 0
    assert catalog.forget_old(NOON + 15 * DAY).jobs == 1
    assert catalog.get_job(loaded.id) is None
    assert catalog.get_job(later.id) is not None
    assert versions_of(catalog, key).published == version_of(loaded)


def test_a_pending_job_is_never_forgotten(catalog: Catalog, key: Key) -> None:
    job = catalog.accept_load(load_of(key))
    assert catalog.forget_old(NOON + 1000 * DAY) == Forgotten(files=0, jobs=0, staged_versions=0)
    assert found_job(catalog, job) == job


def test_jobs_that_were_forgotten_do_not_confuse_the_queue(catalog: Catalog, key: Key) -> None:
    load(catalog, key)
    waiting = [catalog.accept_load(load_of(key)) for _ in range(2)]
    catalog.forget_old(NOON + 15 * DAY)
    waiting.append(catalog.accept_load(load_of(key)))
    assert [completed(catalog, job).id for job in waiting] == [job.id for job in waiting]


def test_versions_that_were_staged_30_days_ago_are_forgotten(catalog: Catalog, key: Key) -> None:
    published, staged = load(catalog, key), stage(catalog, key, at=NOON + DAY)
    assert catalog.forget_old(NOON + 31 * DAY - INSTANT).staged_versions == 0
    assert versions_of(catalog, key).staged is not None
    assert catalog.forget_old(NOON + 31 * DAY).staged_versions == 1
    assert versions_of(catalog, key).every == (version_of(published),)
    assert version_of(staged).snapshot_id not in catalog.used_snapshots()


def test_versions_that_were_published_or_are_previous_ones_never_expire(catalog: Catalog, key: Key) -> None:
    staged = stage(catalog, key)
    change(catalog, key, staged, PublishOrder())
    newer = load(catalog, key)
    assert catalog.forget_old(NOON + 1000 * DAY).staged_versions == 0
    assert versions_of(catalog, key).every == (version_of(newer), version_of(staged))


def test_a_data_source_with_nothing_but_an_expired_version_goes_with_it(catalog: Catalog, key: Key) -> None:
    stage(catalog, key, "Shops")
    kept = stage(catalog, key, "Pubs", at=NOON + INSTANT)
    assert catalog.forget_old(NOON + 30 * DAY).staged_versions == 1
    assert [found.data_source.id for found in catalog.list_every(key.account_id)] == [kept.data_source_id]


def test_a_reservation_outlives_its_expired_version_and_has_no_master_key_again(
    catalog: Catalog, account: Account, key: Key
) -> None:
    reservation = reserved(account, "Shops")
    catalog.reserve(reservation)
    stage(catalog, key)
    catalog.forget_old(NOON + 30 * DAY)
    assert versions_of(catalog, key) == DataSourceVersions(reservation, None)


def test_a_staged_version_does_not_expire_under_a_job_that_may_be_using_it(catalog: Catalog, key: Key) -> None:
    staged = stage(catalog, key)
    publish = ordered(catalog, key, staged, PublishOrder())
    assert catalog.forget_old(NOON + 30 * DAY).staged_versions == 0
    running = claimed(catalog)
    assert running.id == publish.id
    catalog.complete_change(running, "worker", ending_of())
    assert versions_of(catalog, key).published == version_of(staged)


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


def test_a_download_keeps_its_snapshot_while_it_is_pending_and_as_long_as_it_has_its_output(
    catalog: Catalog, key: Key
) -> None:
    first = load(catalog, key)
    download = download_of(first)
    catalog.accept_download(download)
    for _ in range(4):
        catalog.accept_load(load_of(key))
    catalog.complete_download(claimed(catalog), "worker", output_blob(download.id, 1), ending_of())
    for _ in range(4):
        job = claimed(catalog)
        catalog.complete_load(job, "worker", version_of(job), ending_of())
    assert versions_of(catalog, key).find(first.id) is None
    assert snapshot_of(first.id, 1) in catalog.used_snapshots()
    catalog.forget_old(NOON + 14 * DAY)
    assert snapshot_of(first.id, 1) not in catalog.used_snapshots()


def test_an_aborted_download_keeps_no_snapshot(catalog: Catalog, key: Key) -> None:
    gone = replace(load(catalog, key), id=new_id())
    catalog.accept_download(download_of(gone))
    assert snapshot_of(gone.id, 1) in catalog.used_snapshots()
    catalog.abort(claimed(catalog), "worker", "because", ending_of())
    assert snapshot_of(gone.id, 1) not in catalog.used_snapshots()


def test_the_files_that_have_to_be_there_are_named_with_whom_they_belong_to(catalog: Catalog, key: Key) -> None:
    catalog.accept_load(load_of(key))
    first = claimed(catalog)
    log = log_blob(first.id, 1)
    catalog.complete_load(first, "worker", version_of(first), ending_of(error_log=log))
    second = stage(catalog, key)
    download = downloaded(catalog, first)
    pending = catalog.accept_load(load_of(key, "Pubs"))

    def needed(name: str, job: Job) -> NeededFile:
        return NeededFile(name, "acme", job.data_source_name, job.id)

    found = catalog.needed_files()
    assert set(found.snapshots) == {needed(snapshot_of(job.id, 1), job) for job in (first, second)}
    assert set(found.blobs) == {
        needed(log, first),
        needed(output_blob(download.id, 1), download),
        needed(upload_of(pending), pending),
    }
    assert (len(found.snapshots), len(found.blobs)) == (2, 3), "each once"


def test_the_snapshot_of_a_download_has_to_be_there_after_its_version_is_gone(catalog: Catalog, key: Key) -> None:
    download = downloaded(catalog, load(catalog, key))
    change(catalog, key, download, DeleteOrder(staged_only=False))
    (snapshot,) = catalog.needed_files().snapshots
    assert isinstance(download.order, DownloadOrder)
    assert snapshot == NeededFile(download.order.snapshot_id, "acme", "Shops", download.id)
    catalog.forget_old(NOON + 14 * DAY)
    assert catalog.needed_files() == NeededFiles((), ())


def test_what_is_to_be_fetched_or_may_only_be_written_need_not_be_there(catalog: Catalog, key: Key) -> None:
    asked = load_of(key)
    located = replace(asked.order, location="https://example.org/shops.csv")
    catalog.accept_load(replace(asked, order=located))
    claimed(catalog)
    assert catalog.needed_files() == NeededFiles((), ())
