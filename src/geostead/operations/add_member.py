"""Let somebody work in an account."""

from __future__ import annotations

from dataclasses import dataclass, field

from geostead.errors import InvalidParameter
from geostead.model.access import Account
from geostead.model.person import Member, Person, Role, checked_email
from geostead.operations.create_person import create_person
from geostead.operations.list_members import list_members
from geostead.operations.password_links import make_password_link
from geostead.operations.services import Services


@dataclass(frozen=True, slots=True)
class AddedMember:
    """Somebody who may work in an account from now on."""

    person: Person
    token: str | None = field(repr=False)
    """The token of a link to set a password with, for somebody new; None for who is known here already."""


def add_member(services: Services, account: Account, email: str, name: str, role: Role) -> AddedMember:
    """Let somebody work in an account. Who is not known here yet gets a link to set a password.

    The link is for new people only: it must not let an owner in as somebody of other accounts. Raises InvalidParameter
    (``email``, ``name``).
    """
    known_as = checked_email(email)
    person = services.catalog.find_person(known_as)
    if person is None:
        made = create_person(services, known_as, None, name=name, account_name=account.name, role=role)
        return AddedMember(made, make_password_link(services, made, account))
    if any(found.id == person.id for found, _ in list_members(services, account)):
        raise InvalidParameter("email", known_as, "somebody who is not a member yet")
    services.catalog.set_member(Member(account.id, person.id, role, services.now()))
    return AddedMember(person, None)
