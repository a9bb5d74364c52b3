"""Entities as the scripts of the explorer read them: every value as the text that an upload would have."""

from __future__ import annotations

import math
from typing import Any

import orjson
import pyarrow as pa
import shapely

from geostead.console.json_replies import Json
from geostead.formats.rows.value_texts import shown_texts
from geostead.model.entity import PageRows
from geostead.model.entity_type import EdmType, EntityType, Property
from geostead.query.options import is_coordinate

_SHOWN_OF_SHAPE = 100


def columns_json(entity_type: EntityType) -> list[Json]:
    """Describe the properties."""
    return [
        {
            "name": declared.name,
            "type": declared.type.value,
            "isKey": declared.name == entity_type.key_name,
            "isOrderable": declared.type is not EdmType.GEOGRAPHY and not is_coordinate(declared),
        }
        for declared in entity_type.properties
    ]


def table_json(entity_type: EntityType, rows: PageRows) -> list[Json]:
    """Return the rows of a table; of a geography only the beginning."""
    columns = rows.columns(entity_type.names)
    cells = zip(*(_cells(columns, declared) for declared in entity_type.properties), strict=True)
    heads = zip(*_heads(columns, entity_type), strict=True)
    return [
        {"id": entity_id, "latitude": latitude, "longitude": longitude, "values": values}
        for (entity_id, latitude, longitude), values in zip(heads, cells, strict=True)
    ]


def entity_json(entity_type: EntityType, rows: PageRows) -> Json:
    """Return the one entity of a page, whole."""
    columns = rows.columns(entity_type.names)
    ((entity_id, latitude, longitude),) = zip(*_heads(columns, entity_type), strict=True)
    geography = None if entity_type.geography_name is None else columns.column(entity_type.geography_name)[0].as_py()
    return {
        "id": entity_id,
        "latitude": latitude,
        "longitude": longitude,
        "values": {p.name: shown_texts(columns.column(p.name), p.type)[0] for p in entity_type.properties},
        "geography": None if geography is None else orjson.Fragment(shapely.to_geojson(shapely.from_wkb(geography))),
    }


def as_number(text: str) -> float | None:
    """Return the number of a text that is known to be one, or empty."""
    number = float(text) if text else math.nan
    return None if math.isnan(number) else number


def _heads(columns: pa.RecordBatch, entity_type: EntityType) -> list[list[Any]]:
    names = entity_type.key_name, entity_type.latitude_name, entity_type.longitude_name
    return [columns.column(name).to_pylist() for name in names]


def _cells(columns: pa.RecordBatch, declared: Property) -> list[str]:
    texts = shown_texts(columns.column(declared.name), declared.type)
    if declared.type is not EdmType.GEOGRAPHY:
        return texts
    return [text if len(text) <= _SHOWN_OF_SHAPE else f"{text[:_SHOWN_OF_SHAPE]}…" for text in texts]
