"""Writes entities as GeoParquet 1.1 (https://geoparquet.org/releases/v1.1.0/; data-formats.md, section 8).

A Parquet file ends with its metadata, so it can be sent row group by row group while it is written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import shapely

from geostead.formats.gis.legal_names import LegalNames
from geostead.formats.rows.batch_parts import parts_of
from geostead.formats.rows.instants import instant_texts
from geostead.geo.wkt import Shapes
from geostead.model.columns import ARROW_TYPES
from geostead.model.entity_type import EdmType, EntityType
from geostead.model.instant import UNIX_EPOCH_TICKS

ENTITY_TYPE_KEY = b"geostead"
"""Key of the file metadata under which the entity type stands."""
GEO_KEY = b"geo"
"""Key of the file metadata that makes a Parquet file a GeoParquet file."""

OpenBatches = Callable[[], Iterable[pa.RecordBatch]]
"""Begins to return all entities, once more each time."""

_GEOMETRY = "geometry"
_ROW_GROUP_BYTES = 2**26
_ROW_GROUP_CELLS = 2**24
_LITTLE_ENDIAN = 1

_MICROSECONDS = pa.timestamp("us", "UTC")
_NANOSECONDS = pa.timestamp("ns", "UTC")
_TICKS_PER_US = 10
_NS_PER_TICK = 100
_MAX_NS_TICKS = (2**63 - 1) // _NS_PER_TICK
"""Ticks before and after 1970 that nanoseconds of 64 bits reach."""

_GEOMETRY_TYPES = (
    "Point",
    "LineString",
    "LinearRing",
    "Polygon",
    "MultiPoint",
    "MultiLineString",
    "MultiPolygon",
    "GeometryCollection",
)
"""What GeoParquet calls the types, by GEOS's numbers."""


def geoparquet_chunks(entity_type: EntityType, open_batches: OpenBatches) -> Iterator[bytes]:
    """Write entities, in the order they come, in bounded memory; columns by :mod:`geostead.model.columns`.

    The geometry is the geography property; an entity type that has none gets a column ``geometry`` with points at
    the coordinates. Dates have microseconds, or nanoseconds where some need them, or are text where neither would do.
    """
    layout = _Layout(entity_type, _instant_types(entity_type, open_batches()))
    sink = _Sink()
    with pq.ParquetWriter(pa.PythonFile(sink, mode="w"), layout.schema, compression="zstd") as writer:
        for part in parts_of(open_batches(), max_bytes=_ROW_GROUP_BYTES, max_cells=_ROW_GROUP_CELLS):
            writer.write_batch(layout.arranged(part), row_group_size=part.num_rows)
            yield sink.drain()
        writer.add_key_value_metadata(layout.metadata())
    yield sink.drain()


class _Sink:
    """A file that is taken away while it is written."""

    closed = False

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._size = 0

    def write(self, data: bytes) -> int:
        self._parts.append(bytes(data))
        self._size += len(data)
        return len(data)

    def tell(self) -> int:
        return self._size

    def flush(self) -> None:
        """Do nothing: what is written can be drained at once."""

    def close(self) -> None:
        """Do nothing: what is left can still be drained."""

    def drain(self) -> bytes:
        data = b"".join(self._parts)
        self._parts.clear()
        return data


class _Layout:
    """How the columns of an entity type stand in the file, and what the file says of their geometries."""

    def __init__(self, entity_type: EntityType, instant_types: dict[str, pa.DataType]) -> None:
        self._entity_type = entity_type
        self._geometry_name = entity_type.geography_name or LegalNames(entity_type.names).add(_GEOMETRY)
        self._bounds = np.array([np.inf, np.inf, -np.inf, -np.inf])
        self._type_ids: set[int] = set()
        fields = [(p.name, instant_types.get(p.name, ARROW_TYPES[p.type])) for p in entity_type.properties]
        if entity_type.geography_name is None:
            fields.append((self._geometry_name, pa.binary()))
        self.schema = pa.schema(fields)

    def arranged(self, part: pa.RecordBatch) -> pa.RecordBatch:
        """Return the columns as they stand in the file, and note their geometries."""
        columns = [
            _instants(part.column(p.name), self.schema.field(p.name).type)
            if p.type is EdmType.DATETIME
            else part.column(p.name)
            for p in self._entity_type.properties
        ]
        if self._entity_type.geography_name is None:
            columns.append(self._points(part))
        wkb = columns[self.schema.get_field_index(self._geometry_name)]
        self._note(shapely.from_wkb(wkb.to_numpy(zero_copy_only=False)))
        return pa.RecordBatch.from_arrays(columns, schema=self.schema)

    def metadata(self) -> dict[bytes, bytes]:
        """Return the metadata of the file, once all parts were arranged."""
        column: dict[str, object] = {
            "encoding": "WKB",
            "geometry_types": [_GEOMETRY_TYPES[type_id] for type_id in sorted(self._type_ids)],
        }
        if self._type_ids:
            column["bbox"] = self._bounds.tolist()
        geo = {"version": "1.1.0", "primary_column": self._geometry_name, "columns": {self._geometry_name: column}}
        return {GEO_KEY: orjson.dumps(geo), ENTITY_TYPE_KEY: orjson.dumps(self._entity_type.to_dict())}

    def _points(self, part: pa.RecordBatch) -> pa.BinaryArray:
        latitudes = part.column(self._entity_type.latitude_name)
        longitudes = part.column(self._entity_type.longitude_name)
        is_placed = pc.and_(pc.is_valid(latitudes), pc.is_valid(longitudes)).to_numpy(zero_copy_only=False)
        numbers = [pc.fill_null(column, 0.0).to_numpy() for column in (longitudes, latitudes)]
        wkb = shapely.to_wkb(shapely.points(*numbers), byte_order=_LITTLE_ENDIAN)
        return pa.array(wkb, pa.binary(), mask=~is_placed)

    def _note(self, shapes: Shapes) -> None:
        """Widen the bounds to hold these geometries, and remember their types."""
        given = shapes[~shapely.is_missing(shapes)]
        if len(given):
            west, south, east, north = shapely.total_bounds(given)
            low, high = self._bounds[:2], self._bounds[2:]
            self._bounds = np.concatenate((np.minimum(low, (west, south)), np.maximum(high, (east, north))))
            self._type_ids.update(np.unique(shapely.get_type_id(given)).tolist())


def _instant_types(entity_type: EntityType, batches: Iterable[pa.RecordBatch]) -> dict[str, pa.DataType]:
    """Return for each property with dates the friendliest type that keeps them all: ticks are 100 nanoseconds."""
    names = [p.name for p in entity_type.properties if p.type is EdmType.DATETIME]
    has_fractions = dict.fromkeys(names, False)
    is_distant = dict.fromkeys(names, False)
    for batch in batches if names else ():
        for name in names:
            since_1970 = pc.drop_null(batch.column(name)).to_numpy() - UNIX_EPOCH_TICKS
            has_fractions[name] |= bool((since_1970 % _TICKS_PER_US).any())
            is_distant[name] |= bool((np.abs(since_1970) > _MAX_NS_TICKS).any())
    return {
        name: _MICROSECONDS if not has_fractions[name] else pa.string() if is_distant[name] else _NANOSECONDS
        for name in names
    }


def _instants(ticks: pa.Int64Array, arrow_type: pa.DataType) -> pa.Array:
    if arrow_type == pa.string():
        return instant_texts(ticks)
    since_1970 = pc.subtract(ticks, UNIX_EPOCH_TICKS)
    if arrow_type == _MICROSECONDS:
        # Division cuts towards zero, but nothing is cut here.
        return pc.divide(since_1970, _TICKS_PER_US).cast(arrow_type)
    return pc.multiply(since_1970, _NS_PER_TICK).cast(arrow_type)
