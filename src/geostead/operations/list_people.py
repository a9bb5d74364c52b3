"""List everybody who may sign in."""

from __future__ import annotations

from geostead.catalog.people_port import Membership
from geostead.model.person import Person
from geostead.operations.services import Services


def list_people(services: Services) -> list[tuple[Person, tuple[Membership, ...]]]:
    """Return everybody with their accounts, by e-mail address."""
    return services.catalog.list_people()
