"""Properties for the attributes of formats that name and type them freely, and have the geometry beside them."""

from __future__ import annotations

from collections.abc import Iterable

from geostead.formats.gis.legal_names import LegalNames
from geostead.model.entity_type import DELETE_ENTITY, LATITUDE, LONGITUDE, EdmType, EntityType, Property

ENTITY_ID = "EntityID"
GEOMETRY = "Geom"
ENTITY_KEY = Property(ENTITY_ID, EdmType.STRING)
_ELEVATION = "elevation"


def declare_attributes(attributes: Iterable[tuple[str, EdmType]], own_names: Iterable[str] = ()) -> list[Property]:
    """Return the property of each attribute, which comes with the name that the format gives it.

    Names are made legal and differ from EntityID, Geom, Latitude, Longitude and ``own_names``. The property that marks
    deletions keeps its name, an elevation that is a number becomes a double, and one that is not gets another name.
    """
    names = LegalNames((ENTITY_ID, GEOMETRY, LATITUDE, LONGITUDE, *own_names))
    return [declare_attribute(names, given, edm_type) for given, edm_type in attributes]


def declare_entity_type(name: str, properties: Iterable[Property]) -> EntityType:
    """Return the entity type of a legal name with EntityID, these properties, and Geom. Raises LoadError."""
    kept = (p for p in properties if p.name != DELETE_ENTITY)
    return EntityType.declare(name, (ENTITY_KEY, *kept, Property(GEOMETRY, EdmType.GEOGRAPHY)), (ENTITY_ID,))


def declare_attribute(names: LegalNames, given: str, edm_type: EdmType) -> Property:
    """Return the property of one attribute, as :func:`declare_attributes` does, and note its name in ``names``."""
    if given == DELETE_ENTITY:
        return Property(given, EdmType.STRING)
    if given.lower() == _ELEVATION and edm_type is EdmType.INT64:
        edm_type = EdmType.DOUBLE
    if given.lower() == _ELEVATION and edm_type is not EdmType.DOUBLE:
        names.add(_ELEVATION)
    return Property(names.add(given), edm_type)
