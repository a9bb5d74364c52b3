from __future__ import annotations

import gzip
import struct
import tempfile
from pathlib import Path

import psutil
import pyarrow as pa
import pyproj
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry.base import BaseGeometry

from geostead.errors import LimitReached, LoadError
from geostead.model.entity_type import EdmType
from geostead.model.instant import iso_text
from tests.formats.gis_files import (
    LINES,
    MULTI_LINES,
    MULTI_POINTS,
    MULTI_POLYGONS,
    POINTS,
    polygons,
    shapefile,
    shapefile_zip,
    zipped,
)
from tests.formats.reading import SAMPLES, SHP, Loaded, load, opened

POINT = shapely.Point(8.5, 47.5)
SQUARE = shapely.box(8, 47, 9, 48)
HUT = shapefile([POINT], {"beds": pa.array([24])})


def load_files(files: dict[str, bytes], **limits: int) -> Loaded:
    return load(shapefile_zip(files), SHP, **limits)


def shapes_of(loaded: Loaded) -> list[BaseGeometry | None]:
    return shapely.from_wkb(loaded.entities.column("Geom").to_pylist()).tolist()


def refusal(content: bytes) -> str:
    with pytest.raises(LoadError) as raised:
        load(content, SHP)
    return str(raised.value)


def test_the_sample_is_read_with_its_types_in_its_encoding_and_moved_to_wgs_84() -> None:
    loaded = load((SAMPLES / "huts.shp").read_bytes(), SHP)

    assert loaded.reader.entity_type.name == "MountainHuts"
    assert [(p.name, p.type) for p in loaded.reader.entity_type.properties] == [
        ("EntityID", EdmType.STRING),
        ("NAME", EdmType.STRING),
        ("BEDS", EdmType.INT64),
        ("STAFFED", EdmType.BOOLEAN),
        ("ELEVATION", EdmType.DOUBLE),
        ("INSPECTED", EdmType.DATETIME),
        ("Geom", EdmType.GEOGRAPHY),
        ("Latitude", EdmType.DOUBLE),
        ("Longitude", EdmType.DOUBLE),
    ]
    entity = loaded.entities.drop_columns("Geom").to_pylist()[0]
    assert entity | {"INSPECTED": iso_text(entity["INSPECTED"])} == {
        "EntityID": "H-001",
        "NAME": "Seehütte am Grünsee",
        "BEDS": 24,
        "STAFFED": True,
        "ELEVATION": 2190.5,
        "INSPECTED": "2023-06-01T00:00:00",
        "Latitude": pytest.approx(46.755),
        "Longitude": pytest.approx(10.805),
    }
    assert loaded.entities.column("NAME")[2].as_py() == "山小屋"
    assert loaded.notes == [(2, "", "", "a location: Latitude and Longitude, or Geom")]


def test_missing_values_are_null() -> None:
    none = {"i": pa.nulls(1, pa.int64()), "d": pa.nulls(1, pa.float64()), "b": pa.nulls(1, pa.bool_())}

    loaded = load_files(shapefile([POINT], {**none, "t": pa.nulls(1, pa.date32()), "s": pa.nulls(1, pa.string())}))

    assert loaded.entities.select(["i", "d", "b", "t", "s"]).to_pylist() == [
        {"i": None, "d": None, "b": None, "t": None, "s": ""}
    ]


def test_ids_are_record_numbers_unless_there_is_a_column_of_them() -> None:
    assert load_files(shapefile([POINT] * 2)).ids == ["1", "2"]
    assert load_files(shapefile([POINT] * 2, {"EntityId": pa.array(["a", "b"])})).ids == ["a", "b"]
    assert load_files(shapefile([POINT] * 2, {"ENTITYID": pa.array([7, 8])})).ids == ["7", "8"]


def test_an_id_that_is_missing_makes_a_bad_row() -> None:
    loaded = load_files(shapefile([POINT] * 2, {"EntityID": pa.array(["a", None])}))

    assert [(row, name) for row, name, _, _ in loaded.errors] == [(1, "EntityID")]
    assert loaded.reader.locate([1]) == {1: "record 2"}


def test_deleted_records_are_left_out_and_keep_their_numbers() -> None:
    files = shapefile([POINT, shapely.Point(1, 1), POINT], {"beds": pa.array([1, 2, 3])})
    table = bytearray(files[".dbf"])
    header_size, row_size = struct.unpack_from("<HH", table, 8)
    table[header_size + row_size] = ord("*")

    loaded = load_files(files | {".dbf": bytes(table)})

    assert loaded.ids == ["1", "3"]
    assert loaded.rows == [0, 2]


def test_names_are_made_legal_and_geometry_wins_over_columns_of_the_same_name() -> None:
    names = {"Latitude": pa.array([1.0]), "GEOM": pa.array(["x"]), "1st": pa.array(["x"]), "a b": pa.array(["x"])}

    loaded = load(shapefile_zip(shapefile([POINT], names), "Straßen 2024"), SHP)

    assert loaded.reader.entity_type.name == "Stra_en_2024"
    assert loaded.reader.entity_type.names[1:5] == ("Latitude_2", "GEOM_2", "_1st", "a_b")
    assert loaded.entities.column("Latitude").to_pylist() == [47.5]


def test_deletions_are_told_by_what_a_table_can_hold_of_the_name() -> None:
    loaded = load_files(shapefile([POINT, None], {"__deleteEn": pa.array(["", "1"])}))

    assert loaded.deletions == [(1, "2")]
    assert loaded.ids == ["1"]


@pytest.mark.parametrize("missing", [[".shx"], [".dbf"], [".cpg"], [".shx", ".dbf", ".cpg", ".prj"]])
def test_only_the_main_file_must_be_there(missing: list[str]) -> None:
    loaded = load_files({suffix: content for suffix, content in HUT.items() if suffix not in missing})

    assert shapes_of(loaded) == [POINT]
    assert ("beds" in loaded.reader.entity_type.names) == (".dbf" not in missing)


def test_names_of_files_may_differ_in_case_lie_in_a_folder_and_stand_beside_others() -> None:
    files = {"gis/A.SHP": HUT[".shp"], "gis/a.Dbf": HUT[".dbf"], "gis/a.shp.xml": b"<x/>", "a.dbf": b"", "x.pdf": b"%"}

    loaded = load(zipped(files), SHP)

    assert loaded.reader.entity_type.name == "A"
    assert loaded.entities.column("beds").to_pylist() == [24]


@pytest.mark.parametrize("encoding", ["UTF-8", "ISO-8859-1", "CP1251"])
@pytest.mark.parametrize("is_declared", [True, False])
def test_text_is_read_in_the_encoding_that_is_declared_or_found(encoding: str, is_declared: bool) -> None:
    text = "Шар" if encoding == "CP1251" else "Höhe 5\u00b0"
    files = shapefile([POINT], {"s": pa.array([text])}, encoding=encoding)
    if not is_declared:
        del files[".cpg"]

    expected = text if is_declared or encoding != "CP1251" else text.encode("cp1251").decode("cp1252")
    assert load_files(files).entities.column("s").to_pylist() == [expected]


def test_every_byte_of_a_text_arrives() -> None:
    text = "".join(map(chr, range(0xA0, 0x100)))

    loaded = load_files(shapefile([POINT], {"s": pa.array([text])}, encoding="ISO-8859-1"))

    assert loaded.entities.column("s").to_pylist() == [text]


def test_text_that_is_not_of_the_declared_encoding_makes_a_bad_row() -> None:
    files = shapefile([POINT], {"s": pa.array(["Höhe"])}, encoding="ISO-8859-1") | {".cpg": b"UTF-8"}

    assert load_files(files).errors == [(0, "s", "Höhe", "text in utf-8, as the .cpg file says")]


@pytest.mark.parametrize("system", ["EPSG:32632", "EPSG:3857", "EPSG:4258", "EPSG:31467", "EPSG:27700"])
def test_other_coordinate_systems_are_moved_to_wgs_84(system: str) -> None:
    transformer = pyproj.Transformer.from_crs("EPSG:4326", system, always_xy=True)
    place = shapely.Point(transformer.transform(8.5, 47.5))

    loaded = load_files(shapefile([place, None], crs=system))

    assert shapes_of(loaded)[1] is None
    assert shapely.distance(shapes_of(loaded)[0], POINT) < 1e-6


def test_a_place_that_cannot_be_moved_makes_a_bad_row() -> None:
    loaded = load_files(shapefile([shapely.Point(1e9, 1e9), shapely.Point(5e5, 5e6)], crs="EPSG:32632"))

    assert [(row, name, expected) for row, name, _, expected in loaded.errors] == [
        (0, "Geom", "coordinates that are numbers and have a place in WGS 84")
    ]
    assert loaded.rows == [1]


def test_without_prj_coordinates_must_be_longitudes_and_latitudes() -> None:
    assert shapes_of(load_files(shapefile([POINT], crs=None))) == [POINT]
    assert "has no .prj file" in refusal(shapefile_zip(shapefile([shapely.Point(5e5, 5e6)], crs=None)))


@pytest.mark.parametrize(
    ("prj", "reason"),
    [
        (b"metres, I think", "cannot be understood: 'metres, I think'"),
        (b'LOCAL_CS["site",UNIT["Meter",1.0]]', "describes 'site'; expected a geographic or projected"),
        (b"EPSG:3857", "cannot be understood"),
        (b"/etc/passwd", "cannot be understood"),
        (b"x" * 70_000, "longer than 65,536 bytes"),
    ],
)
def test_a_prj_that_says_nothing_is_refused(prj: bytes, reason: str) -> None:
    assert reason in refusal(shapefile_zip(HUT | {".prj": prj}))


@pytest.mark.parametrize(
    ("shape", "geometry_type"),
    [
        (shapely.Point(8.5, 47.5, 400), "Point Z"),
        (shapely.LineString([(1, 2, 3), (4, 5, 6)]), "LineString Z"),
        (shapely.Polygon([(0, 0, 1), (4, 0, 1), (4, 4, 1)]), "Polygon Z"),
    ],
)
def test_heights_are_dropped(shape: BaseGeometry, geometry_type: str) -> None:
    found = shapes_of(load_files(shapefile([shape], geometry_type=geometry_type)))[0]

    assert found is not None
    assert not found.has_z
    assert found.equals(shapely.force_2d(shape))


def test_polygons_are_counted_in_the_file_and_points_in_each_shape() -> None:
    two = shapely.MultiPolygon([SQUARE, shapely.box(1, 1, 2, 2)])
    files = shapefile([two, two], geometry_type="Polygon")

    assert load_files(files, shapes_per_file=4).row_count == 2
    with pytest.raises(LimitReached, match="polygons in one file is 4; the maximum is 3"):
        load_files(files, shapes_per_file=3)
    assert [expected for _, _, _, expected in load_files(files, points_per_shape=9).errors] == [
        "a geography of at most 9 points"
    ] * 2


def test_an_empty_layer_has_no_rows() -> None:
    loaded = load_files(shapefile([], {"n": pa.array([], pa.int64())}))

    assert loaded.row_count == 0
    assert loaded.reader.entity_type.names[1] == "n"


def test_no_file_is_left_once_the_layer_is_open_or_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    refusal(shapefile_zip(HUT | {".prj": b"junk"}))
    reader = opened(shapefile_zip(HUT), SHP)

    assert list(tmp_path.iterdir()) == []
    assert [batch.entities.num_rows for batch in reader.batches()] == [1]


def test_the_process_ends_with_the_reader() -> None:
    before = set(psutil.Process().children())
    reader = opened(shapefile_zip(HUT), SHP)
    processes = [child for child in psutil.Process().children() if child not in before]
    assert len(processes) == 1

    del reader

    assert not processes[0].is_running()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (HUT[".shp"], "not a ZIP file; expected a ZIP of one shapefile"),
        (b"", "not a ZIP file"),
        (gzip.compress(shapefile_zip(HUT)), "not a ZIP file"),
        (zipped({"a.dbf": HUT[".dbf"]}), "found 0 .shp files among: 'a.dbf'"),
        (zipped({"a.shp": b"", "b/a.shp": b""}), "found 2 .shp files among: 'a.shp', 'b/a.shp'"),
        (zipped({"../a.shp": HUT[".shp"]}), "leads outside"),
        (shapefile_zip(HUT | {".shp": shapefile_zip(HUT)}), "The .shp file is not that of a shapefile"),
        (shapefile_zip(HUT | {".shp": b"<OGRVRTDataSource/>"}), "The .shp file is not that of a shapefile"),
        (shapefile_zip(HUT | {".shx": b"junk"}), "The .shx file is not that of a shapefile"),
        (shapefile_zip(HUT | {".dbf": b"junk"}), "The .dbf file is not a dBASE table"),
        (shapefile_zip(HUT | {".shp": HUT[".shp"][:-1]}), "has 127 bytes and says that it has 128"),
        (shapefile_zip(HUT | {".dbf": HUT[".dbf"][:-9]}), "The .dbf file is damaged or incomplete"),
        (shapefile_zip(HUT | {".dbf": shapefile([POINT] * 2)[".dbf"]}), "The .shp file has 1 records, the .dbf file 2"),
    ],
)
def test_what_is_no_shapefile_is_refused_with_the_reason(content: bytes, reason: str) -> None:
    assert reason in refusal(content)


def test_unpacked_bytes_are_counted_over_all_files() -> None:
    size = sum(map(len, HUT.values()))

    assert load_files(HUT, upload_bytes=size).row_count == 1
    with pytest.raises(LimitReached, match="uncompressed upload bytes") as raised:
        load_files(HUT, upload_bytes=size - 1)
    assert raised.value.value == size


def test_files_that_do_not_belong_to_the_layer_are_not_unpacked() -> None:
    size = sum(map(len, HUT.values()))
    files = {f"Huts{suffix}": content for suffix, content in HUT.items()}

    assert load(zipped(files | {"big.tif": bytes(10**6)}), SHP, upload_bytes=size).row_count == 1


@pytest.mark.parametrize(
    ("strategy", "geometry_type"),
    [
        (POINTS, "Point"),
        (MULTI_POINTS, "MultiPoint"),
        (LINES | MULTI_LINES, "LineString"),
        (polygons() | MULTI_POLYGONS, "Polygon"),
    ],
)
@settings(max_examples=2, deadline=None)
@given(drawn=st.data())
def test_geometries_come_back_as_they_were_written(
    strategy: st.SearchStrategy[BaseGeometry], geometry_type: str, drawn: st.DataObject
) -> None:
    shapes = drawn.draw(st.lists(strategy, min_size=20, max_size=60))

    loaded = load_files(shapefile(shapes, geometry_type=geometry_type))

    assert [_canonical(shape) for shape in shapes_of(loaded)] == [_canonical(shape) for shape in shapes]


def _canonical(shape: BaseGeometry | None) -> bytes:
    """Return the same bytes for the same shape, wherever rings begin and whichever way they run."""
    return shapely.to_wkb(shapely.normalize(shape))
