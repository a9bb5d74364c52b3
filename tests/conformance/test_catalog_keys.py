"""Changing keys and moving their roles, on every backend."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from geostead.catalog.base import Catalog
from geostead.errors import InvalidParameter, NotFound
from geostead.model.access import Account, Key
from geostead.model.job import DeleteOrder
from tests.builders import NOON, account_of, key_of
from tests.conformance.steps import load, ordered, versions_of

PAGES = ("www.example.com", "*.example.org")


def test_a_key_is_kept_with_its_referrers(catalog: Catalog, account: Account) -> None:
    web = replace(key_of(account, "web"), referrers=PAGES)
    catalog.add_key(web)
    assert catalog.find_key(web.digest) == web
    assert catalog.list_keys(account.id) == [web]


def test_name_and_referrers_change_and_nothing_else(catalog: Catalog, account: Account, key: Key) -> None:
    changed = catalog.change_key(account.id, "master", new_name="web", referrers=PAGES)
    assert changed == replace(key, name="web", referrers=PAGES) == catalog.find_key(key.digest)
    assert catalog.change_key(account.id, "web", new_name="web", referrers=()).referrers == ()


def test_a_name_that_another_key_has_is_refused_and_one_of_another_account_is_not_found(
    catalog: Catalog, account: Account, key: Key
) -> None:
    catalog.add_key(key_of(account, "web"))
    with pytest.raises(InvalidParameter, match="name: found 'web'"):
        catalog.change_key(account.id, "master", new_name="web", referrers=PAGES)
    other = account_of("other")
    catalog.add_account(other, [])
    with pytest.raises(NotFound):
        catalog.change_key(other.id, "master", new_name="mine", referrers=())
    assert catalog.find_key(key.digest) == key


def test_all_data_sources_of_one_key_go_to_another_and_those_of_a_third_stay(
    catalog: Catalog, account: Account, key: Key
) -> None:
    new, third = key_of(account, "new"), key_of(account, "third")
    for added in (new, third):
        catalog.add_key(added)
    for name, owner in (("b", key), ("A", key), ("c", third)):
        load(catalog, owner, name)
    moved = catalog.move_masters(account.id, "master", "new", NOON)
    assert [data_source.name for data_source in moved] == ["A", "b"]
    masters = {name: versions_of(catalog, key, name).data_source.master_key_id for name in "Abc"}
    assert masters == {"A": new.id, "b": new.id, "c": third.id}
    catalog.revoke_key(account.id, "master", NOON)
    assert catalog.move_masters(account.id, "master", "new", NOON) == []


def test_what_is_being_deleted_goes_along_so_that_the_old_key_is_master_of_nothing(
    catalog: Catalog, account: Account, key: Key
) -> None:
    catalog.add_key(key_of(account, "new"))
    ordered(catalog, key, load(catalog, key), DeleteOrder(staged_only=False))
    assert len(catalog.move_masters(account.id, "master", "new", NOON)) == 1
    catalog.revoke_key(account.id, "master", NOON)


def test_the_role_goes_to_no_key_that_is_dead_the_same_or_of_another_account(
    catalog: Catalog, account: Account, key: Key
) -> None:
    catalog.add_key(replace(key_of(account, "expired"), expires_at=NOON - timedelta(days=1)))
    catalog.add_key(key_of(account, "revoked"))
    catalog.revoke_key(account.id, "revoked", NOON)
    other = account_of("other")
    catalog.add_account(other, [key_of(other, "theirs")])
    load(catalog, key)
    for name in ("expired", "revoked", "master"):
        with pytest.raises(InvalidParameter, match="key: found"):
            catalog.move_masters(account.id, "master", name, NOON)
    for from_name, to_name in (("master", "theirs"), ("nobody", "master")):
        with pytest.raises(NotFound):
            catalog.move_masters(account.id, from_name, to_name, NOON)
    assert versions_of(catalog, key).data_source.master_key_id == key.id
