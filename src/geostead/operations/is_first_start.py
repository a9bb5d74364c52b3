"""Tell whether anybody can sign in yet."""

from __future__ import annotations

from geostead.operations.services import Services


def is_first_start(services: Services) -> bool:
    """Tell whether there is nobody yet who could sign in to the console."""
    return not services.catalog.has_people()
