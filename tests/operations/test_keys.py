"""Creating, importing, listing and revoking keys."""

from datetime import timedelta

import pytest

from geostead.errors import InvalidParameter, NotFound
from geostead.model.access import digest_of
from geostead.model.limits import PROFILES
from geostead.operations.create_account import create_account
from geostead.operations.create_key import create_key
from geostead.operations.describe_account import describe_account
from geostead.operations.reserve_data_source import reserve_data_source
from geostead.operations.revoke_key import revoke_key
from geostead.operations.services import Services
from tests.builders import load_of
from tests.installations import Clock


@pytest.fixture(autouse=True)
def _acme(services: Services) -> None:
    create_account(services, "acme", PROFILES["self-hosted"])


def test_a_new_key_is_found_by_its_value_and_never_expires(services: Services, clock: Clock) -> None:
    created = create_key(services, "acme", "app")
    assert services.catalog.find_key(digest_of(created.value)) == created.key
    assert (created.key.name, created.key.created_at, created.key.expires_at) == ("app", clock(), None)
    assert created.value not in repr(created)


def test_a_key_without_a_name_gets_the_next_free_one(services: Services) -> None:
    create_key(services, "acme", "key-4")
    names = [create_key(services, "acme").key.name for _ in range(3)]
    assert names == ["key-5", "key-6", "key-7"]
    assert create_key(services, "acme", "key-3").key.name == "key-3"


def test_a_name_that_was_made_up_is_never_one_that_is_taken(services: Services) -> None:
    create_key(services, "acme", "key-5")
    assert [create_key(services, "acme").key.name for _ in range(2)] == ["key-4", "key-6"]


def test_a_key_expires_when_it_was_told_to(services: Services, clock: Clock) -> None:
    key = create_key(services, "acme", expires_at=clock() + timedelta(days=1)).key
    assert key.is_live(clock() + timedelta(hours=23))
    assert not key.is_live(clock() + timedelta(days=1))


def test_a_key_that_would_have_expired_already_is_refused(services: Services, clock: Clock) -> None:
    with pytest.raises(InvalidParameter, match="expires_at"):
        create_key(services, "acme", expires_at=clock())


@pytest.mark.parametrize("value", ["12345678", "x" * 512, "Aq-_ZZ!#%&/()=?~", "schlüssel", "  padded12\n"])
def test_an_existing_value_moves_in_without_the_white_space_around_it(services: Services, value: str) -> None:
    created = create_key(services, "acme", "old", value=value)
    assert created.value == value.strip()
    assert services.catalog.find_key(digest_of(value)) == created.key


@pytest.mark.parametrize("value", ["", "1234567", "  1234567  ", "x" * 513, "two words", "tab\tinside", "zero\0byte"])
def test_a_value_that_cannot_be_a_key_is_refused_and_not_repeated(services: Services, value: str) -> None:
    with pytest.raises(InvalidParameter, match="8 to 512 printable characters without spaces") as refused:
        create_key(services, "acme", "old", value=value)
    assert refused.value.parameter == "value"
    assert not value.strip() or value not in str(refused.value)


def test_a_value_that_is_a_key_already_is_refused_even_if_that_one_is_revoked(services: Services) -> None:
    create_key(services, "acme", "old", value="an-old-value")
    revoke_key(services, "acme", "old")
    with pytest.raises(InvalidParameter) as refused:
        create_key(services, "acme", "new", value="an-old-value")
    assert refused.value.parameter == "value"
    assert "an-old-value" not in str(refused.value)


def test_keys_are_listed_oldest_first_with_the_revoked_ones(services: Services) -> None:
    create_key(services, "acme", "app")
    revoked = revoke_key(services, "acme", "query")
    assert [key.name for key in describe_account(services, "acme").keys] == ["master", "query", "app"]
    assert describe_account(services, "acme").keys[1] == revoked


def test_a_revoked_key_opens_nothing_from_that_moment_on(services: Services, clock: Clock) -> None:
    revoked = revoke_key(services, "acme", "query")
    assert revoked.revoked_at == clock()
    assert not revoked.is_live(clock())
    clock.advance(60)
    assert revoke_key(services, "acme", "query") == revoked


def test_a_master_key_cannot_be_revoked(services: Services) -> None:
    master = describe_account(services, "acme").keys[0]
    reserve_data_source(services, "acme", "Shops", "ab" * 16)
    services.catalog.accept_load(load_of(master, "Shops", at=services.now()))
    with pytest.raises(InvalidParameter, match="data source Shops"):
        revoke_key(services, "acme", "master")


def test_an_unknown_account_and_an_unknown_key_are_not_found(services: Services) -> None:
    with pytest.raises(NotFound, match="nobody"):
        create_key(services, "nobody")
    with pytest.raises(NotFound, match="nobody"):
        describe_account(services, "nobody")
    with pytest.raises(NotFound, match="nobody"):
        revoke_key(services, "nobody", "master")
    with pytest.raises(NotFound, match="other"):
        revoke_key(services, "acme", "other")
