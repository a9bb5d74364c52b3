"""Searching by shape: entities with a geography by their geography, all others by their point."""

from pathlib import Path

import numpy as np
import pytest
import shapely

from geostead.geo.distance import haversine_km
from geostead.model.entity import EntityPage
from geostead.query.bound import BoundQuery, Comparator, Compare, Intersects, OrderTerm
from geostead.snapshots.base import Snapshot
from tests.snapshots.places import NAME, outline, point, snapshot_of

PLACES = [
    point("a-inside", 5, 5, "x"),
    point("b-edge", 5, 10, "y"),
    point("c-outside", 5, 11),
    outline("d-overlaps", "POLYGON ((8 8, 30 8, 30 9, 8 9, 8 8))", "x"),
    outline("e-around", "POLYGON ((-20 -20, 40 -20, 40 40, -20 40, -20 -20), (-1 -1, 11 -1, 11 11, -1 11, -1 -1))"),
    outline("f-covers", "POLYGON ((-180 -90, 180 -90, 180 90, -180 90, -180 -90))"),
    outline("g-line", "LINESTRING (-5 5, 5 5)"),
    outline("h-fiji", "POLYGON ((177 -20, -178 -20, -178 -15, 177 -15, 177 -20))"),
    outline("i-points", "MULTIPOINT ((1 1), (50 50))"),
    outline("j-mixed", "GEOMETRYCOLLECTION (POINT (60 60), LINESTRING (1 2, 3 4))"),
    point("k-antimeridian", -17, -180),
    {"Id": "l-nowhere", "Name": "x"},
]
SQUARE = "POLYGON ((0 0, 10 0, 10 10, 0 10, 0 0))"
IN_SQUARE = ["a-inside", "b-edge", "d-overlaps", "f-covers", "g-line", "i-points", "j-mixed"]


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    return snapshot_of(tmp_path_factory.mktemp("places"), PLACES)


def query(text: str, **options: object) -> BoundQuery:
    return BoundQuery(Intersects(shapely.from_wkt(text)), **options)  # type: ignore[arg-type]


def ids(page: EntityPage) -> list[str]:
    return page.rows.columns(["Id"]).column(0).to_pylist()


@pytest.mark.parametrize("text", [SQUARE, "POLYGON ((0 0, 0 10, 10 10, 10 0, 0 0))"])
def test_whatever_has_a_point_in_common_is_found_in_entity_id_order(snapshot: Snapshot, text: str) -> None:
    assert ids(snapshot.search(query(text))) == IN_SQUARE


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("POINT (5 5)", ["a-inside", "f-covers", "g-line"]),
        ("MULTIPOINT ((5 5), (50 50))", ["a-inside", "f-covers", "g-line", "i-points"]),
        ("LINESTRING (5 0, 5 20)", ["a-inside", "e-around", "f-covers", "g-line"]),
        ("GEOMETRYCOLLECTION (POINT (60 60), POINT (10 5))", ["b-edge", "f-covers", "j-mixed"]),
        ("POLYGON ((179 -18, -179 -18, -179 -16, 179 -16, 179 -18))", ["f-covers", "h-fiji", "k-antimeridian"]),
        ("POLYGON ((179 -18, 180 -18, 180 -16, 179 -16, 179 -18))", ["f-covers", "h-fiji", "k-antimeridian"]),
        ("POINT (-179 -16)", ["f-covers", "h-fiji"]),
        ("POINT (0 -17)", ["e-around", "f-covers"]),
        ("LINESTRING (178 -17, -178.5 -17)", ["f-covers", "h-fiji", "k-antimeridian"]),
        ("POLYGON EMPTY", []),
        (
            "POLYGON ((-180 -90, 180 -90, 180 90, -180 90, -180 -90))",
            [place["Id"] for place in PLACES if place["Id"] != "l-nowhere"],
        ),
    ],
)
def test_every_kind_of_shape_finds_what_it_meets(snapshot: Snapshot, text: str, expected: list[str]) -> None:
    page = snapshot.search(query(text, count=True))
    assert ids(page) == expected
    assert page.total_count == len(expected)


def test_pages_of_the_default_order_make_up_the_whole(snapshot: Snapshot) -> None:
    pages = [ids(snapshot.search(query(SQUARE, top=2, skip=skip))) for skip in range(0, 10, 2)]
    assert [entity_id for page in pages for entity_id in page] == IN_SQUARE


def test_a_property_filter_and_an_order_go_with_a_shape(snapshot: Snapshot) -> None:
    is_x = Compare(NAME, Comparator.EQ, "x")
    assert ids(snapshot.search(query(SQUARE, predicate=is_x))) == ["a-inside", "d-overlaps"]
    ordered = snapshot.search(query(SQUARE, order=(OrderTerm(NAME, descending=True),), top=2))
    assert ids(ordered) == ["b-edge", "a-inside"]


def test_distance_is_measured_from_the_centroid_to_the_coordinates(snapshot: Snapshot) -> None:
    page = snapshot.search(query("POLYGON ((0 4, 10 4, 10 6, 0 6, 0 4))", distance=True, order=(OrderTerm(None),)))
    assert page.distances_km is not None
    distances = dict(zip(ids(page), page.distances_km, strict=True))
    assert distances["a-inside"] == pytest.approx(0, abs=1e-9)
    assert distances["b-edge"] == pytest.approx(haversine_km(5, 5, np.array([5.0]), np.array([10.0]))[0], rel=1e-9)
    assert list(page.distances_km) == sorted(page.distances_km)


def test_the_centroid_of_a_shape_across_the_antimeridian_is_that_before_the_split(snapshot: Snapshot) -> None:
    text = "POLYGON ((177 -20, -178 -20, -178 -15, 177 -15, 177 -20))"
    page = snapshot.search(query(text, distance=True))
    middle = shapely.from_wkt(text).centroid
    expected = haversine_km(middle.y, middle.x, np.array([-17.0]), np.array([-180.0]))[0]
    distances = dict(zip(ids(page), page.distances_km or (), strict=True))
    assert distances["k-antimeridian"] == pytest.approx(expected, rel=1e-9)


def test_an_empty_shape_has_an_empty_page_with_distances(snapshot: Snapshot) -> None:
    page = snapshot.search(query("POLYGON EMPTY", distance=True, count=True, order=(OrderTerm(None),)))
    assert (ids(page), page.distances_km, page.total_count) == ([], [], 0)


def test_the_intersection_of_each_row_is_that_of_its_geography_or_point(snapshot: Snapshot) -> None:
    page = snapshot.search(BoundQuery(intersection=shapely.from_wkt(SQUARE)))
    assert page.intersections is not None
    found = dict(zip(ids(page), shapely.from_wkb(page.intersections.to_pylist()), strict=True))
    expected = {
        "a-inside": "POINT (5 5)",
        "b-edge": "POINT (10 5)",
        "d-overlaps": "POLYGON ((8 8, 10 8, 10 9, 8 9, 8 8))",
        "f-covers": SQUARE,
        "g-line": "LINESTRING (0 5, 5 5)",
        "i-points": "POINT (1 1)",
        "j-mixed": "LINESTRING (1 2, 3 4)",
    }
    assert {entity_id: shape for entity_id, shape in found.items() if shape is None} == dict.fromkeys(
        sorted(found.keys() - expected.keys())
    )
    for entity_id, text in expected.items():
        assert found[entity_id].equals(shapely.from_wkt(text)), entity_id
        assert found[entity_id].geom_type == shapely.from_wkt(text).geom_type


def test_intersections_are_there_only_when_they_are_asked_for(snapshot: Snapshot) -> None:
    assert snapshot.search(query(SQUARE)).intersections is None
    empty = snapshot.search(query("POLYGON EMPTY", intersection=shapely.from_wkt(SQUARE)))
    assert empty.intersections is not None
    assert len(empty.intersections) == 0


def test_a_search_by_shape_may_take_long(snapshot: Snapshot) -> None:
    assert snapshot.search_at_once(query(SQUARE)) is None
    assert snapshot.search_at_once(BoundQuery(intersection=shapely.from_wkt(SQUARE))) is None


def test_a_snapshot_of_points_alone_is_searched_by_its_points(tmp_path: Path) -> None:
    points = snapshot_of(tmp_path, [point(f"{i:03}", i / 10, 5) for i in range(200)])
    page = points.search(query(SQUARE, count=True, top=3))
    assert (ids(page), page.total_count) == (["000", "001", "002"], 101)
    parts = "MULTIPOLYGON (((4 0, 6 0, 6 1, 4 1, 4 0)), ((4 3, 6 3, 6 4, 4 4, 4 3)))"
    assert points.search(query(parts, count=True)).total_count == 22
