"""Accounts and keys, on every backend."""

from dataclasses import replace
from datetime import timedelta

import pytest

from geostead.catalog.base import Catalog
from geostead.errors import AccountFull, CredentialsExpired, InvalidParameter, LeaseLost, NotFound
from geostead.model.access import Account, Key
from geostead.model.ids import new_id
from geostead.model.job import DeleteOrder
from geostead.model.limits import PROFILES, Usage
from tests.builders import NOON, NOTHING_DONE, account_of, download_of, key_of, load_of, reserved, version_of
from tests.conformance.steps import claimed, completed, load, ordered, stage, versions_of


def test_an_account_is_found_by_name_and_by_id(catalog: Catalog, account: Account) -> None:
    assert catalog.find_account("acme") == account
    assert catalog.get_account(account.id) == account


def test_an_unknown_account_is_not_found(catalog: Catalog, account: Account) -> None:
    assert catalog.find_account("nobody") is None
    with pytest.raises(NotFound):
        catalog.get_account("0" * 32)


def test_limits_of_an_account_are_kept_with_their_overrides(catalog: Catalog) -> None:
    limits = PROFILES["basic"].override(jobs_per_day=None, entities=7)
    catalog.add_account(account_of("small", limits), [])
    found = catalog.find_account("small")
    assert found is not None
    assert found.limits == limits


def test_accounts_are_listed_by_name(catalog: Catalog) -> None:
    for name in ("zoo", "bar", "moon"):
        catalog.add_account(account_of(name), [])
    assert [account.name for account in catalog.list_accounts()] == ["bar", "moon", "zoo"]


def test_the_name_of_an_account_is_taken_only_once_and_the_refused_one_leaves_no_keys(
    catalog: Catalog, account: Account
) -> None:
    second = account_of("acme")
    key = key_of(second)
    with pytest.raises(InvalidParameter, match="name: found 'acme'"):
        catalog.add_account(second, [key])
    assert catalog.find_key(key.digest) is None


def test_an_account_with_a_key_that_is_taken_is_not_recorded_at_all(catalog: Catalog, key: Key) -> None:
    second = account_of("second")
    with pytest.raises(InvalidParameter, match="value"):
        catalog.add_account(second, [key_of(second), replace(key_of(second, "other"), digest=key.digest)])
    assert catalog.find_account("second") is None


def test_keys_are_listed_oldest_first_even_if_they_were_made_at_one_instant(catalog: Catalog) -> None:
    account = account_of()
    keys = [key_of(account, name) for name in ("master", "query", "a")]
    catalog.add_account(account, keys)
    assert catalog.list_keys(account.id) == keys


def test_a_key_is_found_by_its_digest_with_all_its_dates_to_the_microsecond(catalog: Catalog, account: Account) -> None:
    expires_at = NOON + timedelta(days=3, microseconds=1)
    key = replace(key_of(account), expires_at=expires_at, revoked_at=NOON - timedelta(microseconds=7))
    catalog.add_key(key)
    assert catalog.find_key(key.digest) == key
    assert catalog.find_key("0" * 64) is None


def test_the_name_of_a_key_is_taken_within_its_account_only(catalog: Catalog, account: Account, key: Key) -> None:
    other = account_of("other")
    catalog.add_account(other, [key_of(other, "master")])
    with pytest.raises(InvalidParameter, match="name: found 'master'"):
        catalog.add_key(key_of(account, "master"))


def test_a_key_value_is_taken_only_once_and_the_message_does_not_show_its_digest(catalog: Catalog, key: Key) -> None:
    other = account_of("other")
    catalog.add_account(other, [])
    with pytest.raises(InvalidParameter) as refused:
        catalog.add_key(replace(key_of(other), digest=key.digest))
    assert refused.value.parameter == "value"
    assert key.digest not in str(refused.value)


def test_a_revoked_key_is_still_found_and_keeps_the_date_of_its_first_revocation(catalog: Catalog, key: Key) -> None:
    revoked = catalog.revoke_key(key.account_id, "master", NOON)
    again = catalog.revoke_key(key.account_id, "master", NOON + timedelta(days=1))
    assert revoked == again == replace(key, revoked_at=NOON)
    assert catalog.find_key(key.digest) == revoked


def test_only_a_key_of_the_account_can_be_revoked(catalog: Catalog, key: Key) -> None:
    other = account_of("other")
    catalog.add_account(other, [key_of(other, "theirs")])
    with pytest.raises(NotFound, match="theirs"):
        catalog.revoke_key(key.account_id, "theirs", NOON)


def test_a_master_key_cannot_be_revoked(catalog: Catalog, key: Key) -> None:
    catalog.accept_load(load_of(key, "Shops"))
    with pytest.raises(InvalidParameter, match="data source Shops"):
        catalog.revoke_key(key.account_id, "master", NOON)
    assert catalog.find_key(key.digest) == key


def test_limits_are_replaced_and_what_is_there_beyond_them_stays(catalog: Catalog, account: Account, key: Key) -> None:
    for name in ("Shops", "Pubs"):
        load(catalog, key, name)
    limits = PROFILES["basic"].override(data_sources=1)
    catalog.set_limits(account.id, limits)
    assert catalog.get_account(account.id) == replace(account, limits=limits)
    assert len(catalog.list_every(account.id)) == 2
    load(catalog, key, "Shops")
    with pytest.raises(AccountFull, match="data sources is 3; the maximum is 1"):
        catalog.accept_load(load_of(key, "Zoos"))


def test_usage_counts_what_the_limits_count(catalog: Catalog, account: Account, key: Key) -> None:
    other = account_of("other")
    catalog.add_account(other, [key_of(other)])
    job = load(catalog, key, "Shops")
    catalog.reserve(reserved(account, "Reserved"))
    catalog.accept_download(download_of(job))
    catalog.accept_load(load_of(key, "Pubs"))
    assert catalog.usage(account.id, NOON) == Usage(jobs_in_process=1, jobs_per_day=2, data_sources=3)
    tomorrow = catalog.usage(account.id, NOON + timedelta(hours=24))
    assert tomorrow == Usage(jobs_in_process=1, jobs_per_day=0, data_sources=3)
    assert catalog.usage(other.id, NOON) == Usage(jobs_in_process=0, jobs_per_day=0, data_sources=0)


def test_usage_counts_a_data_source_until_its_delete_job_has_run(catalog: Catalog, account: Account, key: Key) -> None:
    job = load(catalog, key, "Shops")
    ordered(catalog, key, job, DeleteOrder(staged_only=False))
    assert catalog.list_every(account.id) == []
    assert catalog.usage(account.id, NOON) == Usage(jobs_in_process=1, jobs_per_day=2, data_sources=1)


def test_limits_of_an_unknown_account_cannot_be_set(catalog: Catalog, account: Account) -> None:
    with pytest.raises(NotFound):
        catalog.set_limits(new_id(), PROFILES["basic"])
    assert catalog.get_account(account.id) == account


def test_a_deleted_account_leaves_nothing(catalog: Catalog, account: Account, key: Key) -> None:
    query_key = key_of(account, "query")
    catalog.add_key(query_key)
    job = completed(catalog, catalog.accept_load(load_of(key, query_key=query_key, set_public=True)))
    load(catalog, key)
    stage(catalog, key)
    catalog.reserve(reserved(account, "Reserved"))
    catalog.accept_download(download_of(job))
    catalog.accept_load(load_of(key))
    running = claimed(catalog)
    catalog.delete_account(account.id)
    assert (catalog.find_account("acme"), catalog.find_key(key.digest), catalog.get_job(job.id)) == (None, None, None)
    assert (catalog.list_keys(account.id), catalog.list_every(account.id), catalog.list_public()) == ([], [], [])
    assert (catalog.used_blobs(), catalog.used_snapshots()) == (set(), set())
    target = catalog.query_target(job.access_id, "Shops", key.digest)
    assert (target.key, target.versions) == (None, None)
    with pytest.raises(LeaseLost):
        catalog.renew(running, "worker", 60, NOTHING_DONE)
    with pytest.raises(CredentialsExpired):
        catalog.accept_load(load_of(key))
    catalog.add_account(account_of("acme"), [])


def test_other_accounts_outlive_a_deleted_one(catalog: Catalog, account: Account, key: Key) -> None:
    other = account_of("other")
    theirs = key_of(other)
    catalog.add_account(other, [theirs])
    job = load(catalog, theirs)
    catalog.delete_account(account.id)
    assert versions_of(catalog, theirs).published == version_of(job)
    assert catalog.get_job(job.id) is not None
    assert catalog.list_accounts() == [other]


def test_an_unknown_account_cannot_be_deleted(catalog: Catalog, account: Account) -> None:
    with pytest.raises(NotFound):
        catalog.delete_account(new_id())
    assert catalog.list_accounts() == [account]
