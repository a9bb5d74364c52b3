"""Deleting what is staged, on every backend."""

import pytest

from geostead.catalog.base import Catalog
from geostead.errors import NotFound
from geostead.model.access import Account, Key
from geostead.model.job import DeleteOrder, JobStatus, LoadOperation, PublishOrder, RollbackOrder
from tests.builders import ending_of, load_of, reserved, version_of
from tests.conformance.steps import aborted, change, claimed, completed, found_job, load, ordered, stage, versions_of

STAGED = DeleteOrder(staged_only=True)


def test_deleting_a_staged_version_hides_it_at_once_and_nothing_else(catalog: Catalog, key: Key) -> None:
    published, staged = load(catalog, key), stage(catalog, key)
    ordered(catalog, key, staged, STAGED)
    found = versions_of(catalog, key)
    assert (found.published, found.staged, found.previous) == (version_of(published), None, ())
    assert catalog.query_target(staged.access_id, "Shops", key.digest).versions == found
    as_jobs_see = catalog.versions_of(staged.data_source_id)
    assert as_jobs_see is not None
    assert as_jobs_see.staged == version_of(staged)
    for order in (PublishOrder(), STAGED, RollbackOrder(staged.id)):
        with pytest.raises(NotFound):
            ordered(catalog, key, staged, order)
    catalog.complete_change(claimed(catalog), "worker", ending_of())
    assert versions_of(catalog, key) == catalog.versions_of(staged.data_source_id) == found
    assert catalog.used_snapshots() == {version_of(published).snapshot_id}


def test_a_version_that_is_staged_after_the_deletion_is_shown(catalog: Catalog, key: Key) -> None:
    load(catalog, key)
    change(catalog, key, stage(catalog, key), STAGED)
    staged = stage(catalog, key)
    assert versions_of(catalog, key).staged == version_of(staged)


def test_a_load_that_was_accepted_after_the_deletion_of_what_is_staged_stages_behind_it(
    catalog: Catalog, key: Key
) -> None:
    first = stage(catalog, key)
    ordered(catalog, key, first, STAGED)
    second = catalog.accept_load(load_of(key, operation=LoadOperation.COMPLETE_STAGING))
    catalog.complete_change(claimed(catalog), "worker", ending_of())
    completed(catalog, second)
    found = versions_of(catalog, key).staged
    assert found is not None
    assert found.job_id == second.id


def test_a_publish_job_ahead_saves_what_was_to_be_deleted(catalog: Catalog, key: Key) -> None:
    staged = stage(catalog, key)
    ordered(catalog, key, staged, PublishOrder())
    delete = ordered(catalog, key, staged, STAGED)
    for _ in range(2):
        catalog.complete_change(claimed(catalog), "worker", ending_of())
    assert versions_of(catalog, key).published == version_of(staged)
    assert found_job(catalog, delete).status is JobStatus.COMPLETED


def test_deleting_what_is_staged_where_nothing_is_is_not_found(catalog: Catalog, key: Key) -> None:
    published = load(catalog, key)
    with pytest.raises(NotFound, match="no staged version"):
        ordered(catalog, key, published, STAGED)


def test_an_aborted_deletion_of_a_staged_version_shows_it_again(catalog: Catalog, key: Key) -> None:
    staged = stage(catalog, key)
    aborted(catalog, ordered(catalog, key, staged, STAGED))
    assert versions_of(catalog, key).staged == version_of(staged)


def test_a_data_source_with_nothing_but_a_staged_version_goes_with_it(catalog: Catalog, key: Key) -> None:
    staged = stage(catalog, key)
    ordered(catalog, key, staged, STAGED)
    assert catalog.list_data_sources(key.account_id) == []
    catalog.complete_change(claimed(catalog), "worker", ending_of())
    assert catalog.versions_of(staged.data_source_id) is None


def test_a_data_source_with_nothing_but_a_staged_version_stays_while_a_load_waits(catalog: Catalog, key: Key) -> None:
    staged = stage(catalog, key)
    ordered(catalog, key, staged, STAGED)
    waiting = catalog.accept_load(load_of(key))
    catalog.complete_change(claimed(catalog), "worker", ending_of())
    assert versions_of(catalog, key).every == ()
    completed(catalog, waiting)
    assert versions_of(catalog, key).data_source.id == staged.data_source_id


def test_a_reservation_outlives_the_deletion_of_its_only_version_and_has_no_master_key_again(
    catalog: Catalog, account: Account, key: Key
) -> None:
    reservation = reserved(account, "Shops")
    catalog.reserve(reservation)
    change(catalog, key, stage(catalog, key), STAGED)
    assert versions_of(catalog, key).data_source == reservation
