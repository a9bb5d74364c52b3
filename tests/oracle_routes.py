"""Distances to routes for the oracle: one segment after the other, with nothing but vectors and :mod:`math`."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

EARTH_RADIUS_KM = 6371.0088
EQUALLY_NEAR = 1e-9
"""Relative, or kilometres: of segments that are as equally near as that the first one counts."""

Place = tuple[float, float]
"""Latitude and longitude."""
Vector = tuple[float, float, float]


@dataclass(frozen=True)
class OnRoute:
    """The place of a route that is nearest to a point."""

    distance_km: float
    along_km: float
    corner: int | None
    """The number of the place of the route that it is; None: it lies between two."""


def nearest_on_route(point: Place, line: Sequence[Place]) -> list[OnRoute]:
    """Return the nearest place of a line along great circles; where rounding decides, all that it may be."""
    found = list(_nearest_of_each_segment(point, _without_repeats(line)))
    least_km = min(one.distance_km for one in found)
    limits_km = [least_km + share * EQUALLY_NEAR * (1 + least_km) for share in (1, 0.1, 10)]
    firsts = [next(one for one in found if one.distance_km <= limit_km) for limit_km in limits_km]
    return list(dict.fromkeys(firsts))


def haversine_km(one: Place, other: Place) -> float:
    lat1, lon1, lat2, lon2 = map(math.radians, (*one, *other))
    a = math.sin((lat2 - lat1) / 2) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    return 2 * EARTH_RADIUS_KM * math.asin(math.sqrt(min(1.0, a)))


def _without_repeats(line: Sequence[Place]) -> list[Place]:
    """Leave out a place that is where the one before is; say which way it goes to an antipode."""
    kept = [line[0]]
    for place in line[1:]:
        there = _plus(_vector(kept[-1]), _vector(place))
        if _dot(there, there) < 1e-24:
            kept += [(0.0, 0.0) if abs(place[0]) == 90 else (90.0, 0.0), place]
        elif _vector(kept[-1]) != _vector(place):
            kept.append(place)
    return kept


def _nearest_of_each_segment(point: Place, line: Sequence[Place]) -> Iterator[OnRoute]:
    if len(line) == 1:
        yield OnRoute(haversine_km(point, line[0]), 0.0, 0)
    begun_km = 0.0
    for number, (start, end) in enumerate(pairwise(line)):
        length_km = haversine_km(start, end)
        beside = _beside(point, start, end)
        if beside is not None:
            yield OnRoute(beside[0], begun_km + beside[1], None)
        elif haversine_km(point, start) <= haversine_km(point, end):
            yield OnRoute(haversine_km(point, start), begun_km, number)
        else:
            yield OnRoute(haversine_km(point, end), begun_km + length_km, number + 1)
        begun_km += length_km


def _beside(point: Place, start: Place, end: Place) -> tuple[float, float] | None:
    """Return how far a point is from a segment, and how far along that is; None where an end is nearest.

    The axis of the great circle comes from the difference of the ends (from their sum, where they are far apart), and
    the height over it from the difference of point and start: what is small is not lost in what is large.
    """
    p, a, b = (_vector(place) for place in (point, start, end))
    axis = _unit(_cross(a, _minus(b, a) if _dot(a, b) > 0 else _plus(b, a)))
    if _dot(_cross(axis, a), _minus(p, a)) < 0 or _dot(_cross(axis, b), _minus(p, b)) > 0:
        return None
    height = math.asin(max(-1.0, min(1.0, _dot(axis, _minus(p, a)))))
    ahead = math.atan2(_dot(_cross(axis, a), p), _dot(a, p))
    return EARTH_RADIUS_KM * abs(height), EARTH_RADIUS_KM * ahead


def _vector(place: Place) -> Vector:
    """Return a place on the unit sphere; a pole or a place on the antimeridian has one vector in all its spellings."""
    latitude, longitude = math.radians(place[0]), math.pi if place[1] == -180 else math.radians(place[1])
    radius = 0.0 if abs(place[0]) == 90 else math.cos(latitude)
    return radius * math.cos(longitude), radius * math.sin(longitude), math.sin(latitude)


def _plus(one: Vector, other: Vector) -> Vector:
    return one[0] + other[0], one[1] + other[1], one[2] + other[2]


def _minus(one: Vector, other: Vector) -> Vector:
    return one[0] - other[0], one[1] - other[1], one[2] - other[2]


def _dot(one: Vector, other: Vector) -> float:
    return math.fsum((one[0] * other[0], one[1] * other[1], one[2] * other[2]))


def _cross(one: Vector, other: Vector) -> Vector:
    (a, b, c), (x, y, z) = one, other
    return b * z - c * y, c * x - a * z, a * y - b * x


def _unit(vector: Vector) -> Vector:
    length = math.sqrt(_dot(vector, vector))
    return (vector[0] / length, vector[1] / length, vector[2] / length) if length else (0.0, 0.0, 0.0)
