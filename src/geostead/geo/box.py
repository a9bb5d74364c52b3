"""Boxes of latitude and longitude, and the plain rectangles that they and circles are made of."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from geostead.geo.distance import EARTH_RADIUS_KM


class Rectangle(NamedTuple):
    """A rectangle in the plane of longitude (x) and latitude (y), edges included; never across the antimeridian."""

    min_x: float
    min_y: float
    max_x: float
    max_y: float


def rectangles_of_box(*, south: float, west: float, north: float, east: float) -> tuple[Rectangle, ...]:
    """Return the rectangles that together hold exactly the points of a box, each point in one of them.

    ``west > east`` crosses the antimeridian. Longitude 180 and -180 are one meridian: a box that touches it from one
    side holds the points that are written with the other sign.
    """
    if west > east:
        return Rectangle(west, south, 180.0, north), Rectangle(-180.0, south, east, north)
    plain = Rectangle(west, south, east, north)
    if east == 180.0 and west > -180.0:
        return plain, Rectangle(-180.0, south, -180.0, north)
    if west == -180.0 and east < 180.0:
        return plain, Rectangle(180.0, south, 180.0, north)
    return (plain,)


def rectangles_of_circle(*, latitude: float, longitude: float, radius_km: float) -> tuple[Rectangle, ...]:
    """Return rectangles that hold every point within ``radius_km`` (and more, in their corners).

    A circle around a pole takes all longitudes; one across the antimeridian takes two rectangles.
    """
    angle = radius_km / EARTH_RADIUS_KM * (1 + 1e-9)
    reach = math.degrees(angle)
    south, north = latitude - reach, latitude + reach
    if south <= -90.0 or north >= 90.0:
        return (Rectangle(-180.0, max(south, -90.0), 180.0, min(north, 90.0)),)
    half_width = math.degrees(math.asin(min(1.0, math.sin(angle) / math.cos(math.radians(latitude))))) + 1e-9
    west, east = longitude - half_width, longitude + half_width
    if half_width >= 180.0:
        return (Rectangle(-180.0, south, 180.0, north),)
    if west <= -180.0:
        return Rectangle(west + 360.0, south, 180.0, north), Rectangle(-180.0, south, east, north)
    if east >= 180.0:
        return Rectangle(west, south, 180.0, north), Rectangle(-180.0, south, east - 360.0, north)
    return (Rectangle(west, south, east, north),)


def center_of_box(*, south: float, west: float, north: float, east: float) -> tuple[float, float]:
    """Return latitude and longitude of the middle of a box, across the antimeridian if ``west > east``."""
    width = east - west if west <= east else east - west + 360.0
    longitude = west + width / 2
    return (south + north) / 2, longitude if longitude <= 180.0 else longitude - 360.0


def narrowest_span(wests: npt.NDArray[np.float64], easts: npt.NDArray[np.float64]) -> tuple[float, float]:
    """Return the west and east of the narrowest span of longitudes that holds all of some spans; there is at least one.

    ``west > east`` crosses the antimeridian; none of the given ones does.
    """
    order = np.argsort(wests)
    starts, ends = wests[order], np.maximum.accumulate(easts[order])
    gaps = np.append(starts[1:], starts[0] + 360.0) - ends
    widest = int(gaps.argmax())
    return float(starts[(widest + 1) % len(starts)]), float(ends[widest])
