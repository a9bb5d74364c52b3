"""Give a member another role."""

from __future__ import annotations

from geostead.model.access import Account
from geostead.model.person import Member, Person, Role
from geostead.operations.find_member import find_member
from geostead.operations.services import Services


def set_role(services: Services, account: Account, person_id: str, role: Role) -> Person:
    """Give a member another role. Raises NotFound; InvalidParameter (``role``) for the last owner."""
    person, member = find_member(services, account, person_id)
    services.catalog.set_member(Member(account.id, person.id, role, member.since))
    return person
