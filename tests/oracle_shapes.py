"""Shapes for the oracle: laid out without jumps in plain Python, and looked at 360° to either side as well.

Nothing is cut at ±180° here. A shape stands for itself and all its copies some turns further east or west.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise, product
from math import fsum, hypot

import shapely
import shapely.affinity
from shapely.geometry.base import BaseGeometry

Place = tuple[float, float]
"""Longitude and latitude: order and frame of well-known text."""

TURNS = range(-2, 3)
ROUNDING_DEGREES = 1e-9
WORLD = shapely.box(-180, -90, 180, 90)


def have_common_point(one: BaseGeometry, other: BaseGeometry) -> bool | None:
    """Tell whether two shapes, as they are written, meet; None where rounding decides.

    It can only decide where an edge crosses the antimeridian, for its place there has to be computed, or where
    something was moved by turns. Edges that do not cross are exact.
    """
    found = _meet(laid_out(one), laid_out(other))
    if (not crosses(one) and not crosses(other)) or _exact(one).intersects(_exact(other)):
        return found
    is_sure = all(_meet(laid_out(one), moved) is found for moved in _moved_a_little(laid_out(other)))
    return found if is_sure else None


@lru_cache(maxsize=4096)
def _exact(shape: BaseGeometry) -> BaseGeometry:
    """Return the part of a shape that is where it is written: all of it, or places and the edges that do not cross.

    What lies on the antimeridian is there with both longitudes.
    """
    if not crosses(shape):
        return shape
    lines = list(_lines_of(shape))
    places = [place for line in lines for place in line]
    twins = [(-x, y) for x, y in places if abs(x) == 180]
    edges = [edge for line in lines for edge in pairwise(line) if not 180 < abs(edge[1][0] - edge[0][0]) < 360]
    return shapely.GeometryCollection([shapely.MultiPoint(places + twins), *map(shapely.LineString, edges)])


def _moved_a_little(shape: BaseGeometry) -> Iterator[BaseGeometry]:
    """Move a shape in all directions, but not over a pole."""
    steps = (0.0, ROUNDING_DEGREES, -ROUNDING_DEGREES)
    for east, north in product(steps, steps):
        if shape.bounds[1] + north >= -90 and shape.bounds[3] + north <= 90:
            yield shapely.affinity.translate(shape, east, north)


def _meet(one: BaseGeometry, other: BaseGeometry) -> bool:
    return any(shapely.intersects(turned, other) for turned in _turned(one, other))


def _turned(one: BaseGeometry, other: BaseGeometry) -> Iterator[BaseGeometry]:
    """Return the copies of a shape that may touch another one."""
    if one.is_empty or other.is_empty:
        return
    for turns in TURNS:
        if one.bounds[0] + 360 * turns <= other.bounds[2] + 1 and other.bounds[0] <= one.bounds[2] + 360 * turns + 1:
            yield shapely.affinity.translate(one, 360 * turns) if turns else one


@lru_cache(maxsize=4096)
def crosses(shape: BaseGeometry) -> bool:
    """Tell whether an edge takes the short way across the antimeridian."""
    return any(180 < abs(end[0] - start[0]) < 360 for line in _lines_of(shape) for start, end in pairwise(line))


def _lines_of(shape: BaseGeometry) -> Iterator[Sequence[Place]]:
    for part in _simple_parts(shape):
        lines = [part.exterior, *part.interiors] if part.geom_type == "Polygon" else [part]
        yield from (list(line.coords) for line in lines)


def _simple_parts(shape: BaseGeometry) -> Iterator[BaseGeometry]:
    if hasattr(shape, "geoms"):
        for part in shape.geoms:
            yield from _simple_parts(part)
    elif not shape.is_empty:
        yield shape


@lru_cache(maxsize=4096)
def laid_out(shape: BaseGeometry) -> BaseGeometry:
    """Return a shape whose edges go where they are meant to go, beyond ±180° if need be."""
    if not crosses(shape):
        return shape
    return shapely.GeometryCollection([_laid_out_part(part) for part in _simple_parts(shape)])


def _laid_out_part(part: BaseGeometry) -> BaseGeometry:
    match part.geom_type if crosses(part) else None:
        case "Polygon":
            outer = _area(list(part.exterior.coords))
            holes = [_area(list(ring.coords)) for ring in part.interiors]
            for hole, turns in product(holes, TURNS):
                outer = outer.difference(shapely.affinity.translate(hole, 360 * turns))
            return outer
        case "LineString":
            return shapely.LineString(_without_jumps(list(part.coords)))
        case _:
            return part


def _without_jumps(places: Sequence[Place]) -> list[Place]:
    turns, flat = 0, [places[0]]
    for start, end in pairwise(places):
        width = end[0] - start[0]
        if 180 < abs(width) < 360:
            turns += -1 if width > 0 else 1
        flat.append((end[0] + 360 * turns, end[1]))
    return flat


def _area(ring: Sequence[Place]) -> BaseGeometry:
    """Return what a ring encloses; one that goes around a pole holds the pole that it is nearer to."""
    flat = _without_jumps(ring)
    if flat[0] != flat[-1]:
        pole = 90.0 if max(y for _, y in flat) + min(y for _, y in flat) >= 0 else -90.0
        flat += [(flat[-1][0], pole), (flat[0][0], pole)]
    area = shapely.Polygon(flat)
    return area if area.is_valid else shapely.make_valid(area, method="structure")


def wrong_intersection(one: BaseGeometry, other: BaseGeometry, found: BaseGeometry | None) -> str | None:
    """Say what is wrong with the intersection of two shapes that an engine found, all as they are written."""
    meet = have_common_point(one, other)
    if meet is None:
        return None
    if (found is not None) is not meet:
        return f"found {found} where the shapes {'meet' if meet else 'do not meet'}"
    if found is None:
        return None
    if found.is_empty or not found.is_valid or not shapely.covers(WORLD, found):
        return f"found {found}, which is empty, not valid or not in the world"
    return _difference(_intersection(one, other), list(_simple_parts(found)))


def _intersection(one: BaseGeometry, other: BaseGeometry) -> list[BaseGeometry]:
    """Return points, lines and polygons that make up the intersection, brought back to the world."""
    common = []
    for turned in _turned(laid_out(one), laid_out(other)):
        for part, another in product(_simple_parts(turned), _simple_parts(laid_out(other))):
            common += _simple_parts(part.intersection(another))
    back = [shapely.affinity.translate(part, 360 * turns) if turns else part for part in common for turns in TURNS]
    return [piece for part in back if part.intersects(WORLD) for piece in _simple_parts(part.intersection(WORLD))]


def _difference(expected: Sequence[BaseGeometry], found: Sequence[BaseGeometry]) -> str | None:
    """Say what one of two lists of parts covers and the other does not."""
    areas = [shapely.union_all([part for part in parts if part.geom_type == "Polygon"]) for parts in (expected, found)]
    apart = areas[0].symmetric_difference(areas[1]).area
    if apart > ROUNDING_DEGREES * (areas[0].length + areas[1].length):
        return f"areas that differ by {apart} square degrees: found {found}, expected {expected}"
    if abs(fsum(part.area for part in found) - areas[1].area) > ROUNDING_DEGREES * (1 + areas[1].length):
        return f"areas twice: found {found}"
    for name, some, others in (("missing", expected, found), ("too many", found, expected)):
        copies = [shapely.affinity.translate(part, 360 * turns) for part in others for turns in (-1, 0, 1)]
        near = shapely.union_all(copies).buffer(10 * ROUNDING_DEGREES)
        thin = [part for part in some if part.geom_type != "Polygon"]
        left = [part.difference(near) for part in thin if not part.difference(near).is_empty]
        if left:
            return f"{name}: {left}: found {found}, expected {expected}"
    return None


def centroid(shape: BaseGeometry) -> Place:
    """Return the planar centroid of what has the highest dimension in a shape, not laid out."""
    parts = list(_simple_parts(shape))
    polygons = [part for part in parts if part.geom_type == "Polygon"]
    by_dimension = (
        [piece for polygon in polygons for piece in _triangles(polygon)],
        [piece for line in _lines_of(shape) if len(line) > 1 for piece in _segments(line)],
        [(1.0, part.coords[0]) for part in parts if part.geom_type == "Point"],
    )
    weighted = next(pieces for pieces in by_dimension if fsum(weight for weight, _ in pieces) != 0)
    whole = fsum(weight for weight, _ in weighted)
    x, y = (fsum(weight * place[axis] for weight, place in weighted) / whole for axis in (0, 1))
    return min(max(x, -180.0), 180.0), min(max(y, -90.0), 90.0)


def _triangles(polygon: BaseGeometry) -> Iterator[tuple[float, Place]]:
    """Return signed area and centre of the triangles over all edges, seen from one corner."""
    x0, y0 = polygon.exterior.coords[0]
    for ring, sign in [(polygon.exterior, 1), *((hole, -1) for hole in polygon.interiors)]:
        direction = sign if ring.is_ccw else -sign
        for (x1, y1), (x2, y2) in pairwise(ring.coords):
            area = direction * ((x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0)) / 2
            yield area, ((x0 + x1 + x2) / 3, (y0 + y1 + y2) / 3)


def _segments(places: Sequence[Place]) -> Iterator[tuple[float, Place]]:
    for (x1, y1), (x2, y2) in pairwise(places):
        yield hypot(x2 - x1, y2 - y1), ((x1 + x2) / 2, (y1 + y2) / 2)
