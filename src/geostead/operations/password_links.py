"""Links with which somebody sets a password: signed, good for three days, and only until a password has been set."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

from itsdangerous import BadData, URLSafeSerializer

from geostead.errors import NotFound
from geostead.model.person import Person
from geostead.operations.services import Services
from geostead.operations.set_password import replace_password
from geostead.operations.signing_key import signing_key
from geostead.operations.start_session import StartedSession, start_session

LINK_LASTS = timedelta(days=3)


def make_password_link(services: Services, person: Person) -> str:
    """Return the token of a link with which whoever has it sets the password of a person, once."""
    expires_at = services.now() + LINK_LASTS
    content = [person.email, person.id, _state_of(person), int(expires_at.timestamp())]
    return _serializer(services).dumps(content)


def read_password_link(services: Services, token: str) -> Person:
    """Return whose password a link sets. Raises NotFound where it is none, has expired, or was used."""
    try:
        email, person_id, state, expires_s = _read(services, token)
    except (BadData, ValueError, TypeError) as error:
        raise _spent() from error
    person = services.catalog.find_person(email)
    is_good = person is not None and (person.id, _state_of(person)) == (person_id, state)
    if person is None or not is_good or services.now().timestamp() >= expires_s:
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
    return NotFound("This link has expired, or has been used. Ask whoever gave it to you for another one.")
