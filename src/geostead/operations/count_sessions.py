"""Count where somebody is signed in."""

from __future__ import annotations

from geostead.model.person import Person
from geostead.operations.services import Services


def count_sessions(services: Services, person: Person) -> int:
    """Count the browsers in which a person is signed in."""
    return services.catalog.count_sessions(person.id, services.now())
