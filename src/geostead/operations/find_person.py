"""Find a person that somebody names."""

from __future__ import annotations

from geostead.errors import NotFound
from geostead.model.person import Person, checked_email
from geostead.operations.services import Services


def find_person(services: Services, email: str) -> Person:
    """Return the person of that e-mail address. Raises NotFound; InvalidParameter (``email``) where it is none."""
    known_as = checked_email(email)
    person = services.catalog.find_person(known_as)
    if person is None:
        raise NotFound(f"There is nobody here with the e-mail address {known_as}.")
    return person
