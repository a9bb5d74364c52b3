"""Distances to a line of great circles, and positions along it."""

import math

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from geostead.geo.distance import EARTH_RADIUS_KM, haversine_km, unit_vectors
from geostead.geo.position import Position
from geostead.geo.route import RouteLine

latitudes = st.floats(-90, 90)
longitudes = st.floats(-180, 180)
places = st.tuples(latitudes, longitudes)


def nearest(line: list[tuple[float, float]], latitude: float, longitude: float) -> tuple[float, float]:
    """Return distance and position along, measured against every run."""
    route = RouteLine([Position(*place) for place in line])
    runs = np.arange(len(route.radii_km))
    point = unit_vectors(np.array([latitude]), np.array([longitude]))
    found = route.nearest(np.repeat(point, len(runs), axis=0), runs)
    best = int(np.argmin(found.distances_km.round(9)))
    return float(found.distances_km[best]), float(found.along_km[best])


def apart(one: tuple[float, float], other: tuple[float, float]) -> float:
    return float(haversine_km(*one, np.array([other[0]]), np.array([other[1]]))[0])


DEGREE_KM = EARTH_RADIUS_KM * math.pi / 180


@pytest.mark.parametrize(
    ("line", "place", "distance", "along"),
    [
        ([(0, 0), (0, 10)], (1, 5), 1, 5),
        ([(0, 0), (0, 10)], (-1, 3), 1, 3),
        ([(0, 0), (0, 10)], (0, -1), 1, 0),
        ([(0, 0), (0, 10)], (0, 11), 1, 10),
        ([(0, 0), (0, 10)], (0, 10), 0, 10),
        ([(0, 170), (0, -170)], (1, 180), 1, 10),
        ([(0, 170), (0, -170)], (1, -180), 1, 10),
        ([(80, 0), (80, 180)], (90, 33), 0, 10),
        ([(0, 0), (0, 180)], (90, 0), 0, 90),
        ([(90, 0), (-90, 0)], (0, 1), 1, 90),
        ([(0, 0), (0, 10), (0, 0)], (0, 3), 0, 3),
        ([(0, 0), (0, 10), (0, 0)], (0, -1), 1, 0),
        ([(0, 0), (0, 0), (0, 10), (0, 10)], (0, 12), 2, 10),
        ([(5, 5)], (5, 5), 0, 0),
        ([(5, 5), (5, 5)], (6, 5), 1, 0),
    ],
)
def test_distance_and_position_are_those_of_the_nearest_place(
    line: list[tuple[float, float]], place: tuple[float, float], distance: float, along: float
) -> None:
    found = nearest(line, *place)
    assert found == pytest.approx((distance * DEGREE_KM, along * DEGREE_KM), rel=1e-9, abs=1e-9)


@given(places, places, places)
@example((0.0, 0.0), (0.0, 180.0), (30.0, 40.0))
@example((90.0, 10.0), (-90.0, -120.0), (30.0, 40.0))
@example((89.999999, 10.0), (89.999999, -170.0), (90.0, 0.0))
@example((0.0, 0.0), (3.903151526528035e-277, 1.0), (90.0, 0.0))
def test_no_place_of_a_segment_is_nearer_than_the_nearest(
    start: tuple[float, float], end: tuple[float, float], place: tuple[float, float]
) -> None:
    distance, along = nearest([start, end], *place)
    length = apart(start, end)
    assert -1e-9 <= along <= length + 1e-3
    assert distance <= min(apart(start, place), apart(end, place)) + 1e-6
    # The detour over the nearest place is a way to either end.
    assert distance + along >= apart(start, place) - 1e-3
    assert distance + length - along >= apart(end, place) - 1e-3


@given(st.lists(places, min_size=2, max_size=5), st.integers(0, 4), st.floats(0, 0.005), st.floats(0.01, 20))
def test_every_place_near_a_route_lies_in_the_rectangles_of_a_run(
    line: list[tuple[float, float]], which: int, shift: float, width_km: float
) -> None:
    route = RouteLine([Position(*place) for place in line])
    latitude, longitude = line[which % len(line)]
    moved = (latitude + shift if latitude < 0 else latitude - shift, longitude)
    if apart((latitude, longitude), moved) > width_km:
        return
    rectangles = [r for run in range(len(route.radii_km)) for r in route.rectangles(run, width_km)]
    assert any(r.min_x <= moved[1] <= r.max_x and r.min_y <= moved[0] <= r.max_y for r in rectangles)


@given(st.floats(-80, 80), longitudes, st.floats(1e-9, 1e-3), st.floats(-1e-3, 1e-3))
def test_segments_of_centimetres_are_measured_as_well_as_long_ones(
    latitude: float, longitude: float, step: float, away: float
) -> None:
    meridian = [(latitude + i * step, longitude) for i in range(3)]
    place = (latitude + step, longitude + away if longitude < 0 else longitude - away)
    distance, _ = nearest(meridian, *place)
    to_meridian = math.asin(math.cos(math.radians(place[0])) * abs(math.sin(math.radians(away)))) * EARTH_RADIUS_KM
    assert distance >= to_meridian - 1e-9
    assert distance <= apart(meridian[1], place) + 1e-9


def test_a_hundred_thousand_places_are_cut_into_short_runs() -> None:
    line = [Position(47 + i * 1e-4, 8.0) for i in range(100_000)]
    route = RouteLine(line)
    assert len(route.radii_km) < 10_000
    assert route.radii_km.max() < 10
