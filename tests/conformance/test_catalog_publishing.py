"""Staging, publishing and rolling back, on every backend."""

from dataclasses import replace

import pytest

from geostead.catalog.base import Catalog
from geostead.errors import AccountFull, CredentialsExpired, NotAuthorized, NotFound, OvertakenByEvents
from geostead.model.access import Account, Key
from geostead.model.data_source import DataSourceVersions
from geostead.model.ids import new_id
from geostead.model.job import DeleteOrder, JobStatus, LoadOperation, PublishOrder, RollbackOrder
from geostead.model.limits import PROFILES
from tests.builders import NOON, account_of, change_of, ending_of, key_of, load_of, version_of
from tests.conformance.steps import (
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


def ids_of(found: DataSourceVersions) -> tuple[str | None, str | None, list[str]]:
    """Return the ids of the published, the staged and the previous versions."""
    published, staged = (None if version is None else version.job_id for version in (found.published, found.staged))
    return published, staged, [version.job_id for version in found.previous]


def test_a_staging_load_stages_its_version_and_leaves_the_published_one(catalog: Catalog, key: Key) -> None:
    published = load(catalog, key)
    staged = stage(catalog, key)
    found = versions_of(catalog, key)
    assert (found.published, found.staged, found.previous) == (version_of(published), version_of(staged), ())
    assert found == catalog.query_target(published.access_id, "Shops", key.digest).versions


@pytest.mark.parametrize("operation", [LoadOperation.COMPLETE_STAGING, LoadOperation.INCREMENTAL_STAGING])
def test_a_staged_version_that_is_replaced_is_dropped(catalog: Catalog, key: Key, operation: LoadOperation) -> None:
    published = load(catalog, key)
    first = stage(catalog, key)
    second = load(catalog, key, operation=operation)
    assert ids_of(versions_of(catalog, key)) == (published.id, second.id, [])
    assert version_of(first).snapshot_id not in catalog.used_snapshots()


def test_a_load_that_publishes_leaves_the_staged_version(catalog: Catalog, key: Key) -> None:
    staged = stage(catalog, key)
    first, second = load(catalog, key), load(catalog, key, operation=LoadOperation.INCREMENTAL)
    assert ids_of(versions_of(catalog, key)) == (second.id, staged.id, [first.id])


def test_a_data_source_with_nothing_but_a_staged_version_is_listed(catalog: Catalog, key: Key) -> None:
    stage(catalog, key)
    assert catalog.list_data_sources(key.account_id) == [versions_of(catalog, key)]


def test_a_staging_load_sets_query_key_and_description_too(catalog: Catalog, account: Account, key: Key) -> None:
    query_key = key_of(account, "query")
    catalog.add_key(query_key)
    staging = load_of(key, query_key=query_key, description="Ours", operation=LoadOperation.COMPLETE_STAGING)
    completed(catalog, catalog.accept_load(staging))
    found = versions_of(catalog, key).data_source
    assert (found.query_key_id, found.description) == (query_key.id, "Ours")


def test_publishing_moves_the_staged_version_and_keeps_the_published_one_as_previous(
    catalog: Catalog, key: Key
) -> None:
    published = load(catalog, key)
    staged = stage(catalog, key)
    job = change(catalog, key, staged, PublishOrder())
    assert ids_of(versions_of(catalog, key)) == (staged.id, None, [published.id])
    assert found_job(catalog, job) == replace(
        job, status=JobStatus.COMPLETED, completed_at=NOON, total_count=5, processed_count=5, failed_count=2
    )


def test_nothing_moves_before_a_publish_job_runs(catalog: Catalog, key: Key) -> None:
    staged = stage(catalog, key)
    job = ordered(catalog, key, staged, PublishOrder())
    assert job == found_job(catalog, job)
    assert job.status is JobStatus.PENDING
    assert ids_of(versions_of(catalog, key)) == (None, staged.id, [])


def test_publish_takes_what_is_staged_when_it_runs(catalog: Catalog, key: Key) -> None:
    stage(catalog, key)
    newer = catalog.accept_load(load_of(key, operation=LoadOperation.COMPLETE_STAGING))
    job = ordered(catalog, key, newer, PublishOrder())
    completed(catalog, newer)
    catalog.complete_change(claimed(catalog), "worker", ending_of())
    assert ids_of(versions_of(catalog, key)) == (newer.id, None, [])
    assert found_job(catalog, job).status is JobStatus.COMPLETED


def test_publish_with_nothing_staged_is_not_found(catalog: Catalog, key: Key) -> None:
    published = load(catalog, key)
    refused = change_of(published, PublishOrder())
    with pytest.raises(NotFound, match="no staged version"):
        catalog.accept_change(refused, key)
    assert catalog.get_job(refused.id) is None


def test_the_second_of_two_publish_jobs_is_overtaken_and_stays_to_be_aborted(catalog: Catalog, key: Key) -> None:
    staged = stage(catalog, key)
    first, second = (ordered(catalog, key, staged, PublishOrder()) for _ in range(2))
    catalog.complete_change(claimed(catalog), "worker", ending_of())
    running = claimed(catalog)
    assert running.id == second.id
    with pytest.raises(OvertakenByEvents, match="no staged version"):
        catalog.complete_change(running, "worker", ending_of())
    assert found_job(catalog, second) == running
    catalog.abort(running, "worker", "nothing is staged", ending_of())
    assert ids_of(versions_of(catalog, key)) == (staged.id, None, [])
    assert [found_job(catalog, job).status for job in (first, second)] == [JobStatus.COMPLETED, JobStatus.ABORTED]


def test_rolling_back_publishes_a_previous_version_and_keeps_the_published_one(catalog: Catalog, key: Key) -> None:
    a, b, c, d = (load(catalog, key) for _ in range(4))
    change(catalog, key, a, RollbackOrder(b.id))
    assert ids_of(versions_of(catalog, key)) == (b.id, None, [d.id, c.id, a.id])


def test_the_three_versions_that_were_published_last_stay_however_old_they_are(catalog: Catalog, key: Key) -> None:
    a, b, c, d = (load(catalog, key) for _ in range(4))
    change(catalog, key, a, RollbackOrder(a.id))
    e = load(catalog, key)
    assert ids_of(versions_of(catalog, key)) == (e.id, None, [a.id, d.id, c.id])
    assert version_of(b).snapshot_id not in catalog.used_snapshots()


def test_rolling_back_to_the_staged_version_publishes_it(catalog: Catalog, key: Key) -> None:
    published = load(catalog, key)
    staged = stage(catalog, key)
    change(catalog, key, staged, RollbackOrder(staged.id))
    assert ids_of(versions_of(catalog, key)) == (staged.id, None, [published.id])


def test_rolling_back_to_the_published_version_changes_nothing_and_completes(catalog: Catalog, key: Key) -> None:
    a, b = load(catalog, key), load(catalog, key)
    staged = stage(catalog, key)
    job = change(catalog, key, a, RollbackOrder(b.id))
    assert ids_of(versions_of(catalog, key)) == (b.id, staged.id, [a.id])
    assert found_job(catalog, job).status is JobStatus.COMPLETED


def test_the_version_of_a_rollback_may_be_named_in_upper_case(catalog: Catalog, key: Key) -> None:
    a, b = load(catalog, key), load(catalog, key)
    change(catalog, key, a, RollbackOrder(a.id.upper()))
    assert ids_of(versions_of(catalog, key)) == (a.id, None, [b.id])


def test_a_version_that_the_data_source_does_not_have_is_not_found(catalog: Catalog, key: Key) -> None:
    shops = load(catalog, key, "Shops")
    pubs = load(catalog, key, "Pubs")
    for stranger in (pubs.id, new_id()):
        with pytest.raises(NotFound, match=f"no version {stranger}"):
            ordered(catalog, key, shops, RollbackOrder(stranger))


def test_a_version_that_was_dropped_before_the_rollback_ran_is_overtaken_by_events(catalog: Catalog, key: Key) -> None:
    a, *_ = (load(catalog, key) for _ in range(4))
    ahead = catalog.accept_load(load_of(key))
    ordered(catalog, key, a, RollbackOrder(a.id))
    completed(catalog, ahead)
    with pytest.raises(OvertakenByEvents, match=f"no version {a.id} any more"):
        catalog.complete_change(claimed(catalog), "worker", ending_of())


def test_changes_and_loads_of_a_data_source_run_one_at_a_time_in_the_order_of_acceptance(
    catalog: Catalog, key: Key
) -> None:
    staged = stage(catalog, key)
    queue = [
        ordered(catalog, key, staged, PublishOrder()),
        catalog.accept_load(load_of(key)),
        ordered(catalog, key, staged, RollbackOrder(staged.id)),
        ordered(catalog, key, staged, DeleteOrder(staged_only=True)),
        ordered(catalog, key, staged, DeleteOrder(staged_only=False)),
    ]
    for expected in queue:
        running = claimed(catalog)
        assert running.id == expected.id
        assert catalog.claim("another", 60) is None
        catalog.abort(running, "worker", "because", ending_of())


def test_an_aborted_publish_leaves_the_version_staged(catalog: Catalog, key: Key) -> None:
    staged = stage(catalog, key)
    aborted(catalog, ordered(catalog, key, staged, PublishOrder()))
    assert ids_of(versions_of(catalog, key)) == (None, staged.id, [])


@pytest.mark.parametrize("order", [PublishOrder(), DeleteOrder(staged_only=True), DeleteOrder(staged_only=False)])
def test_only_the_live_master_key_may_change_a_data_source(
    catalog: Catalog, account: Account, key: Key, order: PublishOrder | DeleteOrder
) -> None:
    staged = stage(catalog, key)
    other, foreign_account = key_of(account, "other"), account_of("foreign")
    foreign = key_of(foreign_account)
    catalog.add_key(other)
    catalog.add_account(foreign_account, [foreign])
    for stranger in (other, foreign):
        with pytest.raises(NotAuthorized, match="Shops; its master key is needed"):
            ordered(catalog, stranger, staged, order)
    catalog.revoke_key(account.id, "other", NOON)
    with pytest.raises(CredentialsExpired):
        ordered(catalog, other, staged, order)
    assert ids_of(versions_of(catalog, key)) == (None, staged.id, [])


def test_a_change_of_a_data_source_that_is_not_there_is_not_found(catalog: Catalog, key: Key) -> None:
    gone = replace(load(catalog, key), data_source_id=new_id())
    with pytest.raises(NotFound, match="no data source Shops"):
        ordered(catalog, key, gone, PublishOrder())


def test_changes_count_for_the_limits_on_jobs(catalog: Catalog) -> None:
    limited = account_of("limited", PROFILES["self-hosted"].override(jobs_in_process=1, jobs_per_day=3))
    key = key_of(limited)
    catalog.add_account(limited, [key])
    staged = stage(catalog, key)
    pending = ordered(catalog, key, staged, PublishOrder())
    with pytest.raises(AccountFull, match="jobs in process is 2; the maximum is 1"):
        ordered(catalog, key, staged, DeleteOrder(staged_only=True))
    assert versions_of(catalog, key).staged is not None, "what was refused hides nothing"
    aborted(catalog, pending)
    change(catalog, key, staged, PublishOrder())
    with pytest.raises(AccountFull, match="jobs per day is 4; the maximum is 3"):
        ordered(catalog, key, staged, RollbackOrder(staged.id))
