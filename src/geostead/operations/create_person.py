"""Make somebody known, who may then sign in."""

from __future__ import annotations

from geostead.errors import InvalidParameter
from geostead.model.person import Member, Person, Role, checked_email
from geostead.operations.find_account import find_account
from geostead.operations.passwords import check_password, hash_password
from geostead.operations.services import Services

MAX_NAME_LENGTH = 100


def create_person(
    services: Services,
    email: str,
    password: str | None,
    *,
    name: str = "",
    account_name: str | None = None,
    role: Role = Role.VIEWER,
) -> Person:
    """Record a person, as a member of an account if one is named.

    Without a password (None) the person signs in at an OpenID provider, or sets one through a link. Raises NotFound
    (the account); InvalidParameter (``email``, ``name``, ``password``), also for an address that is taken.
    """
    known_as = checked_email(email)
    account = None if account_name is None else find_account(services, account_name)
    if password is not None:
        check_password(password, known_as)
    now = services.now()
    password_hash = None if password is None else hash_password(password)
    person = Person(services.new_id(), known_as, checked_name(name), password_hash, now)
    members = () if account is None else (Member(account.id, person.id, role, now),)
    services.catalog.add_person(person, members)
    return person


def checked_name(name: str) -> str:
    """Return the name of a person as it is kept; '' for none. Raises InvalidParameter (``name``)."""
    trimmed = name.strip()
    if len(trimmed) > MAX_NAME_LENGTH or not trimmed.isprintable():
        raise InvalidParameter("name", name, f"at most {MAX_NAME_LENGTH} printable characters")
    return trimmed
