"""How passwords are kept."""

from __future__ import annotations

import argon2

from geostead.operations.create_person import create_person
from geostead.operations.find_session import find_session
from geostead.operations.services import Services
from geostead.operations.sign_in import sign_in

EMAIL = "ada@example.com"
PASSWORD = "correct horse battery"


def test_passwords_are_kept_as_argon2id_with_what_the_library_advises(services: Services) -> None:
    ada = create_person(services, EMAIL, PASSWORD)
    assert ada.password_hash is not None
    assert ada.password_hash.startswith("$argon2id$")
    assert not argon2.PasswordHasher().check_needs_rehash(ada.password_hash)
    assert PASSWORD not in ada.password_hash
    assert ada.password_hash not in repr(ada)


def test_a_password_that_was_hashed_with_less_is_hashed_anew_when_it_is_typed(services: Services) -> None:
    ada = create_person(services, EMAIL, None)
    weak = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    services.catalog.set_password(ada, weak)
    started = sign_in(services, EMAIL, PASSWORD, "192.0.2.1")
    found = services.catalog.find_person(EMAIL)
    assert found is not None
    assert found.password_hash != weak
    assert not argon2.PasswordHasher().check_needs_rehash(found.password_hash or "")
    assert find_session(services, started.value) is not None
