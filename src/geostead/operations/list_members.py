"""List who works in an account."""

from __future__ import annotations

from geostead.model.access import Account
from geostead.model.person import Member, Person
from geostead.operations.services import Services


def list_members(services: Services, account: Account) -> list[tuple[Person, Member]]:
    """Return the members of an account, by e-mail address."""
    return services.catalog.list_members(account.id)
