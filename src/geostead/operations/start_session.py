"""Begin a session of somebody who has shown who they are."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import timedelta

from geostead.errors import NotFound, SignInRefused
from geostead.model.access import digest_of
from geostead.model.person import Person, Session
from geostead.operations.services import Services

SESSION_LASTS = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class StartedSession:
    """A session and its value, which only the browser keeps."""

    session: Session
    value: str = field(repr=False)


def start_session(services: Services, person: Person) -> StartedSession:
    """Record a new session. Raises SignInRefused where the person is gone, or has another password by now."""
    value = secrets.token_urlsafe(32)
    now = services.now()
    session = Session(digest_of(value), person.id, now, now + SESSION_LASTS)
    try:
        services.catalog.add_session(session, person)
    except NotFound as error:
        raise SignInRefused from error
    return StartedSession(session, value)
