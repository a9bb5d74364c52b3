"""Deleting data sources, on every backend."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest

from geostead.catalog.base import Catalog
from geostead.errors import InvalidParameter, LeaseLost, NotFound
from geostead.model.access import Account, Key
from geostead.model.job import DeleteOrder, Job, JobStatus, Progress, PublishOrder, RollbackOrder
from tests.builders import NOON, download_of, ending_of, load_of, reserved, version_of
from tests.conformance.conftest import OpenCatalog
from tests.conformance.steps import (
    LEASE_S,
    aborted,
    change,
    claimed,
    completed,
    found_job,
    load,
    ordered,
    stage,
    versions_of,
)
from tests.installations import Clock

ALL = DeleteOrder(staged_only=False)


def seen(catalog: Catalog, key: Key, job: Job) -> list[bool]:
    """Tell of every way to look at the data source of a job whether it shows it."""
    return [
        catalog.find_data_source(job.access_id, job.data_source_name) is not None,
        catalog.find_by_name(key.account_id, job.data_source_name) is not None,
        catalog.find_by_access_id(job.access_id) is not None,
        catalog.query_target(job.access_id, job.data_source_name, key.digest).versions is not None,
        job.data_source_name in [found.data_source.name for found in catalog.list_data_sources(key.account_id)],
        job.data_source_name in [found.data_source.name for found in catalog.list_every(key.account_id)],
        job.data_source_name in [found.data_source.name for found in catalog.list_public()],
    ]


def public(catalog: Catalog, key: Key, name: str = "Shops") -> Job:
    return completed(catalog, catalog.accept_load(load_of(key, name, set_public=True)))


def test_from_the_acceptance_on_nobody_but_jobs_sees_the_data_source(catalog: Catalog, key: Key) -> None:
    job = public(catalog, key)
    neighbour = public(catalog, key, "Pubs")
    assert seen(catalog, key, job) == [True] * 7
    before = catalog.versions_of(job.data_source_id)
    ordered(catalog, key, job, ALL)
    assert seen(catalog, key, job) == [False] * 7
    assert seen(catalog, key, neighbour) == [True] * 7
    assert before is not None
    assert catalog.versions_of(job.data_source_id) == before


def test_another_catalog_hides_what_is_to_be_deleted_at_once(
    catalog: Catalog, open_catalog: OpenCatalog, key: Key
) -> None:
    other = open_catalog()
    job = public(catalog, key)
    assert other.query_target(job.access_id, "Shops", key.digest).versions is not None
    ordered(catalog, key, job, ALL)
    assert other.query_target(job.access_id, "Shops", key.digest).versions is None


def test_loads_of_the_name_are_refused_until_the_delete_job_is_done(catalog: Catalog, key: Key) -> None:
    job = load(catalog, key)
    ordered(catalog, key, job, ALL)
    for ask in (catalog.check_load, catalog.accept_load):
        with pytest.raises(InvalidParameter, match=r"dataSourceName: found 'SHOPS'.*pending"):
            ask(load_of(key, "SHOPS"))
    catalog.complete_change(claimed(catalog), "worker", ending_of())
    again = load(catalog, key)
    assert again.data_source_id != job.data_source_id
    assert versions_of(catalog, key).published == version_of(again)


def test_no_other_change_is_accepted_while_the_delete_job_is_pending(catalog: Catalog, key: Key) -> None:
    job = stage(catalog, key)
    ordered(catalog, key, job, ALL)
    for order in (PublishOrder(), RollbackOrder(job.id), DeleteOrder(staged_only=True), ALL):
        with pytest.raises(NotFound, match="no data source Shops"):
            ordered(catalog, key, job, order)


def test_the_name_can_be_reserved_with_the_same_access_id_when_the_delete_job_is_done_and_not_before(
    catalog: Catalog, account: Account, key: Key
) -> None:
    job = load(catalog, key)
    ordered(catalog, key, job, ALL)
    again = reserved(account, "Shops", access_id=job.access_id)
    with pytest.raises(InvalidParameter, match="name"):
        catalog.reserve(again)
    catalog.complete_change(claimed(catalog), "worker", ending_of())
    catalog.reserve(again)
    assert versions_of(catalog, key).data_source == again


def test_a_deleted_data_source_leaves_no_version_and_its_keys_can_be_revoked(catalog: Catalog, key: Key) -> None:
    for _ in range(3):
        job = load(catalog, key)
    stage(catalog, key)
    change(catalog, key, job, ALL)
    assert catalog.versions_of(job.data_source_id) is None
    assert catalog.used_snapshots() == set()
    catalog.revoke_key(key.account_id, key.name, NOON)


def test_a_reservation_is_deleted_with_its_data_source(catalog: Catalog, account: Account, key: Key) -> None:
    catalog.reserve(reserved(account, "Shops"))
    change(catalog, key, load(catalog, key), ALL)
    assert catalog.find_by_name(account.id, "Shops") is None
    catalog.reserve(reserved(account, "Shops"))


def test_jobs_ahead_of_the_delete_job_still_run(catalog: Catalog, key: Key) -> None:
    job = load(catalog, key)
    ahead = catalog.accept_load(load_of(key))
    delete = ordered(catalog, key, job, ALL)
    completed(catalog, ahead)
    found = catalog.versions_of(job.data_source_id)
    assert found is not None
    assert found.published is not None
    assert found.published.job_id == ahead.id
    assert seen(catalog, key, job) == [False] * 7
    assert claimed(catalog).id == delete.id


def test_a_load_ahead_that_fails_leaves_the_data_source_to_the_delete_job(catalog: Catalog, key: Key) -> None:
    ahead = catalog.accept_load(load_of(key))
    delete = ordered(catalog, key, ahead, ALL)
    aborted(catalog, ahead)
    assert catalog.versions_of(ahead.data_source_id) is not None
    catalog.complete_change(claimed(catalog), "worker", ending_of())
    assert catalog.versions_of(ahead.data_source_id) is None
    assert found_job(catalog, delete).status is JobStatus.COMPLETED


def test_pending_downloads_are_aborted_with_the_reason_and_their_workers_lose_the_lease(
    catalog: Catalog, key: Key
) -> None:
    job = load(catalog, key)
    running, waiting = download_of(job), download_of(job)
    done = download_of(job)
    catalog.accept_download(done)
    catalog.complete_download(claimed(catalog), "worker", f"downloads/{done.id}", ending_of())
    catalog.accept_download(running)
    attempt = claimed(catalog, "downloader")
    delete = ordered(catalog, key, job, ALL)
    catalog.accept_download(waiting)
    assert claimed(catalog).id == delete.id
    later = NOON + timedelta(minutes=1)
    catalog.complete_change(found_job(catalog, delete), "worker", ending_of(later))
    for download in (running, waiting):
        found = found_job(catalog, download)
        assert (found.status, found.completed_at, found.output) == (JobStatus.ABORTED, later, None)
        assert found.error_message is not None
        assert found.error_message.startswith("deleted: ")
        assert "Shops" in found.error_message
    with pytest.raises(LeaseLost):
        catalog.renew(attempt, "downloader", LEASE_S, Progress(1, 1, 0))
    assert found_job(catalog, done).status is JobStatus.COMPLETED
    assert catalog.claim("worker", LEASE_S) is None


def test_jobs_of_other_data_sources_are_left_alone(catalog: Catalog, key: Key) -> None:
    shops, pubs = load(catalog, key, "Shops"), load(catalog, key, "Pubs")
    ordered(catalog, key, shops, ALL)
    download = download_of(pubs)
    catalog.accept_download(download)
    catalog.complete_change(claimed(catalog), "worker", ending_of())
    assert claimed(catalog).id == download.id


def test_a_delete_job_that_is_aborted_shows_the_data_source_again(catalog: Catalog, key: Key) -> None:
    job = public(catalog, key)
    before = versions_of(catalog, key)
    aborted(catalog, ordered(catalog, key, job, ALL))
    assert seen(catalog, key, job) == [True] * 7
    assert versions_of(catalog, key) == before
    catalog.check_load(load_of(key))


def test_a_delete_job_that_is_given_up_shows_the_data_source_again(catalog: Catalog, clock: Clock, key: Key) -> None:
    job = public(catalog, key)
    ordered(catalog, key, job, ALL)
    for _ in range(3):
        claimed(catalog)
        clock.advance(LEASE_S)
    assert catalog.claim("worker", LEASE_S) is None
    assert seen(catalog, key, job) == [True] * 7


def test_of_a_load_and_a_deletion_at_one_moment_each_outcome_is_one_of_an_order(
    catalog: Catalog, open_catalog: OpenCatalog, key: Key
) -> None:
    for number in range(6):
        name = f"Shops{number}"
        job = load(catalog, key, name)
        start = Barrier(2)

        def race(act: Callable[[Catalog], Job], start: Barrier = start) -> Job | None:
            own = open_catalog()
            start.wait()
            try:
                return act(own)
            except InvalidParameter:
                return None

        with ThreadPoolExecutor(2) as threads:
            deleting = threads.submit(race, lambda own, job=job: ordered(own, key, job, ALL))
            loading = threads.submit(race, lambda own, name=name: own.accept_load(load_of(key, name)))
        delete, loaded = deleting.result(), loading.result()
        assert delete is not None
        if loaded is not None:
            completed(catalog, loaded)
        assert claimed(catalog).id == delete.id
        catalog.complete_change(found_job(catalog, delete), "worker", ending_of())
        assert catalog.find_by_name(key.account_id, name) is None
        assert catalog.claim("worker", LEASE_S) is None
