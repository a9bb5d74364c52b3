"""Signing in with a password, and how often one may try."""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from geostead.errors import GeosteadError, InvalidParameter, SignInRefused, TooManyAttempts
from geostead.model.access import digest_of
from geostead.model.person import Person
from geostead.operations.attempts import (
    MOST_OF_ADDRESS,
    MOST_OF_ADDRESS_FROM_NETWORK,
    MOST_OF_NETWORK,
    WITHIN,
    network_of,
)
from geostead.operations.create_person import create_person
from geostead.operations.find_session import find_session
from geostead.operations.services import Services
from geostead.operations.sign_in import sign_in
from geostead.operations.sign_out import sign_out, sign_out_everywhere
from geostead.operations.start_session import SESSION_LASTS, start_session
from tests.installations import Clock
from tests.passwords import CountingHasher

EMAIL = "ada@example.com"
PASSWORD = "correct horse battery"
HOME = "192.0.2.7"


pytestmark = pytest.mark.usefixtures("hasher")


@pytest.fixture
def ada(services: Services) -> Person:
    return create_person(services, EMAIL, PASSWORD)


def error_of(services: Services, email: str, password: str, client: str = HOME) -> GeosteadError | None:
    try:
        sign_in(services, email, password, client)
    except GeosteadError as error:
        return error
    return None


def test_the_right_password_begins_a_session_that_only_its_value_opens(services: Services, ada: Person) -> None:
    started = sign_in(services, " ADA@example.com ", PASSWORD, HOME)
    found = find_session(services, started.value)
    assert found is not None
    assert found.person.id == ada.id
    assert started.session.digest == digest_of(started.value)
    assert len(started.value) >= 43, "256 bits in base64"
    assert find_session(services, started.session.digest) is None
    assert started.value not in repr(started)


def test_every_session_has_a_value_of_its_own(services: Services, ada: Person, hasher: CountingHasher) -> None:
    services.catalog.set_password(ada, hasher.hash(PASSWORD.encode()))
    values = {sign_in(services, EMAIL, PASSWORD, HOME).value for _ in range(3)}
    assert len(values) == 3


def test_a_session_ends_after_two_weeks(services: Services, clock: Clock, ada: Person) -> None:
    started = sign_in(services, EMAIL, PASSWORD, HOME)
    clock.advance(SESSION_LASTS.total_seconds() - 1)
    assert find_session(services, started.value) is not None
    clock.advance(1)
    assert find_session(services, started.value) is None


def test_signing_out_ends_one_session_or_all(services: Services, ada: Person) -> None:
    first, second, third = (sign_in(services, EMAIL, PASSWORD, HOME) for _ in range(3))
    sign_out(services, first.session)
    assert find_session(services, first.value) is None
    assert find_session(services, second.value) is not None
    sign_out_everywhere(services, ada.id)
    assert find_session(services, third.value) is None


@pytest.mark.parametrize("email", ["nobody@example.com", "not an address", "", "a@b\x00c", "\ud800@example.com"])
def test_who_is_not_known_is_refused_in_the_same_words_and_after_as_much_hashing(
    services: Services, hasher: CountingHasher, email: str
) -> None:
    create_person(services, EMAIL, PASSWORD)
    create_person(services, "link@example.com", None)
    wrong = error_of(services, EMAIL, "wrong password")
    assert hasher.verified == 1
    unknown = error_of(services, email, PASSWORD)
    assert hasher.verified == 2
    without_password = error_of(services, "link@example.com", PASSWORD)
    assert hasher.verified == 3
    assert type(wrong) is type(unknown) is type(without_password) is SignInRefused
    assert str(wrong) == str(unknown) == str(without_password)


@pytest.mark.parametrize("password", ["", "\x00", "\ud800" * 12, "a" * 100_000, PASSWORD.upper(), PASSWORD + "\x00"])
def test_an_odd_password_is_a_wrong_one(services: Services, hasher: CountingHasher, password: str) -> None:
    create_person(services, EMAIL, PASSWORD)
    assert isinstance(error_of(services, EMAIL, password), SignInRefused)


def test_letters_that_look_alike_are_the_same_in_a_password(services: Services, hasher: CountingHasher) -> None:
    create_person(services, EMAIL, "caf\u00e9 au lait e\u0301")
    assert error_of(services, EMAIL, "cafe\u0301 au lait \u00e9") is None


def test_after_five_failures_the_right_password_is_refused_too_until_a_quarter_of_an_hour_is_over(
    services: Services, clock: Clock, hasher: CountingHasher
) -> None:
    create_person(services, EMAIL, PASSWORD)
    for _ in range(MOST_OF_ADDRESS_FROM_NETWORK):
        assert isinstance(error_of(services, EMAIL, "wrong password"), SignInRefused)
    clock.advance(60)
    refused = error_of(services, EMAIL, PASSWORD)
    assert isinstance(refused, TooManyAttempts)
    assert refused.retry_after_s == WITHIN.total_seconds() - 60
    assert "14 minutes" in str(refused)
    assert hasher.verified == MOST_OF_ADDRESS_FROM_NETWORK, "nothing is hashed for who is refused"
    clock.advance(refused.retry_after_s)
    assert error_of(services, EMAIL, PASSWORD) is None


def test_who_is_not_known_is_refused_after_as_many_failures(services: Services, hasher: CountingHasher) -> None:
    errors = [error_of(services, "nobody@example.com", "wrong password") for _ in range(6)]
    assert [type(error) for error in errors] == [SignInRefused] * 5 + [TooManyAttempts]


def test_of_guesses_made_at_once_no_more_are_looked_at(services: Services, hasher: CountingHasher) -> None:
    create_person(services, EMAIL, PASSWORD)
    with ThreadPoolExecutor(10) as threads:
        errors = list(threads.map(lambda _: error_of(services, EMAIL, "wrong password"), range(30)))
    assert hasher.verified == MOST_OF_ADDRESS_FROM_NETWORK
    assert sum(isinstance(error, TooManyAttempts) for error in errors) == 25


def test_nobody_is_locked_out_by_what_is_typed_elsewhere(services: Services, hasher: CountingHasher) -> None:
    create_person(services, EMAIL, PASSWORD)
    for _ in range(10):
        error_of(services, EMAIL, "wrong password", "198.51.100.9")
    assert error_of(services, EMAIL, PASSWORD, HOME) is None


def test_an_address_is_not_guessed_at_from_many_networks_for_ever(services: Services, hasher: CountingHasher) -> None:
    create_person(services, EMAIL, PASSWORD)
    for number in range(MOST_OF_ADDRESS):
        assert isinstance(error_of(services, EMAIL, "wrong password", f"198.51.100.{number}"), SignInRefused)
    assert isinstance(error_of(services, EMAIL, "wrong password", "203.0.113.1"), TooManyAttempts)


def test_a_network_does_not_try_many_addresses_for_ever(services: Services, hasher: CountingHasher) -> None:
    for number in range(MOST_OF_NETWORK):
        assert isinstance(error_of(services, f"{number}@example.com", "wrong password"), SignInRefused)
    assert isinstance(error_of(services, "one.more@example.com", "wrong password"), TooManyAttempts)


def test_who_signs_in_gets_all_attempts_back_and_no_other_network_does(
    services: Services, clock: Clock, hasher: CountingHasher
) -> None:
    create_person(services, EMAIL, PASSWORD)
    for _ in range(3):
        for _ in range(MOST_OF_ADDRESS_FROM_NETWORK - 1):
            assert isinstance(error_of(services, EMAIL, "wrong password"), SignInRefused)
            assert isinstance(
                error_of(services, EMAIL, "wrong password", "198.51.100.9"), SignInRefused | TooManyAttempts
            )
        clock.advance(1)
        assert error_of(services, EMAIL, PASSWORD) is None
    assert isinstance(error_of(services, EMAIL, PASSWORD, "198.51.100.9"), TooManyAttempts)


@pytest.mark.parametrize(
    ("client", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        ("/run/socket", ""),
    ],
)
def test_a_network_is_an_address_or_the_half_of_one_that_a_household_gets(client: str, network: str) -> None:
    assert network_of(client) == network


def test_what_is_typed_is_in_no_log_and_no_table(
    services: Services, ada: Person, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        error_of(services, "typed-here-by-mistake", "secret-password-1")
        error_of(services, EMAIL, "secret-password-2")
        started = sign_in(services, EMAIL, PASSWORD, HOME)
    for secret in ("typed-here-by-mistake", "secret-password", PASSWORD, started.value):
        assert secret not in caplog.text


@pytest.mark.parametrize(
    "password",
    ["short", "a" * 11, "a" * 1001, "aaaaaaaaaaaa", "abababababababab", "Password1234", "qwertyuiop12", EMAIL],
)
def test_a_password_that_others_would_try_first_is_refused(services: Services, password: str) -> None:
    with pytest.raises(InvalidParameter, match="password") as refused:
        create_person(services, EMAIL, password)
    assert password not in str(refused.value) or password == EMAIL
    assert not services.catalog.has_people()


@pytest.mark.parametrize("password", ["correct horse", "ab" * 5 + "cd", "x1y2" * 250])
def test_any_other_password_will_do(services: Services, hasher: CountingHasher, password: str) -> None:
    create_person(services, EMAIL, password)
    assert error_of(services, EMAIL, password) is None


@pytest.mark.parametrize("email", ["", "ada", "ada@", "@example.com", "a b@example.com", "a@b@c", "a" * 250 + "@b.de"])
def test_what_is_no_address_is_refused(services: Services, email: str) -> None:
    with pytest.raises(InvalidParameter, match="email"):
        create_person(services, email, PASSWORD)


def test_no_session_begins_for_who_is_gone(services: Services, ada: Person) -> None:
    gone = replace(ada, id="0" * 32)
    with pytest.raises(SignInRefused):
        start_session(services, gone)
