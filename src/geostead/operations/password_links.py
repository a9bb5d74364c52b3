"""Links with which somebody sets a password: signed, good for three days, and only until a password has been set.

Those that owners of accounts pass on are good for somebody new alone, at whatever time they are used: they must not let
an owner in as somebody who signs in otherwise, or works in another account.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

from itsdangerous import BadData, URLSafeSerializer

from geostead.errors import NotFound
from geostead.model.access import Account
from geostead.model.person import Person
from geostead.operations.services import Services
from geostead.operations.set_password import replace_password
from geostead.operations.signing_key import signing_key
from geostead.operations.start_session import StartedSession, start_session

LINK_LASTS = timedelta(days=3)


def make_password_link(services: Services, person: Person, account: Account | None = None) -> str:
    """Return the token of a link with which whoever has it sets the password of a person, once.

    ``account`` is the one whose owner passes it on, None if the operator does. An owner's link is good only for as long
    as :func:`may_get_link` says so.
    """
    expires_at = services.now() + LINK_LASTS
    account_id = None if account is None else account.id
    content = [person.email, person.id, _state_of(person), int(expires_at.timestamp()), account_id]
    return _serializer(services).dumps(content)


def may_get_link(services: Services, account_id: str, person: Person) -> bool:
    """Tell whether an owner may hand a link to this member on: there is nothing yet that it could open elsewhere."""
    is_new = person.password_hash is None and person.signed_in_at is None
    return is_new and services.catalog.list_own_accounts(person.id) == [account_id]


def read_password_link(services: Services, token: str) -> Person:
    """Return whose password a link sets. Raises NotFound where it is none, has expired, or is not good any more."""
    try:
        email, person_id, state, expires_s, account_id = _read(services, token)
    except (BadData, ValueError, TypeError) as error:
        raise _spent() from error
    person = services.catalog.find_person(email)
    is_good = person is not None and (person.id, _state_of(person)) == (person_id, state)
    if person is None or not is_good or services.now().timestamp() >= expires_s:
        raise _spent()
    if account_id is not None and not may_get_link(services, account_id, person):
        raise _spent()
    return person


def use_password_link(services: Services, token: str, password: str) -> StartedSession:
    """Set the password, and begin a session. Raises NotFound as :func:`read_password_link`; InvalidParameter."""
    person = read_password_link(services, token)
    replace_password(services, person, password)
    changed = services.catalog.find_person(person.email)
    if changed is None:
        raise _spent()
    return start_session(services, changed)


def _read(services: Services, token: str) -> tuple[Any, ...]:
    content: list[Any] = _serializer(services).loads(token)
    return tuple(content)


def _serializer(services: Services) -> URLSafeSerializer:
    return URLSafeSerializer(
        signing_key(services), salt="geostead password link", signer_kwargs={"digest_method": hashlib.sha256}
    )


def _state_of(person: Person) -> str:
    """Return what changes as soon as a password is set."""
    return hashlib.sha256((person.password_hash or "").encode()).hexdigest()[:16]


def _spent() -> NotFound:
    return NotFound(
        "This link has expired, was used, or is not needed any more. Ask whoever gave it to you for another one."
    )
