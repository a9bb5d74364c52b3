"""Give somebody a role in an account, as the operator may."""

from __future__ import annotations

from geostead.model.person import Member, Person, Role
from geostead.operations.find_account import find_account
from geostead.operations.find_person import find_person
from geostead.operations.services import Services


def assign_role(services: Services, email: str, account_name: str, role: Role) -> Person:
    """Give somebody a role in an account, also where they are not a member yet.

    Raises NotFound; InvalidParameter (``email``; ``role`` for the last owner).
    """
    person, account = find_person(services, email), find_account(services, account_name)
    services.catalog.set_member(Member(account.id, person.id, role, services.now()))
    return person
