"""Entities as a query returns them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias
from urllib.parse import unquote
from xml.etree import ElementTree

from geostead.client.geography import Geography, point_geometry
from geostead.client.values import PropertyType

Value: TypeAlias = str | int | float | bool | datetime | Geography | None
Types: TypeAlias = Mapping[str, PropertyType]
"""The types of properties, by name."""

DISTANCE = "__Distance"
INTERSECTION = "__IntersectedGeom"
_ADDED: Types = {DISTANCE: PropertyType.DOUBLE, INTERSECTION: PropertyType.GEOGRAPHY}
"""What a query may add to the properties of an entity."""

_DATE = re.compile(r"/Date\((-?\d+)\)/")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DATA = "{http://schemas.microsoft.com/ado/2007/08/dataservices}"
_METADATA = "{http://schemas.microsoft.com/ado/2007/08/dataservices/metadata}"


@dataclass(frozen=True, slots=True)
class Entity(Mapping[str, Value]):
    """An entity: a mapping of the names of its properties to their values, in the order of the reply."""

    id: str
    """Its entity id: the value of the primary key, also where that was not selected."""
    properties: Mapping[str, Value]

    def __getitem__(self, name: str) -> Value:
        return self.properties[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.properties)

    def __len__(self) -> int:
        return len(self.properties)

    @property
    def distance_km(self) -> float | None:
        """The distance that a spatial filter measured; None if there is none, or it was not selected."""
        distance = self.properties.get(DISTANCE)
        return distance if isinstance(distance, float) else None

    @property
    def position(self) -> tuple[float, float] | None:
        """Latitude and longitude in degrees; None where it has none, or they were not selected."""
        latitude, longitude = (self.properties.get(name) for name in ("Latitude", "Longitude"))
        if isinstance(latitude, float) and isinstance(longitude, float):
            return latitude, longitude
        return None

    @property
    def geography_name(self) -> str | None:
        """The property that tells its shape: a geography of its own before an intersection; None if it has neither."""
        shapes = [name for name, value in self.properties.items() if isinstance(value, Geography)]
        return min(shapes, key=lambda name: name == INTERSECTION, default=None)

    @property
    def __geo_interface__(self) -> dict[str, Any]:
        """A GeoJSON Feature: the geography where there is one, else the point, else no geometry."""
        shape_name = self.geography_name
        return {
            "type": "Feature",
            "id": self.id,
            "geometry": self._geometry(shape_name),
            "properties": {name: plain(value) for name, value in self.properties.items() if name != shape_name},
        }

    def _geometry(self, shape_name: str | None) -> dict[str, Any] | None:
        shape = None if shape_name is None else self.properties[shape_name]
        if isinstance(shape, Geography):
            return shape.__geo_interface__
        if self.position is None:
            return None
        latitude, longitude = self.position
        return point_geometry(latitude=latitude, longitude=longitude)


def plain(value: Value) -> str | int | float | bool | None:
    """Return a value as JSON can hold it: dates as ISO 8601 (``2026-03-01T12:00:00Z``), geographies as text."""
    match value:
        case datetime():
            return value.isoformat().replace("+00:00", "Z")
        case Geography():
            return value.wkt
        case _:
            return value


def read_entity(members: Mapping[str, Any], types: Types) -> Entity:
    """Read an entity of a JSON reply."""
    named = {
        name: _value(found, types.get(name) or _ADDED.get(name))
        for name, found in members.items()
        if name not in ("__metadata", "__copyright")
    }
    return Entity(_entity_id(members["__metadata"]["uri"]), named)


def read_types(atom: bytes) -> dict[str, PropertyType]:
    """Read the types of the properties of the first entity of an Atom reply; none if it has no entity.

    JSON does not tell a text from a date or a geography, or a whole number from a double that is one.
    """
    entity = ElementTree.fromstring(atom).find(f".//{_METADATA}properties")  # noqa: S314  expat bounds it
    return {
        element.tag.removeprefix(_DATA): PropertyType(element.get(f"{_METADATA}type", PropertyType.STRING))
        for element in (() if entity is None else entity)
    }


def _value(found: Any, type_: PropertyType | None) -> Value:
    match type_, found:
        case PropertyType.DOUBLE, int():
            return float(found)
        case PropertyType.GEOGRAPHY, str():
            return Geography(found)
        case PropertyType.DATETIME, str():
            date = _DATE.fullmatch(found)
            return found if date is None else _EPOCH + timedelta(milliseconds=int(date[1]))
        case _:
            value: Value = found
            return value


def _entity_id(uri: str) -> str:
    """Return the id that ends the URL of an entity: ``…/Shop('O''Hara')``."""
    return unquote(uri.partition("('")[2].removesuffix("')")).replace("''", "'")
