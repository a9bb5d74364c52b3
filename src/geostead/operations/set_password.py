"""Give somebody another password."""

from __future__ import annotations

from geostead.catalog.people_port import SignedIn
from geostead.errors import InvalidParameter, SignInRefused
from geostead.model.person import Person
from geostead.operations.attempts import begin_attempt, forgive
from geostead.operations.find_person import find_person
from geostead.operations.passwords import check_password, hash_password, is_password_of
from geostead.operations.services import Services


def set_password(services: Services, email: str, password: str) -> Person:
    """Replace somebody's password, as the operator may; it ends all their sessions.

    Raises NotFound; InvalidParameter (``email``, ``password``).
    """
    person = find_person(services, email)
    replace_password(services, person, password)
    return person


def change_password(services: Services, signed_in: SignedIn, old: str, new: str, client: str) -> None:
    """Replace one's own password, which takes the old one; it ends all other sessions.

    ``client`` is the address that the request came from. Raises SignInRefused where ``old`` is not the password;
    InvalidParameter (``password``) for what cannot be one; TooManyAttempts.
    """
    person = signed_in.person
    if person.password_hash is None:
        raise InvalidParameter("old", "(hidden)", "no password: you sign in at your OpenID provider")
    check_password(new, person.email)
    attempt = begin_attempt(services, person.email, client)
    if not is_password_of(person, old):
        raise SignInRefused("That is not your password.")
    forgive(services, attempt)
    replace_password(services, person, new, keep=signed_in.session.digest)


def replace_password(services: Services, person: Person, password: str, *, keep: str | None = None) -> None:
    """Record another password unless it has been replaced meanwhile; ``keep`` is the digest of a session that stays.

    Raises NotFound where it has; InvalidParameter (``password``).
    """
    check_password(password, person.email)
    services.catalog.set_password(person, hash_password(password), keep=keep)
