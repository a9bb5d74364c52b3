"""Sign in with e-mail address and password."""

from __future__ import annotations

from dataclasses import replace

from geostead.errors import InvalidParameter, SignInRefused
from geostead.model.person import Person, checked_email
from geostead.operations.attempts import begin_attempt, forgive
from geostead.operations.passwords import hash_password, is_password_of, needs_new_hash
from geostead.operations.services import Services
from geostead.operations.start_session import StartedSession, start_session


def sign_in(services: Services, email: str, password: str, client: str) -> StartedSession:
    """Begin a session. ``client`` is the address that the request came from.

    Raises SignInRefused, in the same words and after the same time whoever is known here; TooManyAttempts, also for
    the right password. Takes 64 MB of memory for a moment: the caller sees to it that few do it at once.
    """
    typed = email.strip().lower()
    attempt = begin_attempt(services, typed, client)
    person = _found(services, typed)
    if not is_password_of(person, password) or person is None:
        raise SignInRefused
    started = start_session(services, _hashed_as_today(services, person, password))
    forgive(services, attempt)
    return started


def _found(services: Services, typed: str) -> Person | None:
    try:
        return services.catalog.find_person(checked_email(typed))
    except InvalidParameter:
        return None


def _hashed_as_today(services: Services, person: Person, password: str) -> Person:
    if person.password_hash is None or not needs_new_hash(person.password_hash):
        return person
    renewed = hash_password(password)
    services.catalog.renew_hash(person, renewed)
    return replace(person, password_hash=renewed)
