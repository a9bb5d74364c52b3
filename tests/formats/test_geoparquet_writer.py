"""GeoParquet downloads: metadata as the specification has it, and columns that others understand."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely

from geostead.formats.geoparquet.writer import geoparquet_chunks
from geostead.model.entity_type import EdmType, EntityType, Property
from geostead.model.instant import parse_ticks
from tests.entities import columns_of
from tests.formats.test_geojson_writer import ENTITIES, PLACES

CAFES = EntityType.declare(
    "Cafes",
    [
        Property("ID", EdmType.STRING),
        Property("Geometry", EdmType.STRING),
        Property("Seen", EdmType.DATETIME),
        Property("Latitude", EdmType.DOUBLE),
        Property("Longitude", EdmType.DOUBLE),
    ],
    ["ID"],
)


def written(entity_type: EntityType, *batches: pa.RecordBatch) -> pq.ParquetFile:
    return pq.ParquetFile(io.BytesIO(b"".join(geoparquet_chunks(entity_type, lambda: batches))))


def geo_of(file: pq.ParquetFile) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(file.metadata.metadata[b"geo"])
    return found


def cafe(**values: object) -> dict[str, object]:
    return {"ID": "c", **values}


def test_the_metadata_has_what_the_specification_requires() -> None:
    geo = geo_of(written(PLACES, ENTITIES))

    assert geo["version"] == "1.1.0"
    assert geo["primary_column"] == "Outline"
    assert geo["columns"] == {"Outline": {"encoding": "WKB", "geometry_types": ["Polygon"], "bbox": [0, 0, 1, 1]}}


def test_geometry_types_and_bounds_cover_all_row_groups() -> None:
    line = shapely.to_wkb(shapely.LineString([(-5, 2), (3, 9)]), byte_order=1)
    more = columns_of(PLACES, [{"PlaceID": "p-4", "Outline": line}])

    file = written(PLACES, ENTITIES, more)

    column = geo_of(file)["columns"]["Outline"]
    assert (column["geometry_types"], column["bbox"]) == (["LineString", "Polygon"], [-5, 0, 3, 9])
    assert file.num_row_groups == 2


def test_without_a_geography_there_is_a_column_of_points() -> None:
    batch = columns_of(CAFES, [cafe(Geometry="g", Latitude=1.0, Longitude=2.0), cafe()])

    file = written(CAFES, batch)

    assert geo_of(file)["primary_column"] == "geometry_2"
    assert geo_of(file)["columns"]["geometry_2"]["geometry_types"] == ["Point"]
    points = file.read().column("geometry_2").to_pylist()
    assert (shapely.from_wkb(points[0]), points[1]) == (shapely.Point(2, 1), None)


def test_a_file_without_entities_or_places_has_no_bounds() -> None:
    assert "bbox" not in geo_of(written(CAFES))["columns"]["geometry_2"]
    assert "bbox" not in geo_of(written(CAFES, columns_of(CAFES, [cafe()])))["columns"]["geometry_2"]


@pytest.mark.parametrize(
    ("instants", "expected"),
    [
        (["2020-01-01", "0001-01-01", "9999-12-31T23:59:59.999999"], pa.timestamp("us", "UTC")),
        (["2020-01-01T00:00:00.0000001"], pa.timestamp("ns", "UTC")),
        (["2020-01-01T00:00:00.0000001", "1600-01-01"], pa.string()),
        ([], pa.timestamp("us", "UTC")),
    ],
)
def test_dates_have_the_friendliest_type_that_keeps_them(instants: list[str], expected: pa.DataType) -> None:
    batches = [columns_of(CAFES, [cafe(Seen=parse_ticks(text))]) for text in instants]

    seen = written(CAFES, *batches, columns_of(CAFES, [cafe()])).read().column("Seen")

    assert seen.type == expected
    texts = seen.cast(pa.string()).to_pylist()
    assert [text[:4] for text in texts[:-1]] == [text[:4] for text in instants]
    assert texts[-1] is None


def test_row_groups_are_handed_over_as_they_are_finished() -> None:
    asked: list[int] = []

    def batches() -> Iterator[pa.RecordBatch]:
        for number in range(3):
            asked.append(number)
            yield columns_of(CAFES, [cafe(Latitude=1.0, Longitude=2.0)])

    chunks = geoparquet_chunks(CAFES, batches)

    assert next(chunks).startswith(b"PAR1")
    assert asked == [0, 1, 2, 0]  # once for the dates, then the first row group
    assert list(chunks)[-1].endswith(b"PAR1")


def test_other_readers_find_their_types() -> None:
    schema = written(PLACES, ENTITIES.slice(0, 1)).schema_arrow

    assert [str(schema.field(name).type) for name in PLACES.names] == [
        "string", "string", "double", "double", "int64", "bool", "timestamp[ns, tz=UTC]", "binary",
    ]  # fmt: skip
