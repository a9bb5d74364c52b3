"""The people of an installation, as its operator sees them."""

from __future__ import annotations

from geostead.catalog.people_port import Membership
from geostead.model.person import Member, Person, Role
from geostead.operations.create_person import checked_name
from geostead.operations.find_account import find_account
from geostead.operations.find_person import find_person
from geostead.operations.members import remove_member
from geostead.operations.services import Services


def list_people(services: Services) -> list[tuple[Person, tuple[Membership, ...]]]:
    """Return everybody with their accounts, by e-mail address."""
    return services.catalog.list_people()


def assign_role(services: Services, email: str, account_name: str, role: Role) -> Person:
    """Give somebody a role in an account, also where they are not a member yet.

    Raises NotFound; InvalidParameter (``email``; ``role`` for the last owner).
    """
    person, account = find_person(services, email), find_account(services, account_name)
    services.catalog.set_member(Member(account.id, person.id, role, services.now()))
    return person


def remove_person(services: Services, email: str, account_name: str | None = None) -> Person:
    """Forget somebody, or end their membership of one account.

    Raises NotFound; InvalidParameter (``email``) also for the last owner of an account.
    """
    person = find_person(services, email)
    if account_name is None:
        services.catalog.remove_person(person.id)
        return person
    return remove_member(services, find_account(services, account_name), person.id)


def rename_person(services: Services, person: Person, name: str) -> None:
    """Replace what a person is called; '' for nothing. Raises InvalidParameter (``name``), NotFound."""
    services.catalog.rename_person(person.id, checked_name(name))


def count_sessions(services: Services, person: Person) -> int:
    """Count the browsers in which a person is signed in."""
    return services.catalog.count_sessions(person.id, services.now())
