"""Cancelling jobs, on every backend."""

from __future__ import annotations

from datetime import timedelta

import pytest

from geostead.catalog.base import Catalog
from geostead.errors import InvalidParameter, LeaseLost, NotFound
from geostead.model.access import Account, Key
from geostead.model.job import AccessOrder, DeleteOrder, Job, JobStatus, LoadOperation, PublishOrder
from tests.builders import NOON, NOTHING_DONE, account_of, change_of, download_of, ending_of, load_of, version_of
from tests.conformance.steps import LEASE_S, claimed, completed, found_job, load, ordered, stage, versions_of

LATER = NOON + timedelta(minutes=1)


def cancelled(catalog: Catalog, job: Job) -> Job:
    return catalog.cancel(job.id, job.account_id, LATER)


def test_a_job_that_waits_ends_aborted_with_the_reason_and_is_never_claimed(catalog: Catalog, key: Key) -> None:
    waiting = catalog.accept_load(load_of(key))
    job = cancelled(catalog, waiting)
    assert (job.status, job.error_message, job.completed_at) == (JobStatus.ABORTED, "cancelled", LATER)
    assert found_job(catalog, waiting) == job
    assert catalog.claim("worker", LEASE_S) is None


def test_the_worker_of_a_job_has_lost_its_lease_and_cannot_complete_it(catalog: Catalog, key: Key) -> None:
    catalog.accept_load(load_of(key))
    running = claimed(catalog)
    cancelled(catalog, running)
    with pytest.raises(LeaseLost):
        catalog.renew(running, "worker", LEASE_S, NOTHING_DONE)
    with pytest.raises(LeaseLost):
        catalog.complete_load(running, "worker", version_of(running), ending_of())
    with pytest.raises(LeaseLost):
        catalog.abort(running, "worker", "because", ending_of())
    assert found_job(catalog, running).error_message == "cancelled"
    assert catalog.used_snapshots() == set()


def test_a_data_source_goes_with_its_only_load_and_its_name_is_free(catalog: Catalog, key: Key) -> None:
    cancelled(catalog, catalog.accept_load(load_of(key, "Shops")))
    assert catalog.find_by_name(key.account_id, "Shops") is None
    assert catalog.usage(key.account_id, NOON).data_sources == 0
    load(catalog, key, "Shops")


def test_a_data_source_with_another_load_or_a_version_stays(catalog: Catalog, key: Key) -> None:
    first = catalog.accept_load(load_of(key, "Shops"))
    second = catalog.accept_load(load_of(key, "Shops"))
    cancelled(catalog, first)
    completed(catalog, second)
    cancelled(catalog, catalog.accept_load(load_of(key, "Shops")))
    published = versions_of(catalog, key).published
    assert published is not None
    assert published.job_id == second.id


def test_jobs_behind_it_have_their_turn_at_once(catalog: Catalog, key: Key) -> None:
    staged = stage(catalog, key)
    first = catalog.accept_load(load_of(key))
    behind = ordered(catalog, key, staged, PublishOrder())
    cancelled(catalog, first)
    assert claimed(catalog).id == behind.id


def test_an_incremental_load_stays_whose_base_is_cancelled(catalog: Catalog, key: Key) -> None:
    base = catalog.accept_load(load_of(key))
    change = catalog.accept_load(load_of(key, operation=LoadOperation.INCREMENTAL))
    cancelled(catalog, base)
    assert claimed(catalog).id == change.id
    assert versions_of(catalog, key).published is None


@pytest.mark.parametrize("staged_only", [False, True])
def test_what_a_deletion_hid_is_there_again(catalog: Catalog, key: Key, staged_only: bool) -> None:
    load(catalog, key)
    staged = stage(catalog, key)
    before = versions_of(catalog, key)
    deletion = ordered(catalog, key, staged, DeleteOrder(staged_only))
    assert catalog.find_by_name(key.account_id, "Shops") != before
    cancelled(catalog, deletion)
    assert versions_of(catalog, key) == before


def test_a_download_is_cancelled_and_its_files_are_not_needed_any_more(catalog: Catalog, key: Key) -> None:
    published = load(catalog, key)
    download = download_of(published)
    catalog.accept_download(download)
    job = cancelled(catalog, download)
    assert (job.status, job.error_message) == (JobStatus.ABORTED, "cancelled")
    assert catalog.claim("worker", LEASE_S) is None


def test_what_has_ended_stays_as_it_ended_and_the_message_says_so(catalog: Catalog, key: Key) -> None:
    done = load(catalog, key)
    access = catalog.accept_change(change_of(done, AccessOrder(is_public=True)), key)
    twice = catalog.accept_load(load_of(key))
    cancelled(catalog, twice)
    for job, word in ((done, "Completed"), (access, "Completed"), (twice, "Aborted")):
        before = found_job(catalog, job)
        with pytest.raises(InvalidParameter, match=f"pending job; this one is {word}"):
            catalog.cancel(job.id, job.account_id, LATER + timedelta(minutes=1))
        assert found_job(catalog, job) == before


def test_a_job_of_another_account_and_an_unknown_one_are_not_found(
    catalog: Catalog, account: Account, key: Key
) -> None:
    other = account_of("other")
    catalog.add_account(other, [])
    job = catalog.accept_load(load_of(key))
    for job_id, account_id in ((job.id, other.id), ("0" * 32, account.id)):
        with pytest.raises(NotFound):
            catalog.cancel(job_id, account_id, LATER)
    assert found_job(catalog, job).status is JobStatus.PENDING
