"""Finds out types from values, for files that declare none (data-formats.md, section 7)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from geostead.errors import LimitReached
from geostead.formats.legal_names import LegalNames, make_legal
from geostead.model.entity_type import DELETE_ENTITY, LATITUDE, LONGITUDE, EdmType, EntityType, Property
from geostead.model.limits import MAX_PROPERTIES

ENTITY_ID = "EntityID"
GEOGRAPHY = "Geom"
_DOUBLES = ("latitude", "longitude", "elevation")
_MAX_NAMES = MAX_PROPERTIES + len((LATITUDE, LONGITUDE, DELETE_ENTITY))
_INT64 = range(-(2**63), 2**63)
_PLAIN = {frozenset([bool]): EdmType.BOOLEAN, frozenset([int]): EdmType.INT64}


class InferredTypes:
    """What the values of properties turned out to be, so far."""

    def __init__(self) -> None:
        self._types: dict[str, set[type]] = {}

    def add(self, values: Mapping[str, object]) -> None:
        """Look at the values of one entity, as a JSON parser gives them. Raises LimitReached for too many names."""
        types = self._types
        for name, value in values.items():
            if name not in types:
                types[name] = set()
                if len(types) > _MAX_NAMES:
                    raise LimitReached("properties", len(types), MAX_PROPERTIES)
            # A whole number beyond 64 bits is as good as any other number.
            types[name].add(float if type(value) is int and value not in _INT64 else type(value))

    def layout(self, entity_type_name: str, *, has_ids: bool, has_geography: bool) -> RowLayout:
        """Return the entity type that the values make, all names made legal. Raises InvalidSchema, LimitReached.

        The key is ``EntityID``: the id of the feature if any has one, else the property of that name in any case, else
        the position. The properties follow in the order in which they were first seen, then the geography.
        """
        key_property = None if has_ids else next((name for name in self._types if name.lower() == "entityid"), None)
        names = LegalNames([ENTITY_ID, GEOGRAPHY] if has_geography else [ENTITY_ID])
        given = [name for name in self._types if name not in (key_property, DELETE_ENTITY)]
        sources = {names.add(name): name for name in given}
        properties = [Property(ENTITY_ID, EdmType.STRING)]
        properties += [Property(name, _edm_type(name, self._types[source])) for name, source in sources.items()]
        if has_geography:
            properties.append(Property(GEOGRAPHY, EdmType.GEOGRAPHY))
        elif missing := [name for name in (LATITUDE, LONGITUDE) if name.lower() not in map(str.lower, sources)]:
            properties += [Property(name, EdmType.DOUBLE) for name in missing]
        entity_type = EntityType.declare(make_legal(entity_type_name), properties, [ENTITY_ID])
        return RowLayout(entity_type, sources, key_property, is_numbered=not has_ids and key_property is None)


@dataclass(frozen=True, slots=True)
class RowLayout:
    """How the members of features become properties."""

    entity_type: EntityType
    sources: Mapping[str, str]
    """Property to member, for all but those of the key and the geography."""
    key_property: str | None
    """The member that holds the entity id where the feature itself has none."""
    is_numbered: bool
    """Whether the position is the entity id where nothing else is."""

    @property
    def known_members(self) -> frozenset[str]:
        """All members that mean something."""
        names = (*self.sources.values(), self.key_property, self.entity_type.geography_name, DELETE_ENTITY)
        return frozenset(name for name in names if name is not None)

    @staticmethod
    def declared(entity_type: EntityType) -> RowLayout:
        """Return the layout of a file that carries its entity type: members are called like properties."""
        kept = (p.name for p in entity_type.properties if p.type is not EdmType.GEOGRAPHY)
        sources = {name: name for name in kept if name != entity_type.key_name}
        return RowLayout(entity_type, sources, entity_type.key_name, is_numbered=False)


def _edm_type(name: str, types: set[type]) -> EdmType:
    types = types - {type(None)}
    if name.lower() in _DOUBLES or (float in types and types <= {int, float}):
        return EdmType.DOUBLE
    return _PLAIN.get(frozenset(types), EdmType.STRING)
