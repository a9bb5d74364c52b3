"""End a membership."""

from __future__ import annotations

from geostead.model.access import Account
from geostead.model.person import Person
from geostead.operations.find_member import find_member
from geostead.operations.services import Services


def remove_member(services: Services, account: Account, person_id: str) -> Person:
    """End a membership. Raises NotFound; InvalidParameter (``email``) for the last owner."""
    person, _ = find_member(services, account, person_id)
    services.catalog.remove_member(account.id, person.id)
    return person
