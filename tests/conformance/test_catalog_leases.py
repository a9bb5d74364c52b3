"""Running jobs, on every backend."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise

import pytest

from geostead.catalog.base import Catalog, Ending
from geostead.errors import LeaseLost
from geostead.model.access import Key
from geostead.model.job import Job, JobStatus, Progress, PublishOrder
from tests.builders import NOON, download_of, ending_of, load_of, version_of
from tests.conformance.conftest import OpenCatalog
from tests.conformance.steps import LEASE_S, claimed, found_job, load, versions_of
from tests.installations import Clock

EXITS: dict[str, Callable[[Catalog, Job, str], None]] = {
    "renew": lambda catalog, job, worker: catalog.renew(job, worker, LEASE_S, Progress(1, 1, 0)),
    "release": lambda catalog, job, worker: catalog.release(job, worker),
    "complete_load": lambda catalog, job, worker: catalog.complete_load(job, worker, version_of(job), ending_of()),
    "complete_change": lambda catalog, job, worker: catalog.complete_change(
        replace(job, order=PublishOrder()), worker, ending_of()
    ),
    "complete_download": lambda catalog, job, worker: catalog.complete_download(
        job, worker, "downloads/1", ending_of()
    ),
    "abort": lambda catalog, job, worker: catalog.abort(job, worker, "because", ending_of()),
}
every_exit = pytest.mark.parametrize("leave", EXITS.values(), ids=EXITS.keys())


def test_there_is_nothing_to_claim_in_an_empty_catalog(catalog: Catalog) -> None:
    assert catalog.claim("worker", LEASE_S) is None


def test_a_claimed_job_is_the_accepted_one_in_its_first_attempt(catalog: Catalog, key: Key) -> None:
    accepted = catalog.accept_load(load_of(key))
    job = claimed(catalog)
    assert job == replace(accepted, attempt=1) == found_job(catalog, accepted)


def test_loads_of_one_data_source_run_one_at_a_time_in_the_order_of_acceptance(catalog: Catalog, key: Key) -> None:
    accepted = [catalog.accept_load(load_of(key)).id for _ in range(3)]
    ran = []
    for _ in range(3):
        job = claimed(catalog)
        assert catalog.claim("another", LEASE_S) is None
        catalog.complete_load(job, "worker", version_of(job), ending_of())
        ran.append(job.id)
    assert ran == accepted


def test_a_job_whose_lease_has_run_out_can_be_left_to_its_holder(catalog: Catalog, key: Key, clock: Clock) -> None:
    held = catalog.accept_load(load_of(key, "Shops"))
    job = claimed(catalog, "holder")
    waiting, free = catalog.accept_load(load_of(key, "Shops")), catalog.accept_load(load_of(key, "Pubs"))
    clock.advance(LEASE_S + 1)
    found = catalog.claim("other", LEASE_S, with_lapsed=False)
    assert found is not None
    assert found.id == free.id
    assert catalog.claim("other", LEASE_S, with_lapsed=False) is None
    catalog.renew(job, "holder", LEASE_S, Progress(1, 1, 0))
    clock.advance(LEASE_S + 1)
    assert [claimed(catalog, "other").id, found_job(catalog, waiting).attempt] == [held.id, 0]


def test_loads_of_different_data_sources_run_side_by_side(catalog: Catalog, key: Key) -> None:
    shops, pubs = catalog.accept_load(load_of(key, "Shops")), catalog.accept_load(load_of(key, "Pubs"))
    catalog.accept_load(load_of(key, "Shops"))
    assert [claimed(catalog, "a").id, claimed(catalog, "b").id] == [shops.id, pubs.id]
    assert catalog.claim("c", LEASE_S) is None


def test_downloads_neither_wait_for_loads_nor_hold_them_up(catalog: Catalog, key: Key) -> None:
    done = load(catalog, key)
    downloads = [download_of(done), download_of(done)]
    for download in downloads:
        catalog.accept_download(download)
    change = catalog.accept_load(load_of(key))
    third = download_of(done)
    catalog.accept_download(third)
    assert [claimed(catalog).id for _ in range(4)] == [downloads[0].id, downloads[1].id, change.id, third.id]


def test_every_job_is_claimed_by_exactly_one_of_many_workers(
    catalog: Catalog, open_catalog: OpenCatalog, key: Key
) -> None:
    accepted = {catalog.accept_load(load_of(key, f"Shops{number}")).id for number in range(30)}

    def work(worker: str) -> list[str]:
        own = open_catalog()
        jobs = []
        while (job := own.claim(worker, LEASE_S)) is not None:
            jobs.append(job.id)
        return jobs

    with ThreadPoolExecutor(4) as threads:
        worked = [job_id for jobs in threads.map(work, "abcd") for job_id in jobs]
    assert len(worked) == len(accepted)
    assert set(worked) == accepted


def test_a_lease_runs_out_at_its_end_and_not_before(catalog: Catalog, clock: Clock, key: Key) -> None:
    catalog.accept_load(load_of(key))
    claimed(catalog)
    clock.advance(LEASE_S - 0.001)
    assert catalog.claim("another", LEASE_S) is None
    clock.advance(0.001)
    assert claimed(catalog, "another").attempt == 2


def test_a_renewed_lease_runs_from_the_renewal_and_shows_the_progress(catalog: Catalog, clock: Clock, key: Key) -> None:
    catalog.accept_load(load_of(key))
    job = claimed(catalog)
    for total in (10, 20, 30):
        clock.advance(LEASE_S - 1)
        catalog.renew(job, "worker", LEASE_S, Progress(total, total - 1, 2))
    assert catalog.claim("another", LEASE_S) is None
    found = found_job(catalog, job)
    assert (found.total_count, found.processed_count, found.failed_count) == (30, 29, 2)


def test_fetched_bytes_are_shown_once_they_are_known_and_begin_anew_with_another_attempt(
    catalog: Catalog, clock: Clock, key: Key
) -> None:
    accepted = catalog.accept_load(load_of(key))
    assert accepted.fetched_bytes is None
    job = claimed(catalog)
    for fetched_bytes, shown in ((None, None), (0, 0), (2**40, 2**40), (None, 2**40)):
        catalog.renew(job, "worker", LEASE_S, Progress(0, 0, 0, fetched_bytes))
        assert found_job(catalog, job).fetched_bytes == shown
    clock.advance(LEASE_S)
    job = claimed(catalog)
    assert job.fetched_bytes is None
    catalog.complete_load(job, "worker", version_of(job), Ending(Progress(9, 9, 0, 7), NOON))
    assert found_job(catalog, job).fetched_bytes == 7


def test_the_counts_of_another_attempt_begin_at_zero(catalog: Catalog, clock: Clock, key: Key) -> None:
    catalog.accept_load(load_of(key))
    catalog.renew(claimed(catalog), "worker", LEASE_S, Progress(10, 10, 1))
    clock.advance(LEASE_S)
    job = claimed(catalog)
    assert job == found_job(catalog, job)
    assert (job.total_count, job.processed_count, job.failed_count) == (0, 0, 0)


@every_exit
def test_an_attempt_that_another_has_followed_changes_nothing_any_more(
    catalog: Catalog, clock: Clock, key: Key, leave: Callable[[Catalog, Job, str], None]
) -> None:
    catalog.accept_load(load_of(key))
    first = claimed(catalog)
    clock.advance(LEASE_S)
    second = claimed(catalog)
    with pytest.raises(LeaseLost):
        leave(catalog, first, "worker")
    assert found_job(catalog, second) == second
    assert versions_of(catalog, key).published is None


@every_exit
def test_only_the_worker_that_holds_a_job_may_change_it(
    catalog: Catalog, key: Key, leave: Callable[[Catalog, Job, str], None]
) -> None:
    catalog.accept_load(load_of(key))
    job = claimed(catalog)
    with pytest.raises(LeaseLost):
        leave(catalog, job, "another")
    assert found_job(catalog, job) == job


@every_exit
def test_an_ended_job_never_changes_again(
    catalog: Catalog, key: Key, leave: Callable[[Catalog, Job, str], None]
) -> None:
    job = load(catalog, key)
    ended = found_job(catalog, job)
    with pytest.raises(LeaseLost):
        leave(catalog, job, "worker")
    assert found_job(catalog, job) == ended


def test_a_slow_worker_whose_lease_ran_out_may_complete_while_no_other_has_begun(
    catalog: Catalog, clock: Clock, key: Key
) -> None:
    catalog.accept_load(load_of(key))
    job = claimed(catalog)
    clock.advance(2 * LEASE_S)
    catalog.complete_load(job, "worker", version_of(job), ending_of())
    assert versions_of(catalog, key).published == version_of(job)


def test_a_slow_worker_whose_lease_ran_out_may_renew_it_while_no_other_has_begun(
    catalog: Catalog, clock: Clock, key: Key
) -> None:
    catalog.accept_load(load_of(key))
    job = claimed(catalog)
    clock.advance(2 * LEASE_S)
    catalog.renew(job, "worker", LEASE_S, Progress(1, 1, 0))
    assert catalog.claim("another", LEASE_S) is None


def test_a_released_job_is_runnable_at_once_in_an_attempt_of_its_own(catalog: Catalog, key: Key) -> None:
    catalog.accept_load(load_of(key))
    attempts = []
    for _ in range(5):
        job = claimed(catalog)
        attempts.append(job.attempt)
        catalog.release(job, "worker")
    assert attempts == [1, 2, 3, 4, 5]


def test_a_job_whose_third_lease_ran_out_is_aborted_with_a_reason(catalog: Catalog, clock: Clock, key: Key) -> None:
    accepted = catalog.accept_load(load_of(key))
    for attempt in (1, 2, 3):
        job = claimed(catalog)
        assert job.attempt == attempt
        catalog.renew(job, "worker", LEASE_S, Progress(7, 7, 1))
        clock.advance(LEASE_S)
    assert catalog.claim("worker", LEASE_S) is None
    found = found_job(catalog, accepted)
    assert (found.status, found.completed_at, found.total_count) == (JobStatus.ABORTED, clock(), 7)
    assert found.error_message is not None
    assert "3 attempts" in found.error_message
    assert found.error_message.endswith("the operator finds more in the log of the server.")
    assert catalog.find_by_name(key.account_id, "Shops") is None


def test_released_attempts_do_not_count_towards_the_three(catalog: Catalog, clock: Clock, key: Key) -> None:
    accepted = catalog.accept_load(load_of(key))
    for _ in range(3):
        for _ in range(4):
            catalog.release(claimed(catalog), "worker")
        claimed(catalog)
        assert found_job(catalog, accepted).status is JobStatus.PENDING
        clock.advance(LEASE_S)
    assert catalog.claim("worker", LEASE_S) is None
    assert found_job(catalog, accepted).status is JobStatus.ABORTED


def test_a_claim_goes_on_to_the_next_job_when_it_has_given_one_up(catalog: Catalog, clock: Clock, key: Key) -> None:
    bad = catalog.accept_load(load_of(key))
    for _ in range(3):
        claimed(catalog)
        clock.advance(LEASE_S)
    good = catalog.accept_load(load_of(key))
    assert claimed(catalog).id == good.id
    assert found_job(catalog, bad).status is JobStatus.ABORTED
    assert versions_of(catalog, key).data_source.id == good.data_source_id


def test_the_revision_changes_with_every_commit_and_only_then(
    catalog: Catalog, open_catalog: OpenCatalog, key: Key
) -> None:
    other = open_catalog()
    seen = [(catalog.revision(), other.revision())]
    for writer in (catalog, other, catalog):
        writer.accept_load(load_of(key))
        seen.append((catalog.revision(), other.revision()))
        assert (catalog.revision(), other.revision()) == seen[-1]
    for before, after in pairwise(seen):
        assert before[0] != after[0]
        assert before[1] != after[1]


def test_a_claim_that_finds_nothing_changes_nothing(catalog: Catalog, key: Key) -> None:
    catalog.accept_load(load_of(key))
    claimed(catalog)
    before = catalog.revision()
    assert catalog.claim("another", LEASE_S) is None
    assert catalog.revision() == before
