"""What an incremental load needs when it is accepted, on every backend."""

from __future__ import annotations

import pytest

from geostead.catalog.base import Catalog
from geostead.errors import InvalidParameter
from geostead.model.access import Account, Key
from geostead.model.job import DeleteOrder, Job, LoadOperation, PublishOrder, RollbackOrder
from tests.builders import load_of, reserved
from tests.conformance.steps import aborted, load, ordered, stage

COMPLETE = LoadOperation.COMPLETE
STAGING = LoadOperation.COMPLETE_STAGING
INCREMENTAL = LoadOperation.INCREMENTAL
INCREMENTAL_STAGING = LoadOperation.INCREMENTAL_STAGING
incremental_operations = pytest.mark.parametrize("operation", [INCREMENTAL, INCREMENTAL_STAGING])


def wait(catalog: Catalog, key: Key, operation: LoadOperation) -> Job:
    """Accept a load and let it wait."""
    return catalog.accept_load(load_of(key, operation=operation))


def check_accepted(catalog: Catalog, key: Key, operation: LoadOperation) -> None:
    """Check that both the look before and the acceptance let a load pass."""
    accepted = load_of(key, "SHOPS", operation=operation)
    catalog.check_load(accepted)
    job = catalog.accept_load(accepted)
    assert (job.data_source_name, job.order) == ("Shops", accepted.order)


def check_refused(catalog: Catalog, key: Key, operation: LoadOperation) -> None:
    refused = load_of(key, "SHOPS", operation=operation)
    for ask in (catalog.check_load, catalog.accept_load):
        with pytest.raises(InvalidParameter, match=f"loadOperation: found '{operation.value}'.*no version"):
            ask(refused)
    assert catalog.get_job(refused.job_id) is None


@incremental_operations
def test_a_name_that_does_not_exist_has_nothing_to_change(catalog: Catalog, key: Key, operation: LoadOperation) -> None:
    check_refused(catalog, key, operation)
    assert catalog.find_by_name(key.account_id, "Shops") is None


@incremental_operations
def test_a_reservation_has_nothing_to_change(
    catalog: Catalog, account: Account, key: Key, operation: LoadOperation
) -> None:
    catalog.reserve(reserved(account, "Shops"))
    check_refused(catalog, key, operation)


@incremental_operations
def test_a_published_version_can_be_changed(catalog: Catalog, key: Key, operation: LoadOperation) -> None:
    load(catalog, key)
    check_accepted(catalog, key, operation)


def test_a_staged_version_can_be_changed_by_a_staging_load_only(catalog: Catalog, key: Key) -> None:
    stage(catalog, key)
    check_refused(catalog, key, INCREMENTAL)
    check_accepted(catalog, key, INCREMENTAL_STAGING)


@incremental_operations
def test_a_pending_load_ahead_will_make_what_can_be_changed(
    catalog: Catalog, key: Key, operation: LoadOperation
) -> None:
    wait(catalog, key, COMPLETE)
    check_accepted(catalog, key, operation)


def test_a_pending_staging_load_ahead_serves_staging_loads_only(catalog: Catalog, key: Key) -> None:
    wait(catalog, key, STAGING)
    check_refused(catalog, key, INCREMENTAL)
    check_accepted(catalog, key, INCREMENTAL_STAGING)


def test_a_pending_incremental_staging_load_stages_a_copy_of_what_is_published(catalog: Catalog, key: Key) -> None:
    wait(catalog, key, COMPLETE)
    wait(catalog, key, INCREMENTAL_STAGING)
    check_accepted(catalog, key, INCREMENTAL)


@incremental_operations
def test_a_pending_publish_job_ahead_will_publish_what_can_be_changed(
    catalog: Catalog, key: Key, operation: LoadOperation
) -> None:
    ordered(catalog, key, stage(catalog, key), PublishOrder())
    check_accepted(catalog, key, operation)


@incremental_operations
def test_a_pending_rollback_to_the_staged_version_will_publish_what_can_be_changed(
    catalog: Catalog, key: Key, operation: LoadOperation
) -> None:
    staged = stage(catalog, key)
    ordered(catalog, key, staged, RollbackOrder(staged.id))
    check_accepted(catalog, key, operation)


@incremental_operations
def test_a_staged_version_that_is_being_deleted_cannot_be_changed(
    catalog: Catalog, key: Key, operation: LoadOperation
) -> None:
    ordered(catalog, key, stage(catalog, key), DeleteOrder(staged_only=True))
    check_refused(catalog, key, operation)


@incremental_operations
def test_a_publish_job_ahead_of_the_deletion_of_what_is_staged_still_serves(
    catalog: Catalog, key: Key, operation: LoadOperation
) -> None:
    staged = stage(catalog, key)
    ordered(catalog, key, staged, PublishOrder())
    ordered(catalog, key, staged, DeleteOrder(staged_only=True))
    check_accepted(catalog, key, operation)


def test_a_load_behind_the_deletion_of_what_is_staged_stages_anew(catalog: Catalog, key: Key) -> None:
    ordered(catalog, key, stage(catalog, key), DeleteOrder(staged_only=True))
    wait(catalog, key, STAGING)
    check_accepted(catalog, key, INCREMENTAL_STAGING)


@incremental_operations
def test_a_load_that_failed_made_nothing_that_can_be_changed(
    catalog: Catalog, key: Key, operation: LoadOperation
) -> None:
    aborted(catalog, wait(catalog, key, COMPLETE))
    check_refused(catalog, key, operation)
