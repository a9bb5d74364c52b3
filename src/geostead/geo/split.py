"""Shapes across ±180°: edges that take the short way are cut there (query-language.md, section 1).

An edge that spans more than 180° and less than 360° of longitude goes the short way, across the antimeridian; every
other one goes as it is written, one of 360° the long way. What has no such edge is returned as it came, and costs a
look at its bounds. Latitudes of cuts are planar, and every coordinate that was given survives bit for bit.

The package ``antimeridian`` does the same for well-behaved polygons. It is not used because it rounds the cuts to a
centimetre, takes the direction of a ring for its meaning, breaks polygons that touch ±180° or have edges of 360°, and
recurses once for each crossing.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from geostead.geo.assembly import LINE, POLYGON, gather, join_areas, of_type, simple_parts
from geostead.geo.repair import repair
from geostead.geo.wkt import Shapes

Places = npt.NDArray[np.float64]

_MAX_STRIPS = 16
"""A ring that winds around the world more often than that is left as it is."""
_MAX_REPAIRED_POINTS = 1_000_000


def split(shapes: Shapes) -> Shapes:
    """Return each shape without edges across the antimeridian; None stays None.

    A ring that goes around a pole holds the pole that it is nearer to, whatever its direction. A shape whose halves
    cross themselves too often to be repaired stays as it is.
    """
    bounds = shapely.bounds(shapes)
    wide = np.flatnonzero(bounds[:, 2] - bounds[:, 0] > 180.0)
    if not len(wide):
        return shapes
    found = shapes.copy()
    for row in wide.tolist():
        found[row] = split_one(shapes[row])
    return found


def split_one(shape: BaseGeometry) -> BaseGeometry:
    """Split one shape as :func:`split` does."""
    if not count_crossings(shape):
        return shape
    pieces: list[BaseGeometry] = []
    for part in simple_parts([shape]):
        halves = _split_part(part)
        if halves is None:
            return shape
        pieces += halves
    every = simple_parts(pieces)
    polygons, others = of_type(every, POLYGON), every[shapely.get_type_id(every) != POLYGON]
    whole: BaseGeometry | None = gather(np.concatenate((others, simple_parts([join_areas(polygons)]))))
    return shape if whole is None else whole


def count_crossings(shape: BaseGeometry) -> int:
    """Return how many edges take the short way across the antimeridian."""
    west, _, east, _ = shapely.bounds(shape).tolist()
    if east - west <= 180.0:
        return 0
    lines = (line for part in simple_parts([shape]) for line in _coordinate_lists(part))
    return sum(int(np.count_nonzero(_long_edges(line))) for line in lines)


def _coordinate_lists(part: BaseGeometry) -> Iterator[Places]:
    """Return the coordinates of a line, or of each ring of a polygon."""
    lines = shapely.get_rings(part) if shapely.get_type_id(part) == POLYGON else [part]
    return (shapely.get_coordinates(line) for line in lines)


def _long_edges(places: Places) -> npt.NDArray[np.float64]:
    """Return for each edge by how many turns its end has to be moved: 1 eastward, -1 westward, 0 as it is."""
    widths = np.diff(places[:, 0])
    is_long = (np.abs(widths) > 180.0) & (np.abs(widths) < 360.0)
    turns: npt.NDArray[np.float64] = np.where(is_long, -np.sign(widths), 0.0)
    return turns


def _crosses(places: Places) -> bool:
    return bool(_long_edges(places).any())


def _split_part(part: BaseGeometry) -> list[BaseGeometry] | None:
    """Return the pieces of a point, line or polygon; None if it cannot be split."""
    lines = list(_coordinate_lists(part))
    if not any(map(_crosses, lines)):
        return [part]
    if shapely.get_type_id(part) == LINE:
        return list(_split_line(lines[0]))
    areas = [_area_of_ring(ring) for ring in lines]
    known = [area for area in areas if area is not None]
    if len(known) < len(areas):
        return None
    return list(_polygons_of(shapely.difference(known[0], shapely.union_all(known[1:]))))


def _split_line(places: Places) -> Iterator[BaseGeometry]:
    """Cut a line at the antimeridian. What would be a point there is left out: the other side has it."""
    turns = _long_edges(places)
    start: list[Places] = []
    first = 0
    for edge in np.flatnonzero(turns).tolist():
        side, latitude = 180.0 * turns[edge], _crossing_latitude(places[edge], places[edge + 1])
        piece = np.vstack((*start, places[first : edge + 1], [(side, latitude)]))
        if (piece != piece[0]).any():
            yield shapely.linestrings(piece)
        start, first = [np.array([(-side, latitude)])], edge + 1
    piece = np.vstack((*start, places[first:]))
    if (piece != piece[0]).any():
        yield shapely.linestrings(piece)


def _crossing_latitude(start: Places, end: Places) -> float:
    to_edge, from_edge = 180.0 - abs(start[0]), 180.0 - abs(end[0])
    return float(start[1] + (end[1] - start[1]) * (to_edge / (to_edge + from_edge)))


def _area_of_ring(places: Places) -> BaseGeometry | None:
    """Return what a ring encloses, between -180° and 180°; None if that cannot be told.

    The ring is laid out without jumps, as far east or west as it goes, and cut into strips of 360°.
    """
    turns = np.concatenate(([0.0], np.cumsum(_long_edges(places))))
    if np.ptp(turns) >= _MAX_STRIPS:
        return None
    flat = np.column_stack((places[:, 0] + 360.0 * turns, places[:, 1]))
    if turns[-1] != 0.0:
        pole = 90.0 if places[:, 1].min() + places[:, 1].max() >= 0 else -90.0
        flat = np.vstack((flat, [(flat[-1, 0], pole), (flat[0, 0], pole)]))
    laid_out: BaseGeometry | None = shapely.polygons(flat)
    if not shapely.is_valid(laid_out):
        laid_out = repair(laid_out, _MAX_REPAIRED_POINTS)
    if laid_out is None:
        return None
    strips = np.arange(turns.min(), turns.max() + 1)
    area: BaseGeometry = shapely.union_all([_strip(laid_out, strip, places[turns == strip]) for strip in strips])
    return area


def _strip(laid_out: BaseGeometry, strip: float, given: Places) -> BaseGeometry:
    """Return what lies in one strip, moved to where it belongs.

    ``given`` are the coordinates that were moved into the strip: they come back without the rounding of the moves.
    """
    offset = 360.0 * strip
    frame = shapely.box(offset - 180.0, -90.0, offset + 180.0, 90.0)
    inside = shapely.multipolygons(_polygons_of(shapely.intersection(laid_out, frame)))
    exact = {((x + offset) - offset, y): x for x, y in given.tolist()}

    def move_back(places: Places) -> Places:
        moved = [(x - offset, y) for x, y in places.tolist()]
        return np.array([(exact.get((x, y), x), y) for x, y in moved]).reshape(-1, 2)

    back: BaseGeometry = shapely.transform(inside, move_back)
    return back


def _polygons_of(shape: BaseGeometry) -> Shapes:
    return of_type(simple_parts([shape]), POLYGON)
