"""What shapes have in common: planar in longitude and latitude, split at ±180°, which is one meridian.

One shape is held against many. It is taken apart into polygons, short runs of lines, and points, with a tree over them,
so that neither thousands of parts nor lines that cross themselves cost more than what is near.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from geostead.errors import LimitExceeded
from geostead.geo.assembly import LINE, POINT
from geostead.geo.box import Rectangle
from geostead.geo.common import common_parts, simplest, without_twins
from geostead.geo.layers import Layers, edges_of
from geostead.geo.meridian import written_otherwise
from geostead.geo.split import split, split_one
from geostead.geo.wkt import Shapes

Mask = npt.NDArray[np.bool_]
Degrees = npt.NDArray[np.float64]

_PAIRS_AT_ONCE = 2**20
_MAX_RECTANGLES = 16
_MAX_CROSSINGS = 100_000
_MAX_CROSSINGS_PER_POINT = 4
"""How often the edges of a shape and of others may meet: altogether, and more for each point. One takes 10 µs."""
_TINY_DEGREES = 1e-9


class RelatedShape:
    """A shape that others are held against. One thread at a time may use it: GEOS builds indexes as they are needed."""

    def __init__(self, shape: BaseGeometry) -> None:
        """``shape`` is valid, longitude first, not yet split; it may be empty."""
        self._whole = Layers([split_one(shape)])
        self._moved = written_otherwise(self._whole.parts)
        self._parts = np.concatenate((self._whole.parts, self._moved))
        is_run = shapely.get_type_id(self._parts) == LINE
        self._runs, self._others = self._parts[is_run], self._parts[~is_run]
        self._lines = shapely.multilinestrings(self._runs)
        shapely.prepare(self._parts)
        shapely.prepare(self._lines)
        self._tree = shapely.STRtree(self._others)
        self._crossings, self._max_crossings = 0, _MAX_CROSSINGS

    @cached_property
    def _beyond(self) -> Layers:
        """What is on the antimeridian, with the longitude of the other side."""
        return Layers(self._moved)

    @cached_property
    def _run_tree(self) -> shapely.STRtree:
        return shapely.STRtree(self._runs)

    @cached_property
    def _edges(self) -> shapely.STRtree:
        return shapely.STRtree(edges_of(self._parts))

    @property
    def rectangles(self) -> tuple[Rectangle, ...]:
        """A few rectangles that hold the whole shape; they may overlap. None of them if it is empty."""
        bounds = shapely.bounds(self._parts)
        bounds = bounds[np.argsort(bounds[:, 0], kind="stable")]
        groups = [group for group in np.array_split(bounds, min(len(bounds), _MAX_RECTANGLES) or 1) if len(group)]
        return tuple(Rectangle(*g[:, :2].min(axis=0).tolist(), *g[:, 2:].max(axis=0).tolist()) for g in groups)

    def meets(self, shapes: Shapes) -> Mask:
        """Tell for each of other shapes, already split, whether it has a point in common with this one."""
        found = np.zeros(len(shapes), dtype=np.bool_)
        step = max(1, _PAIRS_AT_ONCE // max(1, len(self._parts)))
        for start in range(0, len(shapes), step):
            found[start : start + step] = self._meets(shapes[start : start + step])
        return found

    def _meets(self, shapes: Shapes) -> Mask:
        """Hold shapes against parts with envelopes that touch theirs: more and more of these, until one is found."""
        found = self._meets_lines(shapes)
        rows, parts = self._tree.query(np.where(found, np.full(1, None), shapes))
        ranks = np.arange(len(rows)) - np.searchsorted(rows, rows)
        tried = 1
        while len(rows):
            is_next = ranks < tried
            is_common = shapely.intersects(self._others[parts[is_next]], shapes[rows[is_next]])
            found[rows[is_next][is_common]] = True
            is_open = ~is_next & ~found[rows]
            rows, parts, ranks = rows[is_open], parts[is_open], ranks[is_open]
            tried *= 2
        return found

    def _meets_lines(self, shapes: Shapes) -> Mask:
        """Hold shapes against all lines at once: they have an index of their segments, but none that points use.

        So a point is looked up as a tiny line first: what goes through the point meets that, too.
        """
        is_point = shapely.get_type_id(shapes) == POINT
        found = np.zeros(len(shapes), dtype=np.bool_)
        found[~is_point] = shapely.intersects(self._lines, shapes[~is_point])
        near = np.flatnonzero(is_point)
        near = near[shapely.intersects(self._lines, _tiny_lines(shapes[near]))]
        rows, runs = self._run_tree.query(shapes[near])
        found[near[rows[shapely.intersects(self._runs[runs], shapes[near][rows])]]] = True
        return found

    def meets_points(self, *, latitudes: Degrees, longitudes: Degrees) -> Mask:
        """Tell for each of some points whether it lies in the shape or on its edge."""
        if len(self._parts) == 1:
            inside: Mask = shapely.intersects_xy(self._parts[0], longitudes, latitudes)
            return inside
        return self.meets(shapely.points(longitudes, latitudes))

    def intersections(self, shapes: Shapes) -> Shapes:
        """Return for each of other shapes, not yet split, what it has in common with this one; None for nothing.

        It is as simple as it can be: what lies in another part of it is not repeated, lines go on as long as possible.
        Raises LimitExceeded where edges, with those of earlier calls, cross too often to be answered in time.
        """
        found: Shapes = np.full(len(shapes), None, dtype=object)
        is_close = self.meets(halves := split(shapes))
        self._count_crossings(halves[is_close])
        for row in np.flatnonzero(is_close).tolist():
            found[row] = self._intersection(halves[row : row + 1])
        return found

    def _count_crossings(self, shapes: Shapes) -> None:
        """Count the pairs of edges that meet, piece by piece: all of them may be more than memory holds."""
        edges = edges_of(shapes)
        self._max_crossings += _MAX_CROSSINGS_PER_POINT * (len(edges) + len(self._edges))
        step = max(1, _PAIRS_AT_ONCE // max(1, len(self._edges)))
        for start in range(0, len(edges), step):
            self._crossings += self._edges.query(edges[start : start + step], predicate="intersects").shape[1]
            if self._crossings > self._max_crossings:
                raise LimitExceeded("crossings of edges in intersections", self._crossings, self._max_crossings)

    def _intersection(self, half: Shapes) -> BaseGeometry | None:
        other = Layers(half)
        parts = common_parts(self._whole, other)
        common = simplest(parts)
        if not len(self._moved):
            return common
        beyond = common_parts(self._beyond, other)
        return simplest([*parts, *without_twins(beyond, common)])


def _tiny_lines(points: Shapes) -> Shapes:
    places, step = shapely.get_coordinates(points), np.array([_TINY_DEGREES, 0.0])
    ends = np.stack((places - step, places + step), axis=1)
    lines: Shapes = shapely.linestrings(ends)
    return lines
