"""GeoJSON features to rows of text (data-formats.md, section 7)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
import shapely

from geostead.formats.geojson.geometries import EXPECTED_GEOMETRY, read_geometries
from geostead.formats.gis.point_places import find_no_points, place_points
from geostead.formats.gis.row_layout import RowLayout
from geostead.formats.rows.entity_batches import Fault, RawRows
from geostead.formats.rows.text_columns import shown
from geostead.geo.wkt import Shapes
from geostead.model.columns import ARROW_TYPES
from geostead.model.entity_type import DELETE_ENTITY, EdmType

_Members = dict[str, Any]
"""An object as the JSON parser gives it."""


_Values = Sequence[object]


class Features:
    """Consecutive features. What is no feature is at fault, and empty."""

    def __init__(self, texts: Sequence[bytes]) -> None:
        self.faults: dict[int, Fault] = {}
        """What is no feature, or has no geometry of the layout."""
        features = [self._parsed(row, text) for row, text in enumerate(texts)]
        self.ids: list[object] = [feature.get("id") for feature in features]
        self.geometries: list[object] = [feature.get("geometry") for feature in features]
        self.properties: list[_Members] = [feature.get("properties") or {} for feature in features]

    def _parsed(self, row: int, text: bytes) -> _Members:
        """Return a feature whose ``properties`` are an object or null."""
        try:
            feature = orjson.loads(text)
        except orjson.JSONDecodeError as error:
            expected = f"a Feature in JSON: {error.msg} at character {error.pos + 1}"
        else:
            expected = 'a Feature: {"type": "Feature", "geometry": {…}, "properties": {…}}'
            match feature:
                case {"type": "Feature", "properties": dict() | None} if isinstance(feature, dict):
                    return feature
                case {"type": "Feature"} if "properties" not in feature:
                    return dict(feature)
        self.faults[row] = Fault("", shown(text[:400].decode(errors="replace")), expected)
        return {}

    def raw_rows(self, layout: RowLayout, first_row: int) -> RawRows:
        """Return the rows that these features are; the first one has the position ``first_row`` in the upload."""
        entity_type = layout.entity_type
        members = self.columns()
        nothing = (None,) * len(self.properties)
        texts = {
            p.name: _texts(members.get(layout.sources[p.name], nothing), p.type)
            for p in entity_type.properties
            if p.name in layout.sources
        }
        texts[entity_type.key_name] = pa.array(list(self._ids(layout, first_row)), pa.string())
        if DELETE_ENTITY in members:
            texts[DELETE_ENTITY] = _texts(members[DELETE_ENTITY], EdmType.BOOLEAN)
        notes = self._notes(members.keys() - layout.known_columns)
        shapes = self._read_geometries(layout)
        if entity_type.geography_name is not None:
            return RawRows(first_row, texts, self.faults, notes, shapes)
        for row in find_no_points(shapes).tolist():
            self._add_fault(layout, row, f"a Point, as {entity_type.name} has no geography")
        place_points(entity_type, shapes, texts)
        return RawRows(first_row, texts, self.faults, notes)

    def columns(self) -> dict[str, _Values]:
        """Return the values of each member of ``properties``, one for every feature."""
        names = list(self.properties[0]) if self.properties else []
        if all(list(members) == names for members in self.properties):
            return dict(zip(names, zip(*map(dict.values, self.properties), strict=True), strict=True))
        every: set[str] = set().union(*self.properties)
        return {name: [members.get(name) for members in self.properties] for name in every}

    def _ids(self, layout: RowLayout, first_row: int) -> Iterator[str | None]:
        position = first_row
        for own_id, properties in zip(self.ids, self.properties, strict=True):
            position += 1
            if own_id is not None:
                yield text_of(own_id)
            elif layout.is_numbered:
                yield str(position)
            else:
                yield None if layout.key_column is None else text_of(properties.get(layout.key_column))

    def _read_geometries(self, layout: RowLayout) -> Shapes:
        """Read the geometries, but not those of entities that say that their geography is none."""
        name = layout.entity_type.geography_name
        geometries = [
            None if name in properties and properties[name] is None else geometry
            for geometry, properties in zip(self.geometries, self.properties, strict=True)
        ]
        shapes = read_geometries(geometries)
        for row in np.flatnonzero(shapely.is_missing(shapes)).tolist():
            if geometries[row] is not None:
                self._add_fault(layout, row, EXPECTED_GEOMETRY)
        return shapes

    def _add_fault(self, layout: RowLayout, row: int, expected: str) -> None:
        name = layout.entity_type.geography_name or layout.entity_type.latitude_name
        found = shown(orjson.dumps(self.geometries[row])[:400].decode(errors="replace"))
        self.faults.setdefault(row, Fault(name, found, expected))

    def _notes(self, unknown: AbstractSet[str]) -> dict[int, Fault]:
        """Return a note for each row that has properties which the entity type does not."""
        if not unknown:
            return {}
        found_by_row = ((row, unknown & members.keys()) for row, members in enumerate(self.properties))
        expected = 'only properties of "geostead"; this one is ignored'
        return {row: Fault("", shown(min(found)), expected) for row, found in found_by_row if found}


def _texts(values: _Values, edm_type: EdmType) -> pa.StringArray:
    try:
        return pa.array(values, ARROW_TYPES[edm_type]).cast(pa.string())
    except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError):
        return pa.array([text_of(value) for value in values], pa.string())


def text_of(value: object) -> str | None:
    """Write a JSON value as other formats have it."""
    if value is None or isinstance(value, str):
        return value
    return orjson.dumps(value).decode()
