"""Making data sources public or private, and who masters them, on every backend."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from geostead.catalog.base import Catalog
from geostead.errors import InvalidParameter, NotAuthorized, NotFound
from geostead.model.access import Account, Key
from geostead.model.job import AccessOrder, DeleteOrder, JobStatus
from tests.builders import NOON, account_of, change_of, key_of, load_of, reserved
from tests.conformance.steps import aborted, change, completed, found_job, load, ordered, stage, versions_of

PUBLIC = AccessOrder(is_public=True)
PRIVATE = AccessOrder(is_public=False)


def is_public(catalog: Catalog, key: Key) -> bool:
    return versions_of(catalog, key).data_source.is_public


def test_an_access_job_has_been_done_when_it_is_accepted(catalog: Catalog, key: Key) -> None:
    job = load(catalog, key)
    wanted = change_of(job, PUBLIC)
    done = catalog.accept_change(wanted, key)
    assert done == replace(wanted, status=JobStatus.COMPLETED, completed_at=wanted.created_at)
    assert found_job(catalog, wanted) == done
    assert is_public(catalog, key)
    target = catalog.query_target(job.access_id, "Shops", key.digest).versions
    assert target is not None
    assert target.data_source.is_public
    ordered(catalog, key, job, PRIVATE)
    assert not is_public(catalog, key)
    assert catalog.claim("worker", 60) is None


def test_an_access_job_does_not_wait_for_the_jobs_ahead_of_it(catalog: Catalog, key: Key) -> None:
    job = load(catalog, key)
    catalog.accept_load(load_of(key))
    ordered(catalog, key, job, PUBLIC)
    assert is_public(catalog, key)


@pytest.mark.parametrize("order", [PUBLIC, PRIVATE])
def test_a_load_that_was_accepted_before_an_access_job_does_not_change_the_publicity(
    catalog: Catalog, key: Key, order: AccessOrder
) -> None:
    job = load(catalog, key)
    before = catalog.accept_load(load_of(key, set_public=not order.is_public, description="of the load"))
    ordered(catalog, key, job, order)
    completed(catalog, before)
    assert is_public(catalog, key) is order.is_public
    assert versions_of(catalog, key).data_source.description == "of the load", "only the publicity is overruled"


def test_a_load_that_was_accepted_after_an_access_job_has_the_last_word(catalog: Catalog, key: Key) -> None:
    job = load(catalog, key)
    ordered(catalog, key, job, PUBLIC)
    completed(catalog, catalog.accept_load(load_of(key, set_public=False)))
    assert not is_public(catalog, key)


def test_an_access_job_of_another_data_source_overrules_nothing(catalog: Catalog, key: Key) -> None:
    pubs = load(catalog, key, "Pubs")
    shops = catalog.accept_load(load_of(key, "Shops", set_public=True))
    ordered(catalog, key, pubs, PRIVATE)
    completed(catalog, shops)
    assert is_public(catalog, key)


def test_only_the_master_key_may_make_a_data_source_public(catalog: Catalog, account: Account, key: Key) -> None:
    other = key_of(account, "other")
    catalog.add_key(other)
    job = load(catalog, key)
    with pytest.raises(NotAuthorized):
        ordered(catalog, other, job, PUBLIC)
    assert not is_public(catalog, key)


def test_public_data_sources_of_all_accounts_are_listed_by_name_then_access_id(catalog: Catalog, key: Key) -> None:
    other = account_of("other")
    theirs = key_of(other)
    catalog.add_account(other, [theirs])
    for owner, name in ((key, "zoos"), (theirs, "Shops"), (key, "shops"), (key, "airports"), (theirs, "private")):
        ordered(catalog, owner, load(catalog, owner, name), AccessOrder(is_public=name != "private"))
    listed = catalog.list_public()
    assert [found.data_source.name.lower() for found in listed] == ["airports", "shops", "shops", "zoos"]
    assert listed[1].data_source.access_id < listed[2].data_source.access_id
    assert listed[3] == versions_of(catalog, key, "zoos")


def test_a_public_data_source_without_published_version_is_not_listed(catalog: Catalog, key: Key) -> None:
    ordered(catalog, key, stage(catalog, key), PUBLIC)
    assert catalog.list_public() == []


@pytest.fixture
def other_key(catalog: Catalog, account: Account) -> Key:
    """Return the key "other" of the account."""
    added = key_of(account, "other")
    catalog.add_key(added)
    return added


def test_another_key_becomes_the_master_key_and_the_old_one_can_be_revoked(
    catalog: Catalog, key: Key, other_key: Key
) -> None:
    load(catalog, key)
    changed = catalog.set_master_key(key.account_id, "SHOPS", "other", NOON)
    assert changed == versions_of(catalog, key).data_source
    assert changed.master_key_id == other_key.id
    with pytest.raises(NotAuthorized):
        catalog.accept_load(load_of(key))
    catalog.revoke_key(key.account_id, key.name, NOON)
    load(catalog, other_key)
    with pytest.raises(InvalidParameter):
        catalog.revoke_key(key.account_id, other_key.name, NOON)


def test_a_query_key_that_becomes_the_master_key_is_no_query_key_any_more(
    catalog: Catalog, key: Key, other_key: Key
) -> None:
    completed(catalog, catalog.accept_load(load_of(key, query_key=other_key)))
    changed = catalog.set_master_key(key.account_id, "Shops", "other", NOON)
    assert (changed.master_key_id, changed.query_key_id) == (other_key.id, None)


def test_a_query_key_that_is_another_one_stays(catalog: Catalog, account: Account, key: Key, other_key: Key) -> None:
    query_key = key_of(account, "query")
    catalog.add_key(query_key)
    completed(catalog, catalog.accept_load(load_of(key, query_key=query_key)))
    assert catalog.set_master_key(key.account_id, "Shops", "other", NOON).query_key_id == query_key.id


def test_a_pending_load_does_not_make_the_new_master_key_a_query_key(
    catalog: Catalog, key: Key, other_key: Key
) -> None:
    pending = catalog.accept_load(load_of(key, query_key=other_key))
    catalog.set_master_key(key.account_id, "Shops", "other", NOON)
    completed(catalog, pending)
    assert versions_of(catalog, key).data_source.query_key_id is None


def test_a_reservation_can_be_given_a_master_key(catalog: Catalog, account: Account, key: Key, other_key: Key) -> None:
    catalog.reserve(reserved(account, "Shops"))
    catalog.set_master_key(account.id, "Shops", "other", NOON)
    with pytest.raises(NotAuthorized):
        catalog.accept_load(load_of(key))
    load(catalog, other_key)


def test_the_new_master_key_has_to_be_a_live_one_of_the_account(
    catalog: Catalog, account: Account, key: Key, other_key: Key
) -> None:
    foreign = account_of("foreign")
    catalog.add_account(foreign, [key_of(foreign, "theirs")])
    catalog.add_key(replace(key_of(account, "brief"), expires_at=NOON))
    load(catalog, key)
    with pytest.raises(NotFound, match="no key of the name theirs"):
        catalog.set_master_key(account.id, "Shops", "theirs", NOON)
    with pytest.raises(InvalidParameter, match="key: found 'brief'"):
        catalog.set_master_key(account.id, "Shops", "brief", NOON)
    catalog.revoke_key(account.id, "other", NOON)
    with pytest.raises(InvalidParameter, match="key: found 'other'"):
        catalog.set_master_key(account.id, "Shops", "other", NOON)
    assert versions_of(catalog, key).data_source.master_key_id == key.id
    catalog.set_master_key(account.id, "Shops", "brief", NOON - timedelta(microseconds=1))


def test_a_master_key_needs_a_data_source_that_is_there_and_not_being_deleted(
    catalog: Catalog, key: Key, other_key: Key
) -> None:
    with pytest.raises(NotFound, match="no data source of the name Shops"):
        catalog.set_master_key(key.account_id, "Shops", "other", NOON)
    job = load(catalog, key)
    delete = ordered(catalog, key, job, DeleteOrder(staged_only=False))
    with pytest.raises(NotFound, match="no data source of the name Shops"):
        catalog.set_master_key(key.account_id, "Shops", "other", NOON)
    aborted(catalog, delete)
    catalog.set_master_key(key.account_id, "Shops", "other", NOON)
    change(catalog, other_key, job, DeleteOrder(staged_only=False))
