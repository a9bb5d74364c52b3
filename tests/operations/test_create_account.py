"""Accounts come with two keys, whose values are shown once."""

import pytest

from geostead.errors import InvalidParameter
from geostead.model.access import digest_of
from geostead.model.limits import PROFILES
from geostead.operations.create_account import create_account
from geostead.operations.services import Services

BASIC = PROFILES["basic"]


def test_an_account_is_made_with_two_keys_that_are_found_by_their_values(services: Services) -> None:
    created = create_account(services, "acme", BASIC)
    assert services.catalog.find_account("acme") == created.account
    assert created.account.limits == BASIC
    assert [key.key.name for key in created.keys] == ["master", "query"]
    for key in created.keys:
        assert services.catalog.find_key(digest_of(key.value)) == key.key
        assert key.key.is_live(services.now())


def test_key_values_are_long_different_and_not_part_of_what_is_printed_by_chance(services: Services) -> None:
    created = create_account(services, "acme", BASIC)
    master, query = (key.value for key in created.keys)
    assert master != query
    assert len(master) == len(query) == 64
    assert master not in repr(created)


def test_the_name_of_an_account_is_taken_only_once(services: Services) -> None:
    create_account(services, "acme", BASIC)
    with pytest.raises(InvalidParameter, match="name: found 'acme'"):
        create_account(services, "acme", BASIC)


@pytest.mark.parametrize("name", ["", " ", " acme", "acme ", "ac\nme", "a\x00", "x" * 101])
def test_a_name_that_cannot_be_shown_in_one_line_is_refused(services: Services, name: str) -> None:
    with pytest.raises(InvalidParameter, match="printable characters"):
        create_account(services, name, BASIC)
    assert services.catalog.list_accounts() == []


@pytest.mark.parametrize("name", ["a", "Åse & Søn A/S", "x" * 100])
def test_a_name_may_be_of_any_language(services: Services, name: str) -> None:
    assert create_account(services, name, BASIC).account == services.catalog.find_account(name)
