"""The metadata of GeoParquet, good and bad."""

from __future__ import annotations

import json

import pyarrow as pa
import pytest

from geostead.errors import UnreadableUpload
from geostead.formats.geoparquet.geo_metadata import GeometryColumn, find_geometry

SCHEMA = pa.schema([("g", pa.binary()), ("large", pa.large_binary()), ("text", pa.string())])
CRS84 = {"id": {"authority": "OGC", "code": "CRS84"}}
ELSEWHERE = {"id": {"authority": "EPSG", "code": 3857}}


def find(geo: object) -> GeometryColumn | None:
    return find_geometry({b"geo": json.dumps(geo).encode()}, SCHEMA)


def described(name: str = "g", **column: object) -> dict[str, object]:
    return {"primary_column": name, "columns": {name: {"encoding": "WKB", **column}}}


def test_a_file_without_the_metadata_has_no_geometry() -> None:
    assert find_geometry({}, SCHEMA) is None


@pytest.mark.parametrize("name", ["g", "large"])
def test_the_primary_column_is_the_geometry(name: str) -> None:
    assert find(described(name)) == GeometryColumn(name, is_points=False, crs=None, others=frozenset())


@pytest.mark.parametrize(
    ("types", "expected"),
    [
        (["Point"], True),
        (["Point Z", "Point"], True),
        ([], False),
        (["Point", "Polygon"], False),
        ("Point", False),
        ([5], False),
    ],
)
def test_points_are_promised_by_a_list_of_nothing_else(types: object, expected: bool) -> None:
    found = find(described(geometry_types=types))

    assert found is not None
    assert found.is_points is expected


@pytest.mark.parametrize(
    ("crs", "expected"), [(None, None), (CRS84, None), (ELSEWHERE, ELSEWHERE), ("WKT", "WKT"), ({}, {}), (5, 5)]
)
def test_a_coordinate_system_other_than_wgs_84_is_told(crs: object, expected: object) -> None:
    found = find(described(crs=crs))

    assert found is not None
    assert found.crs == expected


def test_other_geometries_and_coverings_are_told() -> None:
    column = {"encoding": "WKB", "covering": {"bbox": {"xmin": ["box", "xmin"], "ymin": 5, "ymax": [], "xmax": [[]]}}}

    found = find({"primary_column": "g", "columns": {"g": column, "label": {"encoding": "WKB"}}})

    assert found is not None
    assert found.others == {"box", "label"}


@pytest.mark.parametrize(
    "geo",
    ["junk", [], {}, {"primary_column": "g"}, {"primary_column": "g", "columns": {"g": 5}}, {"primary_column": []}],
)
def test_other_metadata_are_refused(geo: object) -> None:
    with pytest.raises(UnreadableUpload, match="metadata 'geo'"):
        find(geo)


def test_metadata_that_are_no_json_are_refused() -> None:
    with pytest.raises(UnreadableUpload, match="metadata 'geo'"):
        find_geometry({b"geo": b"{"}, SCHEMA)


@pytest.mark.parametrize(
    "geo", [described("text"), described("missing"), described(encoding="point"), described(encoding=None)]
)
def test_geometries_that_are_not_well_known_binary_are_refused(geo: object) -> None:
    with pytest.raises(UnreadableUpload, match="is missing or not WKB"):
        find(geo)
