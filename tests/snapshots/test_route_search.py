"""Searching along a route."""

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geostead.geo.distance import EARTH_RADIUS_KM, unit_vectors
from geostead.geo.position import Position
from geostead.geo.route import RouteLine
from geostead.model.entity import EntityPage
from geostead.query.bound import BoundQuery, Comparator, Compare, NearRoute, OrderTerm
from geostead.snapshots import route_search
from geostead.snapshots.base import Snapshot
from tests.snapshots.places import NAME, outline, point, snapshot_of

KM = 180 / (math.pi * EARTH_RADIUS_KM)
"""Degrees of a kilometre."""
EQUATOR = (Position(0, 0), Position(0, 2))


def ids(page: EntityPage) -> list[str]:
    return page.rows.columns(["Id"]).column(0).to_pylist()


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    places = [
        point("a", 1.0 * KM, 1.5, "x"),
        point("b", -1.6 * KM, 1.0),
        point("c", 1.6 * KM * (1 + 1e-6), 1.0),
        point("d", 0.5 * KM, 1.0, "x"),
        point("e", 0, -1.5 * KM),
        point("f", 0.2 * KM, 0),
        point("g", 0, 2 + 1.7 * KM),
        outline("h", "POLYGON ((0 -1, 2 -1, 2 3, 0 3, 0 -1))"),
        point("i", 0.5 * KM, 1.0),
        {"Id": "nowhere", "Name": "x"},
    ]
    return snapshot_of(tmp_path_factory.mktemp("route"), places)


def test_entities_come_in_order_along_the_route_then_by_distance_then_by_id(snapshot: Snapshot) -> None:
    page = snapshot.search(BoundQuery(NearRoute(EQUATOR), distance=True, count=True))
    assert ids(page) == ["f", "e", "d", "i", "b", "a"]
    assert page.total_count == 6
    assert page.distances_km == pytest.approx([0.2, 1.5, 0.5, 0.5, 1.6, 1.0], rel=1e-9)


def test_the_other_direction_turns_the_order_round(snapshot: Snapshot) -> None:
    assert ids(snapshot.search(BoundQuery(NearRoute(EQUATOR[::-1])))) == ["a", "d", "i", "b", "f", "e"]


def test_a_route_is_filtered_ordered_and_paged(snapshot: Snapshot) -> None:
    near = NearRoute(EQUATOR)
    assert ids(snapshot.search(BoundQuery(near, Compare(NAME, Comparator.EQ, "x")))) == ["d", "a"]
    nearest = snapshot.search(BoundQuery(near, order=(OrderTerm(None, descending=True),), distance=True, top=2, skip=1))
    assert ids(nearest) == ["e", "a"]
    assert nearest.distances_km == pytest.approx([1.5, 1.0], rel=1e-9)


def test_of_a_way_there_and_back_the_way_there_counts(snapshot: Snapshot) -> None:
    back = NearRoute((*EQUATOR, EQUATOR[0]))
    assert ids(snapshot.search(BoundQuery(back))) == ["f", "e", "d", "i", "b", "a"]


def test_a_route_of_one_place_is_a_circle(snapshot: Snapshot) -> None:
    page = snapshot.search(BoundQuery(NearRoute((Position(0, 1),)), distance=True))
    assert ids(page) == ["d", "i", "b"]
    assert page.distances_km == pytest.approx([0.5, 0.5, 1.6], rel=1e-9)


def test_a_route_far_from_everything_finds_nothing(snapshot: Snapshot) -> None:
    page = snapshot.search(BoundQuery(NearRoute((Position(50, 50), Position(51, 50))), distance=True, count=True))
    assert (ids(page), page.distances_km, page.total_count) == ([], [], 0)


def test_a_route_crosses_the_antimeridian_and_a_pole(tmp_path: Path) -> None:
    places = [point("a", 0, -179.99), point("b", 0, 180), point("c", 0, -180), point("d", 0, 0), point("e", 90, 77)]
    found = snapshot_of(tmp_path, places)
    assert ids(found.search(BoundQuery(NearRoute((Position(0, 179), Position(0, -179)))))) == ["b", "c", "a"]
    assert ids(found.search(BoundQuery(NearRoute((Position(80, 0), Position(80, 180)))))) == ["e"]


def test_a_search_along_a_route_may_take_long(snapshot: Snapshot) -> None:
    assert snapshot.search_at_once(BoundQuery(NearRoute(EQUATOR))) is None


offsets = st.floats(-0.2, 0.2)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(
    st.lists(st.tuples(offsets, offsets), min_size=1, max_size=40),
    st.lists(st.tuples(offsets, offsets), min_size=1, max_size=20),
    st.sampled_from([(47.0, 8.0), (0.0, 180.0), (89.9, 30.0), (-89.85, -100.0)]),
    st.floats(0.1, 30),
)
def test_every_point_within_the_width_is_found_with_the_distance_to_the_nearest_run(
    tmp_path: Path,
    route: list[tuple[float, float]],
    points: list[tuple[float, float]],
    center: tuple[float, float],
    width_km: float,
) -> None:
    def place(offset: tuple[float, float]) -> Position:
        longitude = center[1] + offset[1]
        return Position(min(90.0, max(-90.0, center[0] + offset[0])), (longitude + 540) % 360 - 180)

    line, named = [place(o) for o in route], {f"{i:02}": place(o) for i, o in enumerate(points)}
    folder = tmp_path / f"{len(list(tmp_path.iterdir()))}"
    found = snapshot_of(folder, [point(i, *p) for i, p in named.items()])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(route_search, "_PAIRS_AT_ONCE", 3)
        page = found.search(BoundQuery(NearRoute(tuple(line), width_km), distance=True, top=100))
    measured = RouteLine(line)
    runs = np.arange(len(measured.radii_km))
    expected = {}
    for entity_id, (latitude, longitude) in named.items():
        vector = unit_vectors(np.array([latitude]), np.array([longitude]))
        distance = measured.nearest(np.repeat(vector, len(runs), axis=0), runs).distances_km.min()
        if distance <= width_km:
            expected[entity_id] = distance
    assert dict(zip(ids(page), page.distances_km or (), strict=True)) == pytest.approx(expected, rel=1e-9, abs=1e-9)
