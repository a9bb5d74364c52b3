"""Boxes and the rectangles around circles."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from geostead.geo.box import Rectangle, center_of_box, narrowest_span, rectangles_of_box, rectangles_of_circle
from geostead.geo.distance import haversine_km

latitudes = st.floats(-90, 90)
longitudes = st.floats(-180, 180) | st.sampled_from([-180.0, 180.0, 0.0])


def times_inside(rectangles: tuple[Rectangle, ...], latitude: float, longitude: float) -> int:
    return sum(r.min_x <= longitude <= r.max_x and r.min_y <= latitude <= r.max_y for r in rectangles)


def test_a_plain_box_is_one_rectangle() -> None:
    assert rectangles_of_box(south=1, west=2, north=3, east=4) == (Rectangle(2, 1, 4, 3),)


def test_a_box_with_west_greater_than_east_crosses_the_antimeridian() -> None:
    crossing = rectangles_of_box(south=-10, west=170, north=10, east=-170)
    assert [times_inside(crossing, 0, longitude) for longitude in (175, 180, -180, -175, 0, 165)] == [1, 1, 1, 1, 0, 0]


def test_a_box_that_touches_the_antimeridian_holds_the_points_written_with_the_other_sign() -> None:
    assert times_inside(rectangles_of_box(south=0, west=170, north=10, east=180), 5, -180) == 1
    assert times_inside(rectangles_of_box(south=0, west=-180, north=10, east=-170), 5, 180) == 1


@given(latitudes, longitudes)
def test_the_whole_world_holds_every_point_once(latitude: float, longitude: float) -> None:
    assert times_inside(rectangles_of_box(south=-90, west=-180, north=90, east=180), latitude, longitude) == 1


@given(latitudes, longitudes, longitudes, longitudes)
def test_no_point_is_in_a_box_twice(latitude: float, longitude: float, west: float, east: float) -> None:
    assert times_inside(rectangles_of_box(south=-90, west=west, north=90, east=east), latitude, longitude) <= 1


@given(latitudes, longitudes, st.floats(0.16, 1000), latitudes, longitudes)
@example(89.99, 0.0, 10.0, 89.99, 179.0)
@example(0.0, 179.99, 5.0, 0.0, -179.99)
@example(0.0, -180.0, 0.16, 0.0, 180.0)
def test_every_point_within_the_radius_is_in_the_rectangles_once(
    latitude: float, longitude: float, radius_km: float, other_latitude: float, other_longitude: float
) -> None:
    distance = haversine_km(latitude, longitude, np.array([other_latitude]), np.array([other_longitude]))[0]
    rectangles = rectangles_of_circle(latitude=latitude, longitude=longitude, radius_km=radius_km)
    inside = times_inside(rectangles, other_latitude, other_longitude)
    assert inside <= 1
    if distance <= radius_km:
        assert inside == 1


@given(latitudes, longitudes, st.floats(0.16, 1000), st.floats(0, 360))
def test_points_on_the_edge_of_a_circle_are_in_its_rectangles(
    latitude: float, longitude: float, radius_km: float, bearing: float
) -> None:
    angle, theta = radius_km / 6371.0088, np.radians(bearing)
    lat1, lon1 = np.radians(latitude), np.radians(longitude)
    lat2 = np.arcsin(np.clip(np.sin(lat1) * np.cos(angle) + np.cos(lat1) * np.sin(angle) * np.cos(theta), -1, 1))
    lon2 = lon1 + np.arctan2(np.sin(theta) * np.sin(angle) * np.cos(lat1), np.cos(angle) - np.sin(lat1) * np.sin(lat2))
    edge_longitude = (np.degrees(lon2) + 540) % 360 - 180
    rectangles = rectangles_of_circle(latitude=latitude, longitude=longitude, radius_km=radius_km * (1 + 1e-7))
    assert times_inside(rectangles, float(np.degrees(lat2)), float(edge_longitude)) == 1


def test_the_center_of_a_box_is_its_middle() -> None:
    assert center_of_box(south=0, west=10, north=2, east=20) == (1, 15)


def test_the_center_of_a_box_across_the_antimeridian_lies_on_its_side_of_the_world() -> None:
    assert center_of_box(south=0, west=170, north=0, east=-170) == (0, 180)
    assert center_of_box(south=0, west=179, north=0, east=-171) == (0, -176)


@pytest.mark.parametrize(
    ("spans", "narrowest"),
    [
        ([(1.0, 2.0)], (1.0, 2.0)),
        ([(170.0, 175.0), (-175.0, -170.0)], (170.0, -170.0)),
        ([(-10.0, 5.0), (0.0, 1.0), (3.0, 20.0)], (-10.0, 20.0)),
        ([(-180.0, -180.0), (180.0, 180.0)], (180.0, -180.0)),
        ([(-180.0, 180.0), (0.0, 0.0)], (-180.0, 180.0)),
    ],
)
def test_the_narrowest_span_goes_across_the_antimeridian_where_that_is_narrower(
    spans: list[tuple[float, float]], narrowest: tuple[float, float]
) -> None:
    wests, easts = (np.array(side) for side in zip(*spans, strict=True))
    assert narrowest_span(wests, easts) == narrowest
