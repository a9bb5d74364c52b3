"""What shapes have in common: planar, split at ±180°, which is one meridian."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geostead.errors import LimitExceeded
from geostead.geo.relate import RelatedShape
from geostead.geo.whereabouts import centroid

SQUARE = "POLYGON ((0 0, 10 0, 10 10, 0 10, 0 0))"
EAST_OF_FIJI = "POLYGON ((170 0, 180 0, 180 10, 170 10, 170 0))"
WORLD = "POLYGON ((-180 -90, 180 -90, 180 90, -180 90, -180 -90))"


def meets(one: str, other: str) -> bool:
    related, others = RelatedShape(shapely.from_wkt(one)), np.array([shapely.from_wkt(other)], dtype=object)
    is_common = bool(related.meets(others)[0])
    assert (related.intersections(others)[0] is not None) is is_common
    return is_common


def common(one: str, other: str) -> str | None:
    found = RelatedShape(shapely.from_wkt(one)).intersections(np.array([shapely.from_wkt(other)], dtype=object))[0]
    return None if found is None else shapely.to_wkt(shapely.normalize(found), trim=True)


def normal(text: str) -> str:
    return shapely.to_wkt(shapely.normalize(shapely.from_wkt(text)), trim=True)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (SQUARE, "POINT (1 1)", "POINT (1 1)"),
        (SQUARE, "POINT (10 5)", "POINT (10 5)"),
        (SQUARE, "POINT (10.000001 5)", None),
        (SQUARE, "MULTIPOINT ((1 1), (20 20))", "POINT (1 1)"),
        (SQUARE, "LINESTRING (-5 5, 15 5)", "LINESTRING (0 5, 10 5)"),
        (SQUARE, "LINESTRING (2 2, 8 8, 8 2, 2 8)", "LINESTRING (2 2, 8 8, 8 2, 2 8)"),
        (SQUARE, "LINESTRING (-5 -5, 5 5, 15 5, 15 6, 5 6)", "MULTILINESTRING ((0 0, 5 5, 10 5), (10 6, 5 6))"),
        (SQUARE, "POLYGON ((10 0, 20 0, 20 10, 10 10, 10 0))", "LINESTRING (10 0, 10 10)"),
        (SQUARE, "POLYGON ((10 10, 20 10, 20 20, 10 10))", "POINT (10 10)"),
        (SQUARE, "POLYGON ((5 5, 15 5, 15 15, 5 15, 5 5))", "POLYGON ((5 5, 10 5, 10 10, 5 10, 5 5))"),
        (SQUARE, WORLD, SQUARE),
        (WORLD, SQUARE, SQUARE),
        ("LINESTRING (0 0, 10 0)", "LINESTRING (5 0, 20 0)", "LINESTRING (5 0, 10 0)"),
        ("LINESTRING (0 0, 10 0)", "LINESTRING (5 -5, 5 5)", "POINT (5 0)"),
        ("LINESTRING (0 0, 10 0)", "LINESTRING (0 0, 10 0, 0 0)", "LINESTRING (0 0, 10 0)"),
        ("POINT (5 5)", SQUARE, "POINT (5 5)"),
        ("POINT (5 0)", "LINESTRING (0 0, 10 0)", "POINT (5 0)"),
        ("MULTIPOINT ((1 1), (5 5))", "POINT (5 5)", "POINT (5 5)"),
        ("POLYGON EMPTY", WORLD, None),
        (
            f"GEOMETRYCOLLECTION (POINT (1 1), LINESTRING (2 2, 20 2), {SQUARE}, POINT (12 2), POINT (0 20))",
            WORLD,
            f"GEOMETRYCOLLECTION (POINT (0 20), LINESTRING (10 2, 20 2), {SQUARE})",
        ),
        (
            "GEOMETRYCOLLECTION (POLYGON ((0 0, 6 0, 6 9, 0 9, 0 0)), POLYGON ((4 0, 9 0, 9 9, 4 9, 4 0)))",
            "POLYGON ((1 1, 8 1, 8 2, 1 2, 1 1))",
            "POLYGON ((1 1, 8 1, 8 2, 1 2, 1 1))",
        ),
        (EAST_OF_FIJI, "POINT (-180 5)", "POINT (-180 5)"),
        (EAST_OF_FIJI, WORLD, EAST_OF_FIJI),
        (EAST_OF_FIJI, "POLYGON ((-180 -5, -170 -5, -170 5, -180 5, -180 -5))", "LINESTRING (-180 0, -180 5)"),
        (EAST_OF_FIJI, "MULTIPOINT ((175 5), (-180 5))", "MULTIPOINT ((175 5), (-180 5))"),
        (EAST_OF_FIJI, "LINESTRING (175 5, -175 5)", "LINESTRING (175 5, 180 5)"),
        (
            "POLYGON ((170 0, -170 0, -170 10, 170 10, 170 0))",
            "LINESTRING (175 5, -175 5)",
            "MULTILINESTRING ((175 5, 180 5), (-180 5, -175 5))",
        ),
    ],
)
def test_what_two_shapes_have_in_common_is_as_simple_as_it_can_be(one: str, other: str, expected: str | None) -> None:
    found = common(one, other)
    assert (found is None) is (expected is None)
    if expected is not None:
        assert shapely.from_wkt(found).geom_type == shapely.from_wkt(expected).geom_type
        assert shapely.from_wkt(found).equals(shapely.from_wkt(expected))
    assert meets(one, other) is (expected is not None)


coordinates = st.tuples(
    st.integers(-18, 18).map(lambda tens: tens * 10.0), st.integers(-9, 9).map(lambda tens: tens * 10.0)
)


@given(st.lists(coordinates, min_size=1, max_size=12), st.lists(coordinates, min_size=2, max_size=300))
def test_points_meet_a_shape_as_geometries_and_as_coordinates_alike(
    points: list[tuple[float, float]], line: list[tuple[float, float]]
) -> None:
    related = RelatedShape(shapely.LineString(line))
    longitudes, latitudes = np.array(points).T
    by_geometry = related.meets(shapely.points(longitudes, latitudes))
    assert (by_geometry == related.meets_points(latitudes=latitudes, longitudes=longitudes)).all()


@given(st.lists(coordinates, min_size=2, max_size=400))
def test_every_place_of_a_shape_lies_in_its_rectangles(line: list[tuple[float, float]]) -> None:
    rectangles = RelatedShape(shapely.LineString(line)).rectangles
    assert len(rectangles) <= 16
    for x, y in line:
        assert any(r.min_x <= x <= r.max_x and r.min_y <= y <= r.max_y for r in rectangles)


def test_a_shape_on_the_antimeridian_has_rectangles_on_both_sides() -> None:
    sides = [(r.min_x, r.max_x) for r in RelatedShape(shapely.from_wkt(EAST_OF_FIJI)).rectangles]
    assert sorted(sides) == [(-180, -180), (170, 180)]


def test_lines_that_cross_themselves_millions_of_times_are_intersected_in_bounded_memory() -> None:
    places = np.random.default_rng(1).uniform(0, 10, (10_000, 2))
    found = RelatedShape(shapely.from_wkt(SQUARE)).intersections(np.array([shapely.LineString(places)], dtype=object))
    assert found[0].length == pytest.approx(shapely.LineString(places).length)


def test_lines_that_cross_each_other_too_often_are_refused() -> None:
    there = [(number / 100, number % 2 * 10) for number in range(1_000)]
    related = RelatedShape(shapely.LineString(there))
    with pytest.raises(LimitExceeded, match="crossings of edges"):
        related.intersections(np.array([shapely.LineString([(y, x) for x, y in there])], dtype=object))


def test_a_line_of_thousands_of_points_is_intersected_with_a_line_just_like_it() -> None:
    line = shapely.LineString([(number / 1000, np.sin(number)) for number in range(10_000)])
    found = RelatedShape(line).intersections(np.array([line], dtype=object))
    assert found[0].length == pytest.approx(line.length)


@given(st.integers(300, 2_000), st.floats(0, 9), st.floats(0, 9), st.floats(0.01, 5))
def test_areas_of_many_points_are_intersected_as_if_nothing_of_them_were_cut_away(
    points: int, west: float, south: float, size: float
) -> None:
    angles = np.linspace(0, 2 * np.pi, points, endpoint=False)
    radii = np.where(np.arange(points) % 2, 1, 5)
    star = shapely.Polygon(np.column_stack((5 + radii * np.cos(angles), 5 + radii * np.sin(angles))))
    others = [shapely.box(west, south, west + size, south + size)]
    others.append(shapely.LineString([(west, south), (west + size, south + size / 3), (west, south + size)]))
    for one, other in [(star, other) for other in others] + [(other, star) for other in others]:
        found, whole = RelatedShape(one).intersections(np.array([other], dtype=object))[0], one.intersection(other)
        assert (found is None) is whole.is_empty
        if found is not None:
            assert found.area == pytest.approx(whole.area, abs=1e-9)
            assert found.length == pytest.approx(whole.length, abs=1e-9)


def test_the_centroid_is_that_of_the_coordinates_as_they_are_written() -> None:
    assert centroid(shapely.from_wkt(SQUARE)) == (5, 5)
    assert centroid(shapely.from_wkt("POINT (170 20)")) == (20, 170)
    assert centroid(shapely.from_wkt("LINESTRING (170 0, -170 0)")) == (0, 0)
    assert centroid(shapely.from_wkt("POLYGON EMPTY")) is None
