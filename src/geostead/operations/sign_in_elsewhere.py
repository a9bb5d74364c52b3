"""Sign in somebody whom an OpenID provider knows."""

from __future__ import annotations

from dataclasses import dataclass, replace

from geostead.errors import InvalidParameter, NotFound, SignInRefused
from geostead.model.person import Person, checked_email
from geostead.operations.services import Services
from geostead.operations.start_session import StartedSession, start_session


@dataclass(frozen=True, slots=True)
class Identity:
    """What an OpenID provider has shown about somebody."""

    issuer: str
    subject: str
    """What the provider calls the person: never given to anybody else there."""
    verified_email: str | None
    """The e-mail address that the provider has verified; None if there is none."""


def sign_in_elsewhere(services: Services, identity: Identity) -> StartedSession:
    """Begin a session of the person that an identity belongs to.

    The first time that is who has the verified e-mail address; later who signed in with the identity before, whatever
    the address. Nobody is made known by this. A password that was set before the first time is forgotten, with the
    sessions that it opened: it may be that of somebody who never had the address. Raises SignInRefused.
    """
    known = services.catalog.find_by_identity(identity.issuer, identity.subject)
    return start_session(services, known or _linked(services, identity))


def _linked(services: Services, identity: Identity) -> Person:
    if identity.verified_email is None:
        raise SignInRefused("Your OpenID provider has not verified an e-mail address of yours.")
    person = _with_address(services, identity.verified_email)
    if person is None:
        raise SignInRefused(f"Nobody here has the e-mail address {identity.verified_email}. Ask an owner to add you.")
    try:
        services.catalog.link_identity(person, identity.issuer, identity.subject)
    except InvalidParameter as error:
        raise SignInRefused("Your OpenID provider knew you by another name before. Ask an owner for help.") from error
    except NotFound as error:
        raise SignInRefused from error
    return replace(person, password_hash=None)


def _with_address(services: Services, email: str) -> Person | None:
    try:
        return services.catalog.find_person(checked_email(email))
    except InvalidParameter:
        return None
