"""Writes entities as a GeoJSON FeatureCollection (RFC 7946; data-formats.md, section 7).

A member ``geostead`` before ``features`` carries the entity type: GeoJSON has no types of its own, and with them a file
that is loaded again gives the same entities, bit for bit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import orjson
import pyarrow as pa
import shapely

from geostead.formats.rows.batch_parts import parts_of
from geostead.formats.rows.instants import instant_texts
from geostead.model.entity_type import EdmType, EntityType

ENTITY_TYPE_MEMBER = "geostead"
_POINT = 0
_PART_CELLS = 25_000
"""Few: while a part is encoded, no other thread runs, and this runs in the process that answers queries."""

_Geometry = dict[str, object] | orjson.Fragment | None


def geojson_chunks(entity_type: EntityType, batches: Iterable[pa.RecordBatch]) -> Iterator[bytes]:
    """Write entities, in the order they come, in bounded memory; columns by :mod:`geostead.model.columns`.

    The geometry of a feature is the entity's geography; without one, a point at its coordinates, and the geography is
    a property that is ``null``.
    """
    declared = orjson.dumps(entity_type.to_dict())
    yield b'{"type":"FeatureCollection","%b":%b,"features":[' % (ENTITY_TYPE_MEMBER.encode(), declared)
    before = b"\n"
    for part in parts_of(batches, max_cells=_PART_CELLS):
        yield before + orjson.dumps(list(_features(entity_type, part)))[1:-1]
        before = b",\n"
    yield b"\n]}\n"


def _features(entity_type: EntityType, part: pa.RecordBatch) -> Iterator[dict[str, object]]:
    names = [p.name for p in entity_type.properties if p.type is not EdmType.GEOGRAPHY]
    rows = zip(*(_json_values(entity_type, part, name) for name in names), strict=True)
    ids = part.column(entity_type.key_name).to_pylist()
    missing_geography = {} if entity_type.geography_name is None else {entity_type.geography_name: None}
    for entity_id, row, (geometry, is_geography) in zip(ids, rows, _geometries(entity_type, part), strict=True):
        properties = dict(zip(names, row, strict=True))
        if not is_geography:
            properties |= missing_geography
        yield {"type": "Feature", "id": entity_id, "geometry": geometry, "properties": properties}


def _json_values(entity_type: EntityType, part: pa.RecordBatch, name: str) -> list[object]:
    declared = entity_type.find(name)
    column = part.column(name)
    if declared is not None and declared.type is EdmType.DATETIME:
        column = instant_texts(column)
    values: list[object] = column.to_pylist()
    return values


def _geometries(entity_type: EntityType, part: pa.RecordBatch) -> Iterator[tuple[_Geometry, bool]]:
    """Return the geometry of each entity, and whether it is its geography."""
    latitudes = part.column(entity_type.latitude_name).to_pylist()
    longitudes = part.column(entity_type.longitude_name).to_pylist()
    places = (
        None if latitude is None or longitude is None else _point(longitude, latitude)
        for latitude, longitude in zip(latitudes, longitudes, strict=True)
    )
    if entity_type.geography_name is None:
        return ((place, False) for place in places)
    geographies = _geographies(part.column(entity_type.geography_name))
    pairs = zip(geographies, places, strict=True)
    return ((place, False) if geography is None else (geography, True) for geography, place in pairs)


def _geographies(wkb: pa.BinaryArray) -> Iterator[_Geometry]:
    shapes = shapely.from_wkb(wkb.to_numpy(zero_copy_only=False))
    for shape, type_id in zip(shapes, shapely.get_type_id(shapes).tolist(), strict=True):
        if type_id == _POINT:
            yield _point(shape.x, shape.y)
        else:
            yield None if shape is None else orjson.Fragment(shapely.to_geojson(shape))


def _point(x: float, y: float) -> _Geometry:
    return {"type": "Point", "coordinates": (x, y)}
