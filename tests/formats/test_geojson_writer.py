"""GeoJSON downloads: exact bytes, and what other programs find in them."""

from __future__ import annotations

import io
import json
from typing import Any

import pyarrow as pa
import pyogrio
import shapely

from geostead.formats.geojson.writer import geojson_chunks
from geostead.model.entity_type import EdmType, EntityType, Property
from geostead.model.instant import parse_ticks
from tests.entities import columns_of
from tests.formats.reading import SAMPLES

PLACES = EntityType.declare(
    "Water-Places",
    [
        Property("PlaceID", EdmType.STRING),
        Property("Name", EdmType.STRING),
        Property("Longitude", EdmType.DOUBLE),
        Property("Latitude", EdmType.DOUBLE),
        Property("Visits", EdmType.INT64),
        Property("Open", EdmType.BOOLEAN),
        Property("Seen", EdmType.DATETIME),
        Property("Outline", EdmType.GEOGRAPHY),
    ],
    ["PlaceID"],
)
SQUARE = shapely.to_wkb(shapely.box(0, 0, 1, 1), byte_order=1)
ENTITIES = columns_of(
    PLACES,
    [
        {
            "PlaceID": "p-1",
            "Name": 'Mühle "山"\r\n',
            "Longitude": -0.1,
            "Latitude": 51.5,
            "Visits": -(2**63),
            "Open": True,
            "Seen": parse_ticks("2024-02-29T23:59:59.1234567Z"),
            "Outline": SQUARE,
        },
        {"PlaceID": "p-2", "Longitude": 1.0, "Latitude": 2.0, "Open": False, "Seen": parse_ticks("0001-01-01")},
        {"PlaceID": "p-3"},
    ],
)


def written(*batches: pa.RecordBatch, entity_type: EntityType = PLACES) -> bytes:
    return b"".join(geojson_chunks(entity_type, batches))


def document(*batches: pa.RecordBatch, entity_type: EntityType = PLACES) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(written(*batches, entity_type=entity_type))
    return found


def test_a_download_is_these_bytes() -> None:
    assert written(ENTITIES) == (SAMPLES / "download.geojson").read_bytes()


def test_the_geometry_is_the_geography_else_a_point_else_null() -> None:
    features = document(ENTITIES)["features"]

    assert [feature["geometry"] and feature["geometry"]["type"] for feature in features] == ["Polygon", "Point", None]
    assert features[1]["geometry"]["coordinates"] == [1.0, 2.0]
    assert ["Outline" in feature["properties"] for feature in features] == [False, True, True]


def test_values_are_json_values() -> None:
    properties = [feature["properties"] for feature in document(ENTITIES)["features"]]

    assert properties[0]["Visits"] == -(2**63)
    assert (properties[0]["Open"], properties[1]["Open"], properties[2]["Open"]) == (True, False, None)
    assert properties[0]["Seen"] == "2024-02-29T23:59:59.1234567Z"
    assert properties[2]["Name"] == ""


def test_parts_are_joined_to_one_document() -> None:
    whole = document(ENTITIES)

    assert document(ENTITIES.slice(0, 1), ENTITIES.slice(1, 0), ENTITIES.slice(1)) == whole
    assert document()["features"] == []


def test_gdal_reads_it() -> None:
    _, _, wkb, columns = pyogrio.raw.read(io.BytesIO(written(ENTITIES)), columns=["PlaceID", "Name", "Visits"])

    assert shapely.from_wkb(wkb[:2]).tolist() == [shapely.from_wkb(SQUARE), shapely.Point(1, 2)]
    assert [column[0] for column in columns] == ["p-1", 'Mühle "山"\r\n', -(2**63)]
