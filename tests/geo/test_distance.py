"""Distances: the numbers of query-language.md, section 4."""

import math

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from geostead.geo.distance import EARTH_RADIUS_KM, haversine_km, squared_chord, unit_vector, unit_vectors

latitudes = st.floats(-90, 90)
longitudes = st.floats(-180, 180)


def one_distance(lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    return float(haversine_km(lat1, lon1, np.array([lat2]), np.array([lon2]))[0])


def test_a_quarter_of_the_equator_is_a_quarter_of_the_circumference() -> None:
    assert one_distance(0, 0, 0, 90) == pytest.approx(EARTH_RADIUS_KM * math.pi / 2, rel=1e-12)


def test_from_pole_to_pole_is_half_the_circumference_whatever_the_longitudes() -> None:
    assert one_distance(90, 12, -90, -77) == pytest.approx(EARTH_RADIUS_KM * math.pi, rel=1e-9)


def test_the_two_longitudes_of_the_antimeridian_are_one_place() -> None:
    assert one_distance(10, 180, 10, -180) == pytest.approx(0, abs=1e-9)


@given(latitudes, longitudes, latitudes, longitudes)
def test_distance_is_symmetric(lat1: float, lon1: float, lat2: float, lon2: float) -> None:
    assert one_distance(lat1, lon1, lat2, lon2) == pytest.approx(one_distance(lat2, lon2, lat1, lon1), rel=1e-9)


offsets = st.floats(-6, 6)
SMALLEST_RADIUS_KM = 0.16
"""Of a query. Unit vectors of what is much nearer, a few metres, are not as exact as the chord is rounded up."""


@given(latitudes, longitudes, offsets, offsets)
@example(0.0, 6.875, 0.0, 1e-05)
def test_a_point_lies_inside_the_chord_of_its_own_distance_and_outside_a_shorter_one(
    latitude: float, longitude: float, north: float, east: float
) -> None:
    other = (max(-90.0, min(90.0, latitude + north)), max(-180.0, min(180.0, longitude + east)))
    distance = one_distance(latitude, longitude, *other)
    offset = unit_vectors(np.array([other[0]]), np.array([other[1]]))[0] - np.array(unit_vector(latitude, longitude))
    chord = float(offset @ offset)
    assert chord <= squared_chord(max(distance, SMALLEST_RADIUS_KM))
    if distance > SMALLEST_RADIUS_KM:
        assert chord > squared_chord(distance * (1 - 1e-9))


def test_one_place_has_one_unit_vector_however_it_is_written() -> None:
    written = unit_vectors(np.array([90.0, 90.0, -5.0, -5.0]), np.array([0.0, -75.0, 180.0, -180.0]))
    assert (written[0] == written[1]).all()
    assert (written[2] == written[3]).all()
