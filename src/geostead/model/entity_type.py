"""The type of the entities of a data source: its properties and their Edm types (data-formats.md, section 1)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from geostead.errors import InvalidSchema, LimitReached
from geostead.model.limits import MAX_NAME_LENGTH, MAX_PROPERTIES

PROPERTY_NAME = re.compile(r"(?!__)[A-Za-z_][A-Za-z0-9_]{0,49}\Z")
ENTITY_TYPE_NAME = re.compile(r"(?!__)[A-Za-z_][A-Za-z0-9_-]{0,49}\Z")
LATITUDE = "Latitude"
LONGITUDE = "Longitude"
DELETE_ENTITY = "__deleteEntity"
DISTANCE = "__Distance"
INTERSECTED_GEOM = "__IntersectedGeom"


class EdmType(StrEnum):
    """The types that a property may have."""

    STRING = "Edm.String"
    INT64 = "Edm.Int64"
    BOOLEAN = "Edm.Boolean"
    DOUBLE = "Edm.Double"
    DATETIME = "Edm.DateTime"
    GEOGRAPHY = "Edm.Geography"


@dataclass(frozen=True, slots=True)
class Property:
    """One property: a name, unique within its entity type ignoring case, and a type."""

    name: str
    type: EdmType


def declared_property(name: str, edm_type: EdmType) -> Property:
    """Return the property that a schema declares; ``__deleteEntity`` in its own spelling, whatever its case there."""
    return Property(DELETE_ENTITY if name.lower() == DELETE_ENTITY.lower() else name, edm_type)


@dataclass(frozen=True, slots=True)
class EntityType:
    """A name and properties, one of them the primary key. Made by :meth:`declare`, which checks the rules.

    ``properties`` has Latitude and Longitude always: where the upload did not declare them they stand last.
    """

    name: str
    key_name: str
    properties: tuple[Property, ...]
    _by_lower_name: dict[str, Property] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_lower_name", {p.name.lower(): p for p in self.properties})

    @staticmethod
    def declare(name: str, properties: Iterable[Property], keys: Iterable[str]) -> EntityType:
        """Make an entity type out of what an upload declares.

        ``keys`` are the names of the properties that the upload marks as primary key: exactly one is expected.
        Raises InvalidSchema, with a message for the author of the file, or LimitReached for too many properties.
        """
        declared = tuple(properties)
        key_names = tuple(keys)
        _check_names(name, declared)
        _check_key(declared, key_names)
        _check_location(declared)
        lower_names = {p.name.lower() for p in declared}
        countable = len(lower_names - {LATITUDE.lower(), LONGITUDE.lower()})
        if countable > MAX_PROPERTIES:
            raise LimitReached("properties", countable, MAX_PROPERTIES)
        added = tuple(Property(n, EdmType.DOUBLE) for n in (LATITUDE, LONGITUDE) if n.lower() not in lower_names)
        key = next(p.name for p in declared if p.name.lower() == key_names[0].lower())
        return EntityType(name, key, declared + added)

    def find(self, name: str) -> Property | None:
        """Return the property of that name, in any case; ``entityId`` names the primary key. None if unknown."""
        lowered = name.lower()
        found = self._by_lower_name.get(lowered)
        if found is None and lowered == "entityid":
            return self._by_lower_name[self.key_name.lower()]
        return found

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all properties in schema order."""
        return tuple(p.name for p in self.properties)

    @property
    def latitude_name(self) -> str:
        """The name of the property Latitude, spelled as it was declared."""
        return self._by_lower_name[LATITUDE.lower()].name

    @property
    def longitude_name(self) -> str:
        """The name of the property Longitude, spelled as it was declared."""
        return self._by_lower_name[LONGITUDE.lower()].name

    @property
    def geography_name(self) -> str | None:
        """The name of the geography property, or None."""
        return next((p.name for p in self.properties if p.type is EdmType.GEOGRAPHY), None)

    def to_dict(self) -> dict[str, Any]:
        """Return the entity type as plain data, for the catalog and manifests."""
        return {
            "name": self.name,
            "key": self.key_name,
            "properties": [{"name": p.name, "type": p.type.value} for p in self.properties],
        }

    @staticmethod
    def from_dict(data: dict[str, Any]) -> EntityType:
        """Read what :meth:`to_dict` wrote."""
        properties = tuple(Property(p["name"], EdmType(p["type"])) for p in data["properties"])
        return EntityType(data["name"], data["key"], properties)


def _check_names(name: str, properties: tuple[Property, ...]) -> None:
    if not ENTITY_TYPE_NAME.match(name):
        raise InvalidSchema(
            f"The entity type name '{name[:60]}' is not possible: expected 1 to {MAX_NAME_LENGTH} letters, digits, "
            "underscores and hyphens, the first a letter or an underscore, not two underscores."
        )
    seen: dict[str, str] = {}
    for p in properties:
        if not PROPERTY_NAME.match(p.name) and p.name != DELETE_ENTITY:
            raise InvalidSchema(
                f"The property name '{p.name[:60]}' is not possible: expected 1 to {MAX_NAME_LENGTH} letters, digits "
                "and underscores, the first a letter or an underscore, not two underscores."
            )
        if p.name.lower() in seen:
            raise InvalidSchema(
                f"The properties '{seen[p.name.lower()]}' and '{p.name}' have the same name: upper and lower case "
                "count as the same letter."
            )
        seen[p.name.lower()] = p.name


def _check_key(properties: tuple[Property, ...], keys: tuple[str, ...]) -> None:
    if len(keys) != 1:
        found = "none is" if not keys else "these are: " + _listed(keys)
        raise InvalidSchema(
            f"Exactly one property must be marked as the primary key, like EntityID(Edm.String,primaryKey); {found}."
        )
    key = next((p for p in properties if p.name.lower() == keys[0].lower()), None)
    if key is None:
        raise InvalidSchema(f"The primary key '{keys[0][:60]}' is not one of the properties.")
    if key.type is not EdmType.STRING:
        raise InvalidSchema(f"The primary key '{key.name}' is {key.type.value}; expected Edm.String.")


def _check_location(properties: tuple[Property, ...]) -> None:
    geographies = [p.name for p in properties if p.type is EdmType.GEOGRAPHY]
    if len(geographies) > 1:
        raise InvalidSchema("At most one property may be Edm.Geography; these are: " + _listed(geographies) + ".")
    measures = {p.name.lower(): p for p in properties if p.name.lower() in ("latitude", "longitude", "elevation")}
    for p in measures.values():
        if p.type is not EdmType.DOUBLE:
            raise InvalidSchema(f"The property {p.name} is {p.type.value}; expected Edm.Double.")
    if not {"latitude", "longitude"} <= measures.keys() and not geographies:
        raise InvalidSchema(
            "The entities have no place: expected the properties Latitude(Edm.Double) and Longitude(Edm.Double), "
            "or one property of type Edm.Geography."
        )


def _listed(names: Sequence[str]) -> str:
    """Join names for a message, which stays readable however many there are."""
    return ", ".join(name[:MAX_NAME_LENGTH] for name in names[:10]) + (", …" if len(names) > 10 else "")
