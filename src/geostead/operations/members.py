"""Who works in an account, and as what."""

from __future__ import annotations

from dataclasses import dataclass, field

from geostead.errors import InvalidParameter, NotFound
from geostead.model.access import Account
from geostead.model.person import Member, Person, Role, checked_email
from geostead.operations.create_person import create_person
from geostead.operations.password_links import make_password_link
from geostead.operations.services import Services


@dataclass(frozen=True, slots=True)
class AddedMember:
    """Somebody who may work in an account from now on."""

    person: Person
    token: str | None = field(repr=False)
    """The token of a link to set a password with, for somebody new; None for who is known here already."""


def list_members(services: Services, account: Account) -> list[tuple[Person, Member]]:
    """Return the members of an account, by e-mail address."""
    return services.catalog.list_members(account.id)


def add_member(services: Services, account: Account, email: str, name: str, role: Role) -> AddedMember:
    """Let somebody work in an account. Who is not known here yet gets a link to set a password.

    The link is for new people only: it must not let an owner in as somebody of other accounts. Raises InvalidParameter
    (``email``, ``name``).
    """
    known_as = checked_email(email)
    person = services.catalog.find_person(known_as)
    if person is None:
        made = create_person(services, known_as, None, name=name, account_name=account.name, role=role)
        return AddedMember(made, make_password_link(services, made))
    if any(found.id == person.id for found, _ in list_members(services, account)):
        raise InvalidParameter("email", known_as, "somebody who is not a member yet")
    services.catalog.set_member(Member(account.id, person.id, role, services.now()))
    return AddedMember(person, None)


def renew_link(services: Services, account: Account, person_id: str) -> AddedMember:
    """Return a new link for somebody who has never signed in.

    Raises NotFound; InvalidParameter (``email``) for who has signed in, or works in another account too.
    """
    person, _ = find_member(services, account, person_id)
    if not may_get_link(services, person):
        raise InvalidParameter("email", person.email, "somebody who has not signed in yet and is in no other account")
    return AddedMember(person, make_password_link(services, person))


def may_get_link(services: Services, person: Person) -> bool:
    """Tell whether an owner may hand a link to this member on: there is nothing yet that it could open elsewhere."""
    is_new = person.password_hash is None and person.signed_in_at is None
    return is_new and services.catalog.count_memberships(person.id) == 1


def set_role(services: Services, account: Account, person_id: str, role: Role) -> Person:
    """Give a member another role. Raises NotFound; InvalidParameter (``role``) for the last owner."""
    person, member = find_member(services, account, person_id)
    services.catalog.set_member(Member(account.id, person.id, role, member.since))
    return person


def remove_member(services: Services, account: Account, person_id: str) -> Person:
    """End a membership. Raises NotFound; InvalidParameter (``email``) for the last owner."""
    person, _ = find_member(services, account, person_id)
    services.catalog.remove_member(account.id, person.id)
    return person


def find_member(services: Services, account: Account, person_id: str) -> tuple[Person, Member]:
    """Return a member of an account. Raises NotFound, also for somebody of other accounts."""
    for person, member in list_members(services, account):
        if person.id == person_id:
            return person, member
    raise NotFound(f"The account {account.name} has no such member.")
