"""Listing accounts."""

from geostead.model.limits import PROFILES
from geostead.operations.create_account import create_account
from geostead.operations.list_accounts import list_accounts
from geostead.operations.services import Services


def test_a_new_installation_has_no_accounts(services: Services) -> None:
    assert list_accounts(services) == []


def test_accounts_are_listed_by_name(services: Services) -> None:
    created = [create_account(services, name, PROFILES["basic"]).account for name in ("zoo", "ark")]
    assert list_accounts(services) == created[::-1]
