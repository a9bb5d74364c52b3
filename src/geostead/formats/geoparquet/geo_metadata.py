"""The metadata ``geo`` of GeoParquet files (https://geoparquet.org/releases/v1.1.0/), with the distrust it deserves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
import pyarrow as pa

from geostead.errors import UnreadableUpload
from geostead.formats.geoparquet.writer import GEO_KEY

_WGS_84_IDS = (("OGC", "CRS84"), ("EPSG", 4326), ("OGC", "CRS84h"), ("EPSG", 4979))


@dataclass(frozen=True, slots=True)
class GeometryColumn:
    """The column that holds the geometries."""

    name: str
    is_points: bool
    """Whether the file says that all of them are points."""
    crs: object
    """Their coordinate system as PROJJSON (or text); None if they are in WGS 84, or in nobody knows what."""
    others: frozenset[str]
    """Columns that hold other geometries or bounds."""


def find_geometry(metadata: Mapping[bytes, bytes], schema: pa.Schema) -> GeometryColumn | None:
    """Return the primary geometry column; None if the file is not GeoParquet. Raises UnreadableUpload."""
    if GEO_KEY not in metadata:
        return None
    match parse_metadata(metadata[GEO_KEY]):
        case {"primary_column": str(name), "columns": dict(columns)} if isinstance(columns.get(name), dict):
            return _read_column(name, columns, schema)
    raise UnreadableUpload(
        "The metadata 'geo' of the Parquet file is not that of GeoParquet: expected a primary_column and columns, one "
        "of that name."
    )


def parse_metadata(text: bytes | None) -> object:
    """Parse JSON of the metadata; None where there is none, or something else."""
    try:
        return None if text is None else orjson.loads(text)
    except orjson.JSONDecodeError:
        return None


def _read_column(name: str, columns: Mapping[str, Any], schema: pa.Schema) -> GeometryColumn:
    column = columns[name]
    index = schema.get_field_index(name)
    if column.get("encoding") != "WKB" or index < 0 or not _is_binary(schema.types[index]):
        raise UnreadableUpload(
            f"The geometry column '{name[:60]}' of the Parquet file is missing or not WKB; expected the encoding WKB "
            "(in GeoPandas: to_parquet(…, geometry_encoding='WKB'))."
        )
    types = column.get("geometry_types")
    crs = column.get("crs")
    return GeometryColumn(
        name=name,
        is_points=isinstance(types, list) and len(types) > 0 and all(str(t).split()[:1] == ["Point"] for t in types),
        crs=None if _is_wgs_84(crs) else crs,
        others=frozenset(columns) - {name} | _covering(column),
    )


def _is_binary(arrow_type: pa.DataType) -> bool:
    if isinstance(arrow_type, pa.ExtensionType | pa.BaseExtensionType):
        return _is_binary(arrow_type.storage_type)
    return arrow_type in (pa.binary(), pa.large_binary(), pa.binary_view())


def _is_wgs_84(crs: object) -> bool:
    match crs:
        case {"id": {"authority": authority, "code": code}}:
            return (authority, code) in _WGS_84_IDS
    return crs is None


def _covering(column: Mapping[str, Any]) -> frozenset[str]:
    """Return the columns that hold the bounds of each geometry."""
    match column.get("covering"):
        case {"bbox": dict(edges)}:
            return frozenset(name for path in edges.values() for name in _first(path))
    return frozenset()


def _first(path: object) -> tuple[str, ...]:
    match path:
        case [str(name), *_]:
            return (name,)
    return ()
