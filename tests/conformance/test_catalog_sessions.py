"""Sessions, attempts to sign in and secrets, on every backend."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from geostead.catalog.base import Catalog
from geostead.catalog.people_port import Membership, SignedIn
from geostead.errors import NotFound
from geostead.model.access import Account
from geostead.model.person import Member, Person, Role
from tests.builders import NOON
from tests.conformance.conftest import OpenCatalog
from tests.conformance.test_catalog_people import person_of, session_of, signed_in

WITHIN = timedelta(minutes=15)


@pytest.fixture
def ada(catalog: Catalog) -> Person:
    person = person_of()
    catalog.add_person(person)
    return person


def test_a_session_tells_whose_it_is_and_where_they_may_go_now(catalog: Catalog, account: Account, ada: Person) -> None:
    session = signed_in(catalog, ada)
    person = replace(ada, signed_in_at=NOON)
    assert catalog.find_session(session.digest, NOON) == SignedIn(session, person, ())
    catalog.set_member(Member(account.id, ada.id, Role.VIEWER, NOON))
    found = catalog.find_session(session.digest, NOON)
    assert found == SignedIn(session, person, (Membership(account, Role.VIEWER),))
    catalog.remove_member(account.id, ada.id)
    assert catalog.find_session(session.digest, NOON) == SignedIn(session, person, ())


def test_a_session_ends_when_its_time_is_over(catalog: Catalog, ada: Person) -> None:
    session = signed_in(catalog, ada)
    assert catalog.count_sessions(ada.id, NOON) == 1
    last = session.expires_at - timedelta(microseconds=1)
    assert catalog.find_session(session.digest, last) is not None
    assert catalog.find_session(session.digest, session.expires_at) is None
    assert catalog.count_sessions(ada.id, session.expires_at) == 0


def test_a_session_that_was_ended_is_not_found_again(catalog: Catalog, ada: Person) -> None:
    first, second = signed_in(catalog, ada), signed_in(catalog, ada)
    catalog.end_session(first.digest)
    catalog.end_session(first.digest)
    assert catalog.find_session(first.digest, NOON) is None
    assert catalog.find_session(second.digest, NOON) is not None


def test_all_sessions_of_a_person_end_together_and_nobody_elses(catalog: Catalog, ada: Person) -> None:
    bob = person_of("bob@example.com")
    catalog.add_person(bob)
    of_ada, of_bob = [signed_in(catalog, ada) for _ in range(3)], signed_in(catalog, bob)
    catalog.end_sessions(ada.id)
    assert all(catalog.find_session(session.digest, NOON) is None for session in of_ada)
    assert catalog.find_session(of_bob.digest, NOON) is not None


def test_who_is_removed_is_not_signed_in_any_more(catalog: Catalog, ada: Person) -> None:
    session = signed_in(catalog, ada)
    catalog.remove_person(ada.id)
    assert catalog.find_session(session.digest, NOON) is None


def test_no_session_begins_with_a_password_that_has_been_replaced(catalog: Catalog, ada: Person) -> None:
    catalog.set_password(ada, "another")
    session = session_of(ada)
    with pytest.raises(NotFound):
        catalog.add_session(session, ada)
    assert catalog.find_session(session.digest, NOON) is None


def test_as_many_attempts_are_admitted_as_each_subject_allows(catalog: Catalog) -> None:
    for _ in range(2):
        assert catalog.admit_attempt({"pair": 2, "network": 3}, NOON, WITHIN) is None
    assert catalog.admit_attempt({"pair": 2, "network": 3}, NOON, WITHIN) == NOON + WITHIN
    assert catalog.admit_attempt({"other pair": 2, "network": 3}, NOON, WITHIN) is None, "refused ones do not count"
    assert catalog.admit_attempt({"third pair": 2, "network": 3}, NOON, WITHIN) == NOON + WITHIN


def test_attempts_are_admitted_again_as_old_ones_leave_the_window(catalog: Catalog) -> None:
    later = NOON + timedelta(minutes=5)
    assert catalog.admit_attempt({"pair": 2}, NOON, WITHIN) is None
    assert catalog.admit_attempt({"pair": 2}, later, WITHIN) is None
    free_at = catalog.admit_attempt({"pair": 2}, later, WITHIN)
    assert free_at == NOON + WITHIN
    assert catalog.admit_attempt({"pair": 2}, free_at, WITHIN) is None
    assert catalog.admit_attempt({"pair": 2}, free_at, WITHIN) == later + WITHIN


def test_attempts_that_are_taken_back_do_not_count(catalog: Catalog) -> None:
    later = NOON + timedelta(minutes=1)
    catalog.admit_attempt({"a": 1, "b": 2}, NOON, WITHIN)
    catalog.admit_attempt({"b": 2}, later, WITHIN)
    catalog.forget_attempts("b", later)
    assert catalog.admit_attempt({"b": 2}, later, WITHIN) is None
    assert catalog.admit_attempt({"b": 2}, later, WITHIN) == NOON + WITHIN
    catalog.forget_attempts("a")
    assert catalog.admit_attempt({"a": 1}, later, WITHIN) is None


def test_of_attempts_made_at_once_no_more_are_admitted(open_catalog: OpenCatalog, catalog: Catalog) -> None:
    others = [open_catalog() for _ in range(4)]

    def attempt(number: int) -> bool:
        return others[number % 4].admit_attempt({"pair": 5}, NOON, WITHIN) is None

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(attempt, range(24))) == 5


def test_all_nodes_sign_with_the_secret_that_was_proposed_first(open_catalog: OpenCatalog, catalog: Catalog) -> None:
    others = [open_catalog() for _ in range(4)]
    with ThreadPoolExecutor(4) as threads:
        told = set(threads.map(lambda number: others[number].secret("console", f"secret {number}"), range(4)))
    assert len(told) == 1
    assert catalog.secret("console", "late") in told
    assert catalog.secret("another", "late") == "late"
