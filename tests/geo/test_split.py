"""Shapes across ±180° (query-language.md, section 1)."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geostead.geo.split import split, split_one

FIJI = "POLYGON ((177 -20, -178 -20, -178 -15, 177 -15, 177 -20))"
WORLD = "POLYGON ((-180 -90, 180 -90, 180 90, -180 90, -180 -90))"
BAND = "POLYGON ((-180 -80, 180 -80, 180 80, 0 80, -180 80, -180 -80))"
ARCTIC = "POLYGON ((0 80, 90 80, 180 80, -90 80, 0 80))"


def shape(text: str) -> shapely.Geometry:
    return shapely.from_wkt(text)


def box(west: float, south: float, east: float, north: float) -> shapely.Geometry:
    return shapely.box(west, south, east, north)


@pytest.mark.parametrize(
    "text",
    [
        WORLD,
        BAND,
        "POLYGON ((170 -20, 180 -20, 180 20, 170 20, 170 -20))",
        "POLYGON ((-90 0, 90 0, 0 10, -90 0))",
        "LINESTRING (-180 0, 180 0)",
        "POINT (180 0)",
        "MULTIPOINT ((179 0), (-179 0))",
        "MULTIPOLYGON (((170 0, 175 0, 175 5, 170 0)), ((-170 0, -175 0, -175 5, -170 0)))",
        "GEOMETRYCOLLECTION (POINT (-179 0), LINESTRING (179 0, 178 3))",
        "POLYGON EMPTY",
    ],
)
def test_what_has_no_edge_across_the_antimeridian_stays_the_same_object(text: str) -> None:
    given_shape = shape(text)
    assert split_one(given_shape) is given_shape
    assert split(np.array([given_shape], dtype=object))[0] is given_shape


@pytest.mark.parametrize("turn", [lambda polygon: polygon, shapely.reverse])
def test_a_polygon_across_the_antimeridian_has_two_parts_whatever_its_direction(turn: object) -> None:
    halves = split_one(turn(shape(FIJI)))  # type: ignore[operator]
    assert halves.equals(shapely.union(box(177, -20, 180, -15), box(-180, -20, -178, -15)))
    assert halves.geom_type == "MultiPolygon"


def test_an_edge_that_ends_on_the_antimeridian_with_the_other_sign_is_written_with_its_own() -> None:
    touching = split_one(shape("POLYGON ((170 -20, -180 -20, -180 20, 170 20, 170 -20))"))
    assert touching.equals(box(170, -20, 180, 20))


@pytest.mark.parametrize("turn", [lambda ring: ring, shapely.reverse])
def test_holes_stay_holes_on_both_sides_and_across(turn: object) -> None:
    around = "(170 -20, -170 -20, -170 20, 170 20, 170 -20)"
    plain = shapely.Polygon(turn(shape("LINEARRING (172 0, 174 0, 174 2, 172 0)")))  # type: ignore[operator]
    across = "(178 0, -178 0, -178 2, 178 2, 178 0)"
    hole = shapely.to_wkt(plain, trim=True).removeprefix("POLYGON (").removesuffix(")")
    halves = split_one(shape(f"POLYGON ({around}, {hole}, {across})"))
    assert halves.is_valid
    assert halves.area == pytest.approx(20 * 40 - 2 - 4 * 2)
    assert not halves.intersects(shapely.Point(173.5, 1))
    assert not halves.intersects(shapely.Point(-179, 1))
    assert halves.intersects(shapely.Point(-179, 3))


@pytest.mark.parametrize("ring", ["0 80, 90 80, 180 80, -90 80, 0 80", "0 80, -90 80, 180 80, 90 80, 0 80"])
def test_a_ring_around_a_pole_holds_the_pole_that_is_nearer_whatever_its_direction(ring: str) -> None:
    assert split_one(shape(f"POLYGON (({ring}))")).equals(box(-180, 80, 180, 90))
    assert split_one(shape(f"POLYGON (({ring.replace('80,', '-80,')[:-2]}-80))")).equals(box(-180, -90, 180, -80))


def test_a_hole_around_a_pole_leaves_a_belt() -> None:
    belt = split_one(shape("POLYGON ((0 70, 90 70, 180 70, -90 70, 0 70), (0 80, 90 80, 180 80, -90 80, 0 80))"))
    assert belt.equals(box(-180, 70, 180, 80))


def test_a_line_is_cut_where_it_crosses_at_the_planar_latitude() -> None:
    expected = shape("MULTILINESTRING ((170 0, 180 5), (-180 5, -170 10, -180 15), (180 15, 170 20))")
    assert split_one(shape("LINESTRING (170 0, -170 10, 170 20)")).equals_exact(expected)


def test_a_line_that_starts_on_the_antimeridian_leaves_no_point_on_the_other_side() -> None:
    assert split_one(shape("LINESTRING (180 0, -170 10)")).equals_exact(shape("LINESTRING (-180 0, -170 10)"))


def test_multi_forms_and_collections_are_split_part_by_part() -> None:
    multi = split_one(shape("MULTIPOLYGON (((177 -20, -178 -20, -178 -15, 177 -15, 177 -20)), ((0 0, 1 0, 1 1, 0 0)))"))
    assert multi.geom_type == "MultiPolygon"
    assert len(multi.geoms) == 3
    mixed = split_one(shape(f"GEOMETRYCOLLECTION (POINT (1 1), LINESTRING (170 0, -170 0), {FIJI})"))
    assert sorted(part.geom_type for part in mixed.geoms) == ["LineString", "LineString", "Point", "Polygon", "Polygon"]


def test_parts_that_overlap_once_they_are_split_become_one_area() -> None:
    text = "MULTIPOLYGON (((170 0, -170 0, -170 5, 170 5, 170 0)), ((175 1, 179 1, 179 2, 175 2, 175 1)))"
    halves = split_one(shape(text))
    assert halves.is_valid
    assert halves.area == pytest.approx(100)


def test_thousands_of_crossings_are_split() -> None:
    zigzag = [(179 if i % 2 else -179, i * 0.01) for i in range(3000)]
    halves = split_one(shapely.Polygon([*zigzag, (170, 30), (170, 0)]))
    assert halves.is_valid
    assert halves.area == pytest.approx(300, rel=1e-3)


def test_a_ring_that_winds_around_the_world_again_and_again_is_left_as_it_is() -> None:
    spiral = [((i * 100 + 180) % 360 - 180, i * 0.01) for i in range(200)]
    ring = shapely.Polygon([*spiral, (spiral[-1][0], -10), (spiral[0][0], -10)])
    assert split_one(ring) is ring


def test_missing_shapes_stay_missing() -> None:
    assert split(np.array([None, shape(WORLD)], dtype=object))[0] is None


@given(
    st.lists(st.tuples(st.floats(-170, -100), st.floats(-80, 80)), min_size=1, max_size=5),
    st.lists(st.tuples(st.floats(100, 170), st.floats(-80, 80)), min_size=2, max_size=5),
)
def test_coordinates_survive_bit_for_bit(east: list[tuple[float, float]], west: list[tuple[float, float]]) -> None:
    ring = shapely.convex_hull(shapely.MultiPoint([*west, *((x + 360, y) for x, y in east)]))
    if ring.geom_type != "Polygon":
        return
    given_places = {(x if x <= 180 else x - 360, y) for x, y in ring.exterior.coords}
    back = shapely.transform(ring, lambda places: np.where(places > 180, places - 360, places))
    kept = {(x, y) for x, y in shapely.get_coordinates(split_one(back)).tolist() if abs(x) != 180}
    assert kept <= given_places
