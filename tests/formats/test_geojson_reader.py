"""GeoJSON uploads (data-formats.md, section 7)."""

from __future__ import annotations

import gzip
import io
import json
from typing import Any

import numpy as np
import pyogrio
import pytest
import shapely

from geostead.errors import InvalidSchema, LimitReached, UnreadableUpload
from geostead.model.entity_type import EdmType
from tests.formats.reading import GEOJSON, NAME, Loaded, load, opened

POINT = {"type": "Point", "coordinates": [9.5, 48.25]}
SQUARE = {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]]}
SHOPS = {
    "name": "Shops",
    "key": "ShopID",
    "properties": [
        {"name": "ShopID", "type": "Edm.String"},
        {"name": "Seats", "type": "Edm.Int64"},
        {"name": "Opened", "type": "Edm.DateTime"},
        {"name": "Area", "type": "Edm.Geography"},
    ],
}


def feature(properties: object = None, geometry: object = POINT, **members: object) -> dict[str, Any]:
    return {"type": "Feature", "geometry": geometry, "properties": properties, **members}


def collection(*features: object, **members: object) -> bytes:
    return json.dumps({"type": "FeatureCollection", **members, "features": features}).encode()


def load_features(*features: object, **members: object) -> Loaded:
    return load(collection(*features, **members), GEOJSON)


def types_of(loaded: Loaded) -> dict[str, str]:
    return {p.name: p.type.value.removeprefix("Edm.") for p in loaded.reader.entity_type.properties}


def values_of(loaded: Loaded, name: str) -> list[object]:
    values: list[object] = loaded.entities.column(name).to_pylist()
    return values


def test_points_become_coordinates_and_the_entity_type_is_named_after_the_data_source() -> None:
    loaded = load_features(feature({"Name": "Mühle"}))

    assert loaded.reader.entity_type.name == NAME
    assert loaded.entities.to_pylist() == [
        {"EntityID": "1", "Name": "Mühle", "Latitude": 48.25, "Longitude": 9.5},
    ]


def test_any_other_geometry_makes_all_of_them_geographies() -> None:
    loaded = load_features(feature(), feature(geometry=SQUARE), feature(geometry=None))

    assert types_of(loaded) == {"EntityID": "String", "Geom": "Geography", "Latitude": "Double", "Longitude": "Double"}
    shapes = [None if wkb is None else shapely.from_wkb(wkb).geom_type for wkb in values_of(loaded, "Geom")]
    assert shapes == ["Point", "Polygon", None]
    assert values_of(loaded, "Latitude") == [48.25, 0.5, None]
    assert [note[0] for note in loaded.notes] == [2]


@pytest.mark.parametrize(
    ("values", "expected", "kept"),
    [
        ([True, None, False], EdmType.BOOLEAN, [True, None, False]),
        ([1, -(2**63), 2**63 - 1], EdmType.INT64, [1, -(2**63), 2**63 - 1]),
        ([1, 2.5, None], EdmType.DOUBLE, [1.0, 2.5, None]),
        ([1, 2**63], EdmType.DOUBLE, [1.0, 2.0**63]),
        ([10**30], EdmType.DOUBLE, [1e30]),
        ([-0.0, 5e-324, 0.1], EdmType.DOUBLE, [-0.0, 5e-324, 0.1]),
        (["a", None, ""], EdmType.STRING, ["a", "", ""]),
        (["a", 1, 2.5, True], EdmType.STRING, ["a", "1", "2.5", "true"]),
        ([True, 1], EdmType.STRING, ["true", "1"]),
        ([[1, {"ä": None}], {"b": [0.5]}], EdmType.STRING, ['[1,{"ä":null}]', '{"b":[0.5]}']),
        ([None, None], EdmType.STRING, ["", ""]),
        (["2020-01-01T00:00:00Z"], EdmType.STRING, ["2020-01-01T00:00:00Z"]),
    ],
)
def test_types_follow_from_the_values(values: list[object], expected: EdmType, kept: list[object]) -> None:
    loaded = load_features(*(feature({"P": value}) for value in values))

    found = loaded.reader.entity_type.find("P")
    assert found is not None
    assert found.type is expected
    assert list(map(repr, values_of(loaded, "P"))) == list(map(repr, kept))


def test_latitude_longitude_and_elevation_are_doubles_and_count_before_the_point() -> None:
    loaded = load_features(
        feature({"latitude": 1, "LONGITUDE": 2, "Elevation": 3}), feature({"latitude": None, "LONGITUDE": None})
    )

    assert types_of(loaded) == {
        "EntityID": "String",
        "latitude": "Double",
        "LONGITUDE": "Double",
        "Elevation": "Double",
    }
    assert values_of(loaded, "latitude") == [1.0, 48.25]
    assert values_of(loaded, "LONGITUDE") == [2.0, 9.5]


def test_an_elevation_that_is_no_number_gets_another_name() -> None:
    assert types_of(load_features(feature({"elevation": "high"})))["elevation_2"] == "String"


def test_names_are_made_legal_and_different() -> None:
    loaded = load_features(feature({"Größe (m)": 1, "2nd": 2, "a": 3, "A": 4, "entityid": "k", "Geom": 5}), feature({}))

    assert list(types_of(loaded)) == ["EntityID", "Gr__e__m_", "_2nd", "a", "A_2", "Geom", "Latitude", "Longitude"]
    assert loaded.ids == ["k"]


def test_the_id_is_that_of_the_feature_else_the_property_else_the_position() -> None:
    assert load_features(feature(id="a"), feature({"EntityID": "x"}, id=7)).ids == ["a", "7"]
    assert load_features(feature({"ENTITYID": 5}), feature({"ENTITYID": "b"})).ids == ["5", "b"]
    assert load_features(feature(), feature()).ids == ["1", "2"]


def test_where_some_features_have_ids_those_without_are_bad() -> None:
    loaded = load_features(feature(id="a"), feature())

    assert loaded.ids == ["a"]
    assert [error[:2] for error in loaded.errors] == [(1, "EntityID")]


@pytest.mark.parametrize(
    ("bad", "place"),
    [
        (feature(geometry={"type": "Point", "coordinates": [181, 0]}), "Longitude"),
        (feature(geometry={"type": "Point", "coordinates": ["1", "2"]}), "Latitude"),
        (feature(geometry={"type": "Point"}), "Latitude"),
        (feature(geometry="POINT (1 2)"), "Latitude"),
        (feature({"S": "x" * 2561}), "S"),
        (feature({"S": "\u0001"}), "S"),
        (feature(5), ""),
        ({"type": "Point", "coordinates": [1, 2]}, ""),
    ],
)
def test_a_bad_feature_is_left_out_and_the_others_stay(bad: object, place: str) -> None:
    loaded = load_features(feature({"S": "a"}), bad, feature({"S": "b"}))

    assert loaded.ids == ["1", "3"]
    assert [error[:2] for error in loaded.errors] == [(1, place)]
    assert loaded.reader.locate([1]) == {1: "feature 2"}


@pytest.mark.parametrize(
    "geometry",
    [
        {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1]]]},
        {"type": "LineString", "coordinates": [[0, 0]]},
        {"type": "MultiPoint", "coordinates": [[0, 0], [200, 0]]},
        {"type": "Feature", "geometry": POINT},
        {"type": "CircularString", "coordinates": [[0, 0], [1, 1], [2, 0]]},
        {"type": ["Point"], "coordinates": [1, 2]},
        {"type": "GeometryCollection", "geometries": [POINT, None]},
    ],
)
def test_a_geometry_that_is_none_makes_a_bad_row(geometry: object) -> None:
    loaded = load_features(feature(geometry=SQUARE), feature(geometry=geometry))

    assert loaded.ids == ["1"]
    assert [error[:2] for error in loaded.errors] == [(1, "Geom")]


def test_collections_may_be_nested_as_deep_as_in_well_known_text_and_no_deeper() -> None:
    def nested(depth: int) -> object:
        return POINT if depth == 0 else {"type": "GeometryCollection", "geometries": [nested(depth - 1)]}

    loaded = load_features(feature(geometry=nested(32)), feature(geometry=nested(33)))

    assert loaded.ids == ["1"]


def test_a_geography_of_too_many_points_makes_a_bad_row() -> None:
    line = {"type": "LineString", "coordinates": [[n / 10, 0] for n in range(11)]}

    loaded = load(collection(feature(geometry=line)), GEOJSON, points_per_shape=10)

    assert loaded.errors[0][1:] == ("Geom", loaded.errors[0][2], "a geography of at most 10 points")


def test_z_is_dropped() -> None:
    line = {"type": "LineString", "coordinates": [[0, 0, 5], [1, 1, 6]]}

    loaded = load_features(feature(geometry=line))

    assert shapely.from_wkb(values_of(loaded, "Geom")[0]).wkt == "LINESTRING (0 0, 1 1)"


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "01", "\\ud800"])
def test_what_is_no_json_makes_a_bad_row_that_says_where(number: str) -> None:
    value = f'"{number}"' if number.startswith("\\") else number
    text = collection(feature({"P": 1}), feature({"P": "here"})).decode().replace('"here"', value)

    loaded = load(text, GEOJSON)

    assert loaded.ids == ["1"]
    assert "a Feature in JSON: " in loaded.errors[0][3]


def test_of_repeated_keys_the_last_one_counts() -> None:
    text = collection(feature({"P": "first", "Q": 1})).decode().replace('"Q": 1', '"P": "last"')

    assert values_of(load(text, GEOJSON), "P") == ["last"]


def test_our_own_member_declares_the_types() -> None:
    properties = {"ShopID": "a", "Seats": 5, "Opened": "2020-01-02T03:04:05.1234567Z"}

    loaded = load_features(feature(properties), feature({"ShopID": "b"}, SQUARE), geostead=SHOPS)

    assert loaded.reader.entity_type.name == "Shops"
    assert types_of(loaded)["Opened"] == "DateTime"
    assert loaded.ids == ["a", "b"]
    assert values_of(loaded, "Seats") == [5, None]


def test_a_geography_that_is_a_null_property_is_none_whatever_the_geometry() -> None:
    rows = feature({"ShopID": "a", "Area": None}), feature({"ShopID": "b"})

    loaded = load_features(*rows, geostead=SHOPS)

    assert [wkb is None for wkb in values_of(loaded, "Area")] == [True, False]


def test_without_a_declared_geography_only_points_are_possible() -> None:
    declared = {**SHOPS, "properties": [*SHOPS["properties"][:1], *places()]}

    loaded = load_features(feature({"ShopID": "a"}), feature({"ShopID": "b"}, SQUARE), geostead=declared)

    assert loaded.entities.to_pylist() == [{"ShopID": "a", "Latitude": 48.25, "Longitude": 9.5}]
    assert [error[:2] for error in loaded.errors] == [(1, "Latitude")]


def places() -> list[dict[str, str]]:
    return [{"name": name, "type": "Edm.Double"} for name in ("Latitude", "Longitude")]


def test_properties_that_are_not_declared_are_ignored_with_a_note() -> None:
    loaded = load_features(feature({"ShopID": "a", "Other": 1}), feature({"ShopID": "b"}), geostead=SHOPS)

    assert [note[:3] for note in loaded.notes] == [(0, "", "Other")]


def test_a_value_that_is_not_of_the_declared_type_makes_a_bad_row() -> None:
    loaded = load_features(
        feature({"ShopID": "a", "Seats": 2.5}), feature({"ShopID": "b", "Seats": 2**63}), geostead=SHOPS
    )

    assert [error[:3] for error in loaded.errors] == [(0, "Seats", "2.5"), (1, "Seats", str(2**63))]


@pytest.mark.parametrize(
    "declared", [[], 5, {}, {**SHOPS, "key": 5}, {**SHOPS, "properties": [5]}, {**SHOPS, "properties": []}]
)
def test_a_declaration_that_is_none_aborts(declared: object) -> None:
    with pytest.raises(InvalidSchema):
        load_features(feature(), geostead=declared)


def test_deletions_are_recognised() -> None:
    rows = feature({"__deleteEntity": True}, None, id="a"), feature({"__deleteEntity": "0"}, id="b"), feature(id="c")

    loaded = load_features(*rows)

    assert loaded.deletions == [(0, "a")]
    assert loaded.ids == ["b", "c"]
    assert "__deleteEntity" not in types_of(loaded)


@pytest.mark.parametrize("name", ["urn:ogc:def:crs:OGC:1.3:CRS84", "EPSG:4326", "urn:ogc:def:crs:EPSG::4326"])
def test_a_crs_that_is_wgs_84_may_be_named(name: str) -> None:
    assert load_features(feature(), crs={"type": "name", "properties": {"name": name}}).ids == ["1"]


@pytest.mark.parametrize("is_last", [False, True])
def test_any_other_crs_aborts_wherever_it_stands(is_last: bool) -> None:
    members = {"crs": {"type": "name", "properties": {"name": "EPSG:3857"}}}
    before, behind = ({}, members) if is_last else (members, {})

    with pytest.raises(UnreadableUpload, match=r"not in WGS 84: its crs is .*3857"):
        load(json.dumps({**before, "features": [feature()], **behind}), GEOJSON)


def test_one_feature_on_each_line_is_read_too() -> None:
    lines = "\n".join(json.dumps(feature({"n": n})) for n in range(3))

    assert values_of(load(lines, GEOJSON), "n") == [0, 1, 2]
    assert load(json.dumps(feature()), GEOJSON).ids == ["1"]


def test_gzip_is_unpacked_and_a_byte_order_mark_dropped() -> None:
    assert load(gzip.compress(collection(feature())), GEOJSON).ids == ["1"]
    assert load(b"\xef\xbb\xbf" + collection(feature()), GEOJSON).ids == ["1"]


def test_limits_are_held() -> None:
    with pytest.raises(LimitReached, match="properties is 354"):
        load_features(feature({f"p{n}": 1 for n in range(1000)}))
    with pytest.raises(LimitReached, match="properties is 351"):
        load_features(feature({f"p{n}": 1 for n in range(350)}))
    with pytest.raises(LimitReached, match="rows, bad ones included, is 21; the maximum is 20"):
        load(b"{}" * 21, GEOJSON, entities=2)
    with pytest.raises(LimitReached, match="uncompressed upload bytes"):
        load(gzip.compress(collection(*[feature()] * 1000)), GEOJSON, upload_bytes=10_000)


def test_many_features_come_in_batches_in_their_order() -> None:
    reader = opened(collection(*(feature({"n": n}, None) for n in range(45_000))), GEOJSON)

    batches = list(reader.batches())

    assert [batch.row_count for batch in batches] == [20_000, 20_000, 5_000]
    assert [n for batch in batches for n in batch.entities.column("n").to_pylist()] == list(range(45_000))
    assert batches[2].rows[0] == 40_000


def test_a_file_that_gdal_wrote_is_read() -> None:
    sink = io.BytesIO()
    shapes = shapely.to_wkb([shapely.Point(9, 48), shapely.box(0, 0, 1, 1)])
    names = ["a", "b"]
    columns = {"field_data": [np.array(names, object)], "fields": ["Name"]}
    pyogrio.raw.write(sink, geometry=shapes, driver="GeoJSON", geometry_type="Unknown", crs="EPSG:4326", **columns)

    loaded = load(sink.getvalue(), GEOJSON)

    assert values_of(loaded, "Name") == names
    assert loaded.errors == []
