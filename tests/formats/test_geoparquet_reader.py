"""GeoParquet and plain Parquet uploads (data-formats.md, section 8)."""

from __future__ import annotations

import gzip
import io
import json
import struct
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pyproj
import pytest
import shapely
from shapely.geometry.base import BaseGeometry

from geostead.errors import InvalidSchema, LimitReached, LoadError, UnreadableUpload
from geostead.formats.registry import open_reader
from tests.formats.reading import GEOPARQUET, LIMITS, NAME, Loaded, load, opened

POINTS = [shapely.Point(9.5, 48.25), None, shapely.Point(-0.0, 5e-324)]
SQUARE = shapely.box(0, 0, 1, 1)


def parquet(columns: Mapping[str, Any], metadata: Mapping[str, object] | None = None, **options: Any) -> bytes:
    table = pa.table(dict(columns))
    if metadata is not None:
        table = table.replace_schema_metadata({key: json.dumps(value) for key, value in metadata.items()})
    sink = io.BytesIO()
    pq.write_table(table, sink, **options)
    return sink.getvalue()


def geoparquet(
    shapes: Sequence[BaseGeometry | bytes | None], columns: Mapping[str, Any] | None = None, **column: object
) -> bytes:
    """Write geometries with other columns; ``column`` is what the metadata say of the geometries."""
    wkb = [shape if isinstance(shape, bytes | None) else shapely.to_wkb(shape) for shape in shapes]
    described = {"encoding": "WKB", "geometry_types": [], **column}
    geo = {"version": "1.1.0", "primary_column": "geometry", "columns": {"geometry": described}}
    return parquet({**(columns or {}), "geometry": pa.array(wkb, pa.binary())}, {"geo": geo})


def types_of(loaded: Loaded) -> dict[str, str]:
    return {p.name: p.type.value.removeprefix("Edm.") for p in loaded.reader.entity_type.properties}


def values_of(loaded: Loaded, name: str) -> list[Any]:
    values: list[Any] = loaded.entities.column(name).to_pylist()
    return values


def test_geometries_become_the_geography_and_columns_properties() -> None:
    columns = {"Größe": [1, 2, 3], "Open": [True, None, False], "entityid": ["a", "b", "c"]}

    loaded = load(geoparquet([*POINTS[:2], SQUARE], columns), GEOPARQUET)

    assert loaded.reader.entity_type.name == NAME
    assert types_of(loaded) == {
        "EntityID": "String",
        "Gr__e": "Int64",
        "Open": "Boolean",
        "Geom": "Geography",
        "Latitude": "Double",
        "Longitude": "Double",
    }
    assert loaded.ids == ["a", "b", "c"]
    assert [wkb and shapely.from_wkb(wkb) for wkb in values_of(loaded, "Geom")] == [POINTS[0], None, SQUARE]
    assert values_of(loaded, "Latitude") == [48.25, None, 0.5]


def test_points_that_the_metadata_promise_become_coordinates() -> None:
    loaded = load(geoparquet(POINTS, geometry_types=["Point", "Point Z"]), GEOPARQUET)

    assert types_of(loaded) == {"EntityID": "String", "Latitude": "Double", "Longitude": "Double"}
    assert loaded.ids == ["1", "2", "3"]
    assert list(map(repr, values_of(loaded, "Longitude"))) == ["9.5", "None", "-0.0"]


def test_another_geometry_than_the_promised_point_is_a_bad_row() -> None:
    loaded = load(geoparquet([POINTS[0], SQUARE], geometry_types=["Point"]), GEOPARQUET)

    assert loaded.ids == ["1"]
    assert [error[:2] for error in loaded.errors] == [(1, "Latitude")]
    assert loaded.reader.locate([1]) == {1: "row 2"}


def test_plain_parquet_with_coordinates_is_read() -> None:
    loaded = load(parquet({"LATITUDE": [1.5], "longitude": pa.array([2], pa.int8()), "N": ["x"]}), GEOPARQUET)

    assert loaded.entities.to_pylist() == [{"EntityID": "1", "LATITUDE": 1.5, "longitude": 2.0, "N": "x"}]


def test_plain_parquet_without_coordinates_aborts() -> None:
    with pytest.raises(InvalidSchema, match="have no place"):
        load(parquet({"N": ["x"]}), GEOPARQUET)


def test_other_geometries_and_bounds_are_left_out() -> None:
    bounds = [{"xmin": 0.0, "ymin": 0.0, "xmax": 1.0, "ymax": 1.0}]
    covering = {"bbox": {"xmin": ["bounds", "xmin"], "ymin": ["bounds", "ymin"]}}

    loaded = load(geoparquet([SQUARE], {"bounds": bounds, "N": [1]}, covering=covering), GEOPARQUET)

    assert list(types_of(loaded)) == ["EntityID", "N", "Geom", "Latitude", "Longitude"]


@pytest.mark.parametrize("as_text", [False, True])
def test_another_coordinate_system_is_brought_to_wgs_84(as_text: bool) -> None:
    system = pyproj.CRS.from_epsg(3857)
    moved = shapely.Point(10018754.171394622, 0)

    loaded = load(geoparquet([moved, None], crs=system.to_wkt() if as_text else system.to_json_dict()), GEOPARQUET)

    assert values_of(loaded, "Longitude")[0] == pytest.approx(90)
    assert values_of(loaded, "Latitude")[0] == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("epsg", [4326, 4979])
def test_coordinates_in_wgs_84_stay_as_they_are_bit_for_bit(epsg: int) -> None:
    loaded = load(geoparquet(POINTS, crs=pyproj.CRS.from_epsg(epsg).to_json_dict()), GEOPARQUET)

    assert [wkb and shapely.from_wkb(wkb).y for wkb in values_of(loaded, "Geom")] == [48.25, None, 5e-324]


def test_an_unknown_coordinate_system_is_taken_for_wgs_84() -> None:
    loaded = load(geoparquet([POINTS[0], shapely.Point(500_000, 0)], crs=None), GEOPARQUET)

    assert loaded.ids == ["1"]
    assert loaded.errors[0][:2] == (1, "Geom")


@pytest.mark.parametrize("crs", ["nonsense", {"type": "Nonsense"}, pyproj.CRS.from_epsg(5773).to_json_dict()])
def test_a_coordinate_system_that_has_no_way_to_wgs_84_aborts(crs: object) -> None:
    with pytest.raises(UnreadableUpload, match="coordinate system of the GeoParquet file"):
        opened(geoparquet(POINTS, crs=crs), GEOPARQUET)


def test_a_geometry_that_is_none_makes_a_bad_row() -> None:
    beyond = struct.pack("<BIdd", 1, 1, float("inf"), 1.0)

    loaded = load(geoparquet([SQUARE, b"", b"junk", struct.pack("<BII", 1, 2, 2**31), beyond, SQUARE]), GEOPARQUET)

    assert loaded.ids == ["1", "6"]
    assert [error[:2] for error in loaded.errors] == [(row, "Geom") for row in (1, 2, 3, 4)]


def test_values_that_do_not_fit_make_bad_rows() -> None:
    columns = {
        "Latitude": [1.0, float("nan"), 91.0, 1.0, 1.0, 1.0],
        "Longitude": [1.0] * 6,
        "N": pa.array([1, 1, 1, 2**64 - 1, 1, 1], pa.uint64()),
        "S": ["a", "a", "a", "a", "x" * 2561, "\x00"],
    }

    loaded = load(parquet(columns), GEOPARQUET)

    assert loaded.ids == ["1"]
    assert [error[:2] for error in loaded.errors] == [(1, "Latitude"), (2, "Latitude"), (3, "N"), (4, "S"), (5, "S")]


def test_an_entity_type_in_the_file_is_used_if_the_columns_are_its_own() -> None:
    declared = {
        "name": "Shops",
        "key": "ID",
        "properties": [
            {"name": name, "type": f"Edm.{edm_type}"}
            for name, edm_type in (
                ("ID", "String"),
                ("Seen", "DateTime"),
                ("Latitude", "Double"),
                ("Longitude", "Double"),
            )
        ],
    }
    columns = {"ID": ["a"], "Seen": ["2020-01-01"], "Latitude": [1.0], "Longitude": [2.0]}

    loaded = load(parquet(columns, {"geostead": declared}), GEOPARQUET)
    renamed = load(
        parquet({"Code" if name == "ID" else name: c for name, c in columns.items()}, {"geostead": declared}),
        GEOPARQUET,
    )

    assert (loaded.reader.entity_type.name, types_of(loaded)["Seen"]) == ("Shops", "DateTime")
    assert (renamed.reader.entity_type.name, types_of(renamed)["Seen"]) == (NAME, "String")


def test_deletions_are_recognised() -> None:
    columns = {
        "EntityID": ["a", "b"],
        "Latitude": [None, 1.0],
        "Longitude": [None, 2.0],
        "__deleteEntity": [True, None],
    }

    loaded = load(parquet(columns), GEOPARQUET)

    assert (loaded.deletions, loaded.ids) == ([(0, "a")], ["b"])


def test_packed_uploads_are_unpacked_and_files_of_the_disk_read_where_they_are(tmp_path: Path) -> None:
    data = parquet({"Latitude": [1.0], "Longitude": [2.0]})
    path = tmp_path / "upload"
    path.write_bytes(data)
    reader = open_reader(GEOPARQUET, lambda: path.open("rb"), LIMITS, NAME)

    assert [batch.row_count for batch in reader.batches()] == [1]
    assert load(gzip.compress(data), GEOPARQUET).ids == ["1"]


def test_many_rows_of_several_row_groups_come_in_their_order() -> None:
    count = 45_000
    data = parquet({"N": range(count), "Latitude": [1.0] * count, "Longitude": [1.0] * count}, row_group_size=7_000)

    loaded = load(data, GEOPARQUET)

    assert values_of(loaded, "N") == list(range(count))
    assert loaded.rows == list(range(count))
    assert loaded.ids[-1] == str(count)


def test_limits_are_held_before_and_while_reading() -> None:
    repeated = parquet({"S": ["x" * 2000] * 1000, "Latitude": [1.0] * 1000, "Longitude": [1.0] * 1000})
    plain = parquet({"S": ["x" * 2000] * 1000}, use_dictionary=False)

    with pytest.raises(LimitReached, match="uncompressed upload bytes"):
        load(repeated, GEOPARQUET, upload_bytes=100_000)
    with pytest.raises(LimitReached, match="uncompressed upload bytes"):
        opened(plain, GEOPARQUET, upload_bytes=100_000)
    with pytest.raises(LimitReached, match="properties is 351"):
        opened(parquet({f"c{n}": [1] for n in range(350)} | {"Latitude": [1.0], "Longitude": [1.0]}), GEOPARQUET)


GOOD = parquet({"Latitude": [1.0], "Longitude": [2.0]})


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"PAR1",
        b"PAR1PAR1",
        b"a,b\n1,2\n",
        GOOD[:-9],
        GOOD[:-8] + struct.pack("<I", 2**31) + b"PAR1",
        GOOD[:-1] + b"E",
    ],
)
def test_what_is_no_parquet_file_is_refused(data: bytes) -> None:
    with pytest.raises(UnreadableUpload, match="is not a Parquet file, or it is damaged"):
        load(data, GEOPARQUET)


def test_damaged_pages_are_refused() -> None:
    data = bytearray(parquet({"Latitude": [1.0] * 5000, "Longitude": [2.0] * 5000}))
    data[4:60] = b"\xff" * 56

    with pytest.raises(LoadError, match="cannot be read after record 0"):
        load(bytes(data), GEOPARQUET)
