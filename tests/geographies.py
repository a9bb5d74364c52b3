"""Shapes of every type made from a seed: of any size, anywhere, across ±180° too.

All are valid as queries and loads want them: where they cross ±180°, once they are laid out. Like well-known text they
have longitude first.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from random import Random

import shapely
import shapely.affinity
from shapely.geometry.base import BaseGeometry

from tests.oracle_shapes import crosses, laid_out

Place = tuple[float, float]
"""Longitude and latitude."""

SIZES = (1e-6, 1e-3, 0.02, 0.3, 5.0, 40.0)
WORLDS = tuple(
    map(
        shapely.from_wkt,
        (
            "POLYGON ((-180 -90, 180 -90, 180 90, -180 90, -180 -90))",
            "POLYGON ((-180 90, 180 90, 180 -90, -180 -90, -180 90))",
            "POLYGON ((-180 0, 180 0, 180 50, -180 50, -180 0))",
            "POLYGON ((0 -90, 180 -90, 180 90, 0 90, 0 -90))",
            "POLYGON ((-180 -90, 180 -90, 180 90, -180 90, -180 -90), (-10 -10, 10 -10, 10 70, -10 70, -10 -10))",
            "POLYGON ((0 80, 90 70, 180 80, -90 85, 0 80))",
            "POLYGON ((10 -75, 100 -70, -170 -80, -80 -85, 10 -75))",
            "POLYGON ((0 80, 90 80, 180 80, -90 80, 0 80))",
            "POLYGON ((10 -60, 100 -70, -170 -65, -80 -75, 10 -60))",
            "POLYGON ((170 -9, -170 -9, -170 9, 170 9, 170 -9), (175 -5, -175 -5, -175 5, 175 5, 175 -5))",
            "POLYGON ((170 90, 180 80, -170 90, 170 90))",
            "LINESTRING (-180 10, 180 10)",
            "LINESTRING (180 -90, 180 90)",
            "LINESTRING (-180 -20, 179 -18, -179 0, 180 12.5)",
            "MULTIPOINT (180 12.5, -180 -17.8)",
        ),
    )
)
"""Shapes at the ends of the world."""


def make_shape(random: Random, place: Place) -> BaseGeometry:
    """Make a shape of any type around a place, or sometimes one of the whole world."""
    if random.random() < 0.04:
        return random.choice(WORLDS)
    size = random.choice(SIZES)
    while True:
        shape = random.choice(MAKERS)(random, place, size)
        if shape.is_valid or (crosses(shape) and laid_out(shape).is_valid and _has_area(shape)):
            return shape
        size /= 2


def _has_area(shape: BaseGeometry) -> bool:
    """Tell whether no polygon of a shape is flat."""
    if hasattr(shape, "geoms"):
        return all(map(_has_area, shape.geoms))
    west, south, east, north = shape.bounds
    return shape.geom_type != "Polygon" or (west < east and south < north)


def _point(random: Random, place: Place, size: float) -> BaseGeometry:
    return shapely.Point(_near(random, place, random.choice((0.0, size))))


def _line(random: Random, place: Place, size: float) -> BaseGeometry:
    """Make a line that begins at the place and wanders about."""
    places = [place]
    for _ in range(random.choice((1, 2, 2, 5, 30))):
        places.append(_near(random, places[-1], size))
    return shapely.LineString(places)


def _polygon(random: Random, place: Place, size: float) -> BaseGeometry:
    """Make a star-shaped polygon, which sometimes has the place as a corner, turned either way."""
    x, y = place if random.random() < 0.5 else (place[0] - size, place[1])
    return shapely.Polygon(_ring(random, (x, y), size)[:: random.choice((1, -1))])


def _polygon_with_hole(random: Random, place: Place, size: float) -> BaseGeometry:
    outer = [_moved(place, size * math.cos(angle), size * math.sin(angle)) for angle in (0, 1, 2, 3, 4, 5, 6)]
    inner = [_moved(place, size * math.cos(angle) / 3, size * math.sin(angle) / 3) for angle in (0, 2, 4)]
    return shapely.Polygon([*outer, outer[0]], [[*inner, inner[0]]])


def _box(random: Random, place: Place, size: float) -> BaseGeometry:
    """Make a box with the place at a corner or on an edge."""
    width, height = size * random.choice((0.5, 1, 3)), size
    corners = [(0, 0), (width / 2, 0), (width, 0), (width, height), (0, height), (0, 0)]
    return shapely.Polygon([_moved(place, *corner) for corner in corners])


def _many(random: Random, place: Place, size: float) -> BaseGeometry:
    """Make a Multi form: parts of one type, apart from each other."""
    make = random.choice((_point, _line, _polygon))
    places = [_moved(place, 4 * size * number, size * random.random()) for number in range(random.randint(1, 4))]
    parts = [make(random, part_place, size) for part_place in places]
    return {
        "Point": shapely.MultiPoint,
        "LineString": shapely.MultiLineString,
        "Polygon": shapely.MultiPolygon,
    }[parts[0].geom_type](parts)


def _collection(random: Random, place: Place, size: float) -> BaseGeometry:
    """Make a collection whose parts may lie in each other, nested now and then."""
    makers = random.choices((_point, _line, _polygon, _box, _many), k=random.randint(1, 4))
    parts = [make(random, _near(random, place, size), size * random.choice((0.3, 1))) for make in makers]
    collection = shapely.GeometryCollection(parts)
    return shapely.GeometryCollection([collection, shapely.Point(place)]) if random.random() < 0.2 else collection


def _ring(random: Random, place: Place, size: float) -> list[Place]:
    count = random.choice((3, 4, 8, 40))
    angles = [2 * math.pi * (number + random.random() * 0.8) / count for number in range(count)]
    radii = [size * random.uniform(0.3, 1) for _ in angles]
    ring = [_moved(place, r * math.cos(angle), r * math.sin(angle)) for r, angle in zip(radii, angles, strict=True)]
    return [*ring, ring[0]]


def _near(random: Random, place: Place, size: float) -> Place:
    return _moved(place, random.gauss(0, size), random.gauss(0, size / 2))


def _moved(place: Sequence[float], east: float, north: float) -> Place:
    longitude, latitude = place[0] + east, max(-90.0, min(90.0, place[1] + north))
    return (longitude + 180) % 360 - 180 if abs(longitude) > 180 else longitude, latitude


MAKERS: tuple[Callable[[Random, Place, float], BaseGeometry], ...] = (
    *(_point, _line, _polygon, _polygon, _polygon_with_hole, _box, _box, _many, _collection),
)
