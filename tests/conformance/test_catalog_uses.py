"""Counts of requests and last uses of keys, on every backend."""

from dataclasses import replace
from datetime import date, timedelta

from geostead.catalog.base import Catalog
from geostead.model.access import Account, Key
from geostead.model.usage_count import UsageCount
from tests.builders import NOON, account_of, key_of
from tests.conformance.conftest import OpenCatalog

DAY = date(2026, 3, 1)


def counted(account: Account, requests: int, *, day: date = DAY, name: str = "Shops") -> UsageCount:
    return UsageCount(account.id, day, name, "queryEntities", requests)


def test_counts_of_one_day_data_source_and_operation_add_up(catalog: Catalog, account: Account) -> None:
    catalog.add_uses([counted(account, 3), counted(account, 1)], {})
    catalog.add_uses([counted(account, 2)], {})
    assert catalog.usage_counts(account.id, DAY) == [counted(account, 6)]


def test_counts_come_by_day_then_data_source_then_operation_from_the_day_asked_for(
    catalog: Catalog, account: Account
) -> None:
    late, early = counted(account, 1, day=DAY + timedelta(days=1)), counted(account, 1)
    by_id = replace(early, operation="getEntity")
    nothing = replace(late, data_source_name="")
    before = counted(account, 9, day=DAY - timedelta(days=1))
    catalog.add_uses([late, nothing, early, before, by_id], {})
    assert catalog.usage_counts(account.id, DAY) == [by_id, early, nothing, late]


def test_counts_of_another_account_are_not_seen(catalog: Catalog, account: Account) -> None:
    other = account_of("other")
    catalog.add_account(other, [])
    catalog.add_uses([counted(account, 1), counted(other, 5)], {})
    assert catalog.usage_counts(account.id, DAY) == [counted(account, 1)]


def test_what_belongs_to_an_account_or_a_key_that_is_gone_is_left_out(
    catalog: Catalog, account: Account, key: Key
) -> None:
    gone = account_of("gone")
    catalog.add_uses([counted(gone, 1), counted(account, 2)], {key_of(gone).id: NOON, key.id: NOON})
    assert catalog.usage_counts(account.id, DAY) == [counted(account, 2)]
    assert catalog.key_uses(account.id) == {key.id: NOON}


def test_the_last_use_of_a_key_never_moves_back(catalog: Catalog, account: Account, key: Key) -> None:
    assert catalog.key_uses(account.id) == {}
    for at in (NOON, NOON + timedelta(minutes=2), NOON + timedelta(minutes=1)):
        catalog.add_uses([], {key.id: at})
    assert catalog.key_uses(account.id) == {key.id: NOON + timedelta(minutes=2)}


def test_counts_go_with_their_account(catalog: Catalog, account: Account, key: Key) -> None:
    catalog.add_uses([counted(account, 1)], {key.id: NOON})
    catalog.delete_account(account.id)
    assert catalog.usage_counts(account.id, DAY) == []
    assert catalog.key_uses(account.id) == {}


def test_counts_are_forgotten_after_four_hundred_days(catalog: Catalog, account: Account) -> None:
    old, kept = (counted(account, 1, day=NOON.date() - timedelta(days=days)) for days in (401, 400))
    catalog.add_uses([old, kept], {})
    catalog.forget_old(NOON)
    assert catalog.usage_counts(account.id, old.day) == [kept]


def test_batches_of_two_processes_add_up(open_catalog: OpenCatalog, catalog: Catalog, account: Account) -> None:
    other = open_catalog()
    for one in (catalog, other, catalog):
        one.add_uses([counted(account, 1)], {})
    assert other.usage_counts(account.id, DAY) == [counted(account, 3)]
