"""GeoJSON geometries, parsed as far as JSON goes, to shapes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import orjson
import shapely

from geostead.geo.wkt import MAX_NESTING, Shapes

_TYPES = frozenset(
    ("Point", "LineString", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon", "GeometryCollection")
)
_COLLECTION = b'"GeometryCollection"'

EXPECTED_GEOMETRY = (
    'a GeoJSON geometry, such as {"type": "Point", "coordinates": [9.2, 48.8]} or a Polygon with closed rings'
)


def type_of(geometry: object) -> str | None:
    """Return the type of a geometry; None if it is not one."""
    name = geometry.get("type") if isinstance(geometry, dict) else None
    return name if isinstance(name, str) and name in _TYPES else None


def read_geometries(geometries: Sequence[object]) -> Shapes:
    """Read geometries, in two dimensions; None where there is none and where it is not one."""
    shapes: Shapes = np.full(len(geometries), None, dtype=object)
    places = {row: place for row, geometry in enumerate(geometries) if (place := _place(geometry)) is not None}
    if places:
        shapes[list(places)] = shapely.points(np.array(list(places.values()), np.float64))
    others = {
        row: text
        for row, geometry in enumerate(geometries)
        if row not in places and (text := _text(geometry)) is not None
    }
    if others:
        read = shapely.from_geojson(np.array(list(others.values()), dtype=object), on_invalid="ignore")
        shapes[list(others)] = shapely.force_2d(read)
    return shapes


def _place(geometry: object) -> tuple[float, float] | None:
    """Return x and y of a point, the short way."""
    if isinstance(geometry, dict) and geometry.get("type") == "Point":
        coordinates = geometry.get("coordinates")
        if isinstance(coordinates, list) and len(coordinates) >= 2:
            x, y = coordinates[:2]
            if type(x) in (float, int) and type(y) in (float, int):
                return x, y
    return None


def _text(geometry: object) -> str | None:
    """Return what GEOS shall read; None for what it would read and should not."""
    if type_of(geometry) is None:
        return None
    text = orjson.dumps(geometry)
    if text.count(_COLLECTION) > MAX_NESTING and _nesting(geometry) > MAX_NESTING:
        return None
    return text.decode()


def _nesting(geometry: object) -> int:
    members = geometry.get("geometries") if isinstance(geometry, dict) else None
    return 1 + max(map(_nesting, members), default=0) if isinstance(members, list) else 0
