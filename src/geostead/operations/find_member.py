"""Find somebody who works in an account."""

from __future__ import annotations

from geostead.errors import NotFound
from geostead.model.access import Account
from geostead.model.person import Member, Person
from geostead.operations.list_members import list_members
from geostead.operations.services import Services


def find_member(services: Services, account: Account, person_id: str) -> tuple[Person, Member]:
    """Return a member of an account. Raises NotFound, also for somebody of other accounts."""
    for person, member in list_members(services, account):
        if person.id == person_id:
            return person, member
    raise NotFound(f"The account {account.name} has no such member.")
