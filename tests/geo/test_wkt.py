from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geostead.geo.wkt import MAX_NESTING, read_wkt, read_wkts, wkt_texts, write_wkts

numbers = st.floats(-180, 180)
positions = st.tuples(numbers, numbers)


def lines(least: int = 2) -> st.SearchStrategy[list[tuple[float, float]]]:
    return st.lists(positions, min_size=least, max_size=5)


rings = lines(3).map(lambda ring: [*ring, ring[0]])
points = positions.map(shapely.Point)
line_strings = lines().map(shapely.LineString)
polygons = st.builds(shapely.Polygon, rings, st.lists(rings, max_size=2))
multis = st.one_of(
    st.lists(points, max_size=3).map(shapely.MultiPoint),
    st.lists(line_strings, max_size=3).map(shapely.MultiLineString),
    st.lists(polygons, max_size=3).map(shapely.MultiPolygon),
)
simple = st.one_of(points, line_strings, polygons, multis, st.just(shapely.Point()))
shapes = st.recursive(simple, lambda inner: st.lists(inner, max_size=3).map(shapely.GeometryCollection), max_leaves=5)


@given(st.lists(st.none() | shapes, max_size=5))
@settings(deadline=None, max_examples=150)
def test_what_is_written_reads_back_bit_for_bit(given_shapes: list[shapely.Geometry | None]) -> None:
    wkb = pa.array(shapely.to_wkb(np.array(given_shapes, dtype=object), byte_order=1), pa.binary())

    texts = wkt_texts(wkb)

    assert shapely.to_wkb(read_wkts(texts.to_pylist()), byte_order=1).tolist() == wkb.to_pylist()


@given(st.lists(points | st.just(shapely.Point()), max_size=5))
@settings(deadline=None, max_examples=50)
def test_points_read_back_bit_for_bit(given_points: list[shapely.Geometry]) -> None:
    wkb = pa.array(shapely.to_wkb(np.array(given_points, dtype=object), byte_order=1), pa.binary())

    assert shapely.to_wkb(read_wkts(wkt_texts(wkb).to_pylist()), byte_order=1).tolist() == wkb.to_pylist()


def test_numbers_are_written_with_as_few_digits_as_are_needed() -> None:
    shape = shapely.LineString([(30.0, 10.5), (-0.1, 1e-7)])

    assert write_wkts(np.array([shape])) == ["LINESTRING (30 10.5, -0.1 1e-7)"]


def test_the_third_and_fourth_dimension_are_dropped_in_writing() -> None:
    assert write_wkts(np.array([shapely.from_wkt("POLYGON Z ((0 0 9, 1 0 9, 1 1 9, 0 0 9))")])) == [
        "POLYGON ((0 0, 1 0, 1 1, 0 0))"
    ]


@pytest.mark.parametrize(
    "text",
    [
        "POINT(1 2)",
        "point ( 1e0 2.0 )",
        " POINT\t(1\n2) ",
        "SRID=4326;POINT(1 2)",
        " srid = 4326 ; POINT(1 2)",
        "POINT Z (1 2 3)",
        "POINTZ(1 2 3)",
        "POINT(1 2 3)",
        "POINT M (1 2 3)",
        "POINT ZM (1 2 3 4)",
    ],
)
def test_every_spelling_of_a_point_is_read_in_two_dimensions(text: str) -> None:
    shape = read_wkt(text)

    assert shape is not None
    assert shapely.to_wkb(shape) == shapely.to_wkb(shapely.Point(1, 2))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Paris",
        "POINT(1, 2)",
        "POINT(1 2) x",
        "POINT(1 2);",
        "POINT(1 SRID=4326;2)",
        "SRID=4326;SRID=4326;POINT(1 2)",
        "POINT(0x10 2)",
        "POINT(nan 2)",
        "POINT(1 inf)",
        "POLYGON((0 0,1 1,0 1))",
        "LINESTRING(0 0)",
        "LINEARRING(0 0,1 1,1 0,0 0)",
        "CIRCULARSTRING(0 0,1 1,2 0)",
        "GEOMETRYCOLLECTION(CURVEPOLYGON((0 0,1 0,1 1,0 0)))",
        "GEOMETRYCOLLECTION(" * 100_000,
        "GEOMETRYCOLLECTION(" * (MAX_NESTING + 1) + "POINT(1 2)" + ")" * (MAX_NESTING + 1),
    ],
)
def test_what_is_not_wkt_is_none(text: str) -> None:
    assert read_wkt(text) is None


def test_one_bad_text_does_not_spoil_its_neighbours() -> None:
    found = read_wkts(["POINT(1 2)", "CIRCULARSTRING(0 0,1 1,2 0)", None, "nonsense", "POINT(3 4)"])

    assert [None if shape is None else shape.wkt for shape in found] == [
        "POINT (1 2)",
        None,
        None,
        None,
        "POINT (3 4)",
    ]


def test_collections_may_lie_side_by_side_in_any_number() -> None:
    text = "GEOMETRYCOLLECTION(" + ",".join(["GEOMETRYCOLLECTION(POINT(1 2))"] * 50) + ")"

    assert shapely.get_num_geometries(read_wkt(text)) == 50


@pytest.mark.parametrize("text", [" " * 10**6 + ";", "SRID" * 10**5 + ";", "SRID=" + "1" * 10**6 + ":;", "(" * 10**6])
def test_a_megabyte_of_hostile_text_is_read_in_one_pass(text: str) -> None:
    assert read_wkt(text) is None
