"""Change what somebody is called."""

from __future__ import annotations

from geostead.model.person import Person
from geostead.operations.create_person import checked_name
from geostead.operations.services import Services


def rename_person(services: Services, person: Person, name: str) -> None:
    """Replace what a person is called; '' for nothing. Raises InvalidParameter (``name``), NotFound."""
    services.catalog.rename_person(person.id, checked_name(name))
