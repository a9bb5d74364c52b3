"""Find one entity by its id (http-api.md, section 4.5, C9)."""

from __future__ import annotations

from geostead.errors import NotFound
from geostead.model.entity import EntityPage
from geostead.operations.open_version import OpenVersion


def find_entity(opened: OpenVersion, entity_id: str) -> EntityPage:
    """Return the page with the one entity of this id. Raises NotFound."""
    page = opened.snapshot.find(entity_id)
    if page is None:
        raise NotFound(f"There is no entity with the id '{entity_id[:80]}'.")
    return page
