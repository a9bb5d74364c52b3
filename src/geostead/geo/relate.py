"""What shapes have in common: planar in longitude and latitude, split at ±180°, which is one meridian.

One shape is held against many. It is taken apart into polygons, short runs of lines, and points, with a tree over them,
so that neither thousands of parts nor lines that cross themselves cost more than what is near.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from geostead.errors import LimitExceeded
from geostead.geo.assembly import LINE, POINT, POLYGON, gather, join_areas, of_type, simple_parts
from geostead.geo.box import Rectangle
from geostead.geo.position import Position
from geostead.geo.split import split, split_one
from geostead.geo.wkt import Shapes

Mask = npt.NDArray[np.bool_]
Degrees = npt.NDArray[np.float64]

_RUN_POINTS = 32
"""Lines are cut into runs: a point is held against every segment of one, and a run crosses itself not too often."""
_PAIRS_AT_ONCE = 2**20
_MAX_RECTANGLES = 16
_MAX_DISSOLVED_POINTS = 1_000
"""Lines of more points may cross so often that finding out where takes all the memory there is."""
_MAX_CROSSINGS = 100_000
_MAX_CROSSINGS_PER_POINT = 4
"""How often the edges of a shape and of others may meet: altogether, and more for each point. One takes 10 µs."""
_FEW_POINTS = 200
"""Areas of more points are cut down to what is near before anything is intersected with them."""
_MARGIN_DEGREES = 0.001
_ROUNDING_DEGREES = 1e-12
_TINY_DEGREES = 1e-9
_MERIDIANS = {side: shapely.LineString([(side, -90.0), (side, 90.0)]) for side in (-180.0, 180.0)}


def centroid(shape: BaseGeometry) -> Position | None:
    """Return the planar centroid of a shape as it is written, not split at ±180°; None if it is empty."""
    if shape.is_empty:
        return None
    place = shape if shape.geom_type == "Point" else shape.centroid
    # Rounding must not carry it over the edge of the world.
    return Position(latitude=min(max(place.y, -90.0), 90.0), longitude=min(max(place.x, -180.0), 180.0))


class RelatedShape:
    """A shape that others are held against. One thread at a time may use it: GEOS builds indexes as they are needed."""

    def __init__(self, shape: BaseGeometry) -> None:
        """``shape`` is valid, longitude first, not yet split; it may be empty."""
        self._whole = _Layers([split_one(shape)])
        self._moved = _written_otherwise(self._whole.parts)
        self._parts = np.concatenate((self._whole.parts, self._moved))
        is_run = shapely.get_type_id(self._parts) == LINE
        self._runs, self._others = self._parts[is_run], self._parts[~is_run]
        self._lines = shapely.multilinestrings(self._runs)
        shapely.prepare(self._parts)
        shapely.prepare(self._lines)
        self._tree = shapely.STRtree(self._others)
        self._crossings, self._max_crossings = 0, _MAX_CROSSINGS

    @cached_property
    def _beyond(self) -> _Layers:
        """What is on the antimeridian, with the longitude of the other side."""
        return _Layers(self._moved)

    @cached_property
    def _edges(self) -> shapely.STRtree:
        return shapely.STRtree(_edges(self._parts))

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
        rows, runs = shapely.STRtree(self._runs).query(shapes[near])
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
        edges = _edges(shapes)
        self._max_crossings += _MAX_CROSSINGS_PER_POINT * (len(edges) + len(self._edges))
        step = max(1, _PAIRS_AT_ONCE // max(1, len(self._edges)))
        for start in range(0, len(edges), step):
            self._crossings += self._edges.query(edges[start : start + step], predicate="intersects").shape[1]
            if self._crossings > self._max_crossings:
                raise LimitExceeded("crossings of edges in intersections", self._crossings, self._max_crossings)

    def _intersection(self, half: Shapes) -> BaseGeometry | None:
        other = _Layers(half)
        parts = _common_parts(self._whole, other)
        common = _simplest(parts)
        if not len(self._moved):
            return common
        beyond = _common_parts(self._beyond, other)
        return _simplest([*parts, *_not_twins(beyond, common)])


class _Layers:
    """A shape by dimension: its polygons, short runs of its lines, its points."""

    def __init__(self, shapes: Shapes | Sequence[BaseGeometry]) -> None:
        parts = simple_parts(shapes)
        self._polygons = of_type(parts, POLYGON)
        self._runs = _runs(of_type(parts, LINE))
        self.points = of_type(parts, POINT)
        self.parts = np.concatenate((self._polygons, self._runs, self.points))

    @cached_property
    def area(self) -> BaseGeometry:
        """What the polygons cover, as one."""
        area = join_areas(self._polygons)
        shapely.prepare(area)
        return area

    @cached_property
    def runs(self) -> Shapes:
        """The runs of lines, as far as they are outside of the area."""
        if not len(self._runs) or self.area.is_empty:
            return self._runs
        is_apart = ~shapely.intersects(self.area, self._runs)
        cut = [shapely.difference(run, _near(self.area, run)) for run in self._runs[~is_apart]]
        return of_type(simple_parts([*self._runs[is_apart], *cut]), LINE)

    @cached_property
    def tree(self) -> shapely.STRtree:
        """Finds parts."""
        return shapely.STRtree(self.parts)

    @cached_property
    def run_tree(self) -> shapely.STRtree:
        """Finds runs."""
        shapely.prepare(self.runs)
        return shapely.STRtree(self.runs)


def _runs(lines: Shapes) -> Shapes:
    """Cut lines into runs of a bounded number of points; each begins where the one before ends."""
    runs: list[BaseGeometry] = []
    for line in lines:
        places = shapely.get_coordinates(line)
        starts = range(0, max(1, len(places) - 1), _RUN_POINTS)
        runs += [shapely.linestrings(places[start : start + _RUN_POINTS + 1]) for start in starts]
    return np.array(runs, dtype=object)


def _edges(shapes: Shapes) -> Shapes:
    """Return all edges of lines and polygons, as a line each."""
    parts = simple_parts(shapes)
    lines = np.concatenate((of_type(parts, LINE), shapely.get_rings(of_type(parts, POLYGON))))
    places, owners = shapely.get_coordinates(lines, return_index=True)
    pairs = np.stack((places[:-1], places[1:]), axis=1)
    edges: Shapes = shapely.linestrings(pairs[owners[1:] == owners[:-1]])
    return edges


def _tiny_lines(points: Shapes) -> Shapes:
    places, step = shapely.get_coordinates(points), np.array([_TINY_DEGREES, 0.0])
    ends = np.stack((places - step, places + step), axis=1)
    lines: Shapes = shapely.linestrings(ends)
    return lines


def _written_otherwise(parts: Shapes) -> Shapes:
    """Return what lies on one side of the antimeridian, written with the longitude of the other side."""
    bounds = shapely.bounds(parts)
    moved: list[Shapes] = []
    for side, is_there in ((-180.0, bounds[:, 0] == -180.0), (180.0, bounds[:, 2] == 180.0)):
        on_edge = simple_parts(shapely.intersection(parts[is_there], _MERIDIANS[side]))
        moved.append(_moved_across(on_edge))
    found: Shapes = np.concatenate(moved)
    return found


def _moved_across(shapes: Shapes) -> Shapes:
    moved: Shapes = shapely.transform(shapes, lambda places: places * (-1.0, 1.0))
    return moved


def _common_parts(one: _Layers, other: _Layers) -> list[BaseGeometry]:
    """Return points, lines and polygons that make up the intersection; they may touch and repeat each other."""
    both = [_common_area(one.area, other.area)]
    near = one.runs[one.run_tree.query(other.area)]
    both += _lines_in(near, other.area) + _lines_in(other.runs, one.area)
    rows, parts = one.run_tree.query(other.runs, predicate="intersects")
    both += shapely.intersection(other.runs[rows], one.runs[parts]).tolist()
    both += _points_in(one.points, other) + _points_in(other.points, one)
    return list(simple_parts(both))


def _common_area(one: BaseGeometry, other: BaseGeometry) -> BaseGeometry:
    if one.is_empty or other.is_empty:
        return shapely.MultiPolygon()
    if shapely.covers(one, other):
        return other
    common: BaseGeometry = shapely.intersection(_near(one, other), _near(other, one))
    return common


def _near(area: BaseGeometry, other: BaseGeometry) -> BaseGeometry:
    """Return an area that is the same around another shape, of fewer points if it has many.

    Its edges are cut some way off, so that rounding hardly turns them.
    """
    if shapely.get_num_coordinates(area) <= _FEW_POINTS:
        return area
    west, south, east, north = shapely.bounds(other).tolist()
    margin = 0.1 * max(east - west, north - south) + _MARGIN_DEGREES
    clipped = shapely.clip_by_rect(area, west - margin, south - margin, east + margin, north + margin)
    polygons = shapely.multipolygons(of_type(simple_parts([clipped]), POLYGON))
    return polygons if shapely.is_valid(polygons) else area


def _lines_in(runs: Shapes, area: BaseGeometry) -> list[BaseGeometry]:
    if area.is_empty or not len(runs):
        return []
    is_whole = shapely.covers(area, runs)
    is_cut = ~is_whole & shapely.intersects(area, runs)
    return [*runs[is_whole], *(shapely.intersection(run, _near(area, run)) for run in runs[is_cut])]


def _points_in(points: Shapes, layers: _Layers) -> list[BaseGeometry]:
    if not len(points):
        return []
    rows, parts = layers.tree.query(points)
    found = rows[shapely.intersects(layers.parts[parts], points[rows])]
    return list(points[np.unique(found)])


def _simplest(parts: Sequence[BaseGeometry]) -> BaseGeometry | None:
    """Join parts: nothing is left that another part covers; None if there is none."""
    every = simple_parts(parts)
    area = shapely.multipolygons(of_type(every, POLYGON))  # of one intersection: they do not overlap
    lines = _joined(_outside(of_type(every, LINE), area))
    points = _outside(of_type(every, POINT), area)
    if len(points):
        points = shapely.points(np.unique(shapely.get_coordinates(points), axis=0))
        rows, _ = shapely.STRtree(lines).query(points, predicate="dwithin", distance=_ROUNDING_DEGREES)
        points = np.delete(points, rows)
    return gather(np.concatenate((simple_parts([area]), lines, points)))


def _outside(parts: Shapes, area: BaseGeometry) -> Shapes:
    """Return what no area covers."""
    if area.is_empty or not len(parts):
        return parts
    shapely.prepare(area)
    kept: Shapes = parts[~shapely.covers(area, parts)]
    return kept


def _joined(lines: Shapes) -> Shapes:
    """Join lines that go on in each other; of few of them drop what is there twice."""
    if not len(lines):
        return lines
    whole = shapely.multilinestrings(lines)
    if shapely.get_num_coordinates(whole) <= _MAX_DISSOLVED_POINTS:
        once = shapely.union_all(lines)
        whole = once if once.length < whole.length * (1 - _ROUNDING_DEGREES) else whole
    return simple_parts([shapely.line_merge(whole)])


def _not_twins(parts: Sequence[BaseGeometry], common: BaseGeometry | None) -> list[BaseGeometry]:
    """Return those points and lines, on the antimeridian, that are not there already with the other longitude."""
    if common is None or not parts:
        return list(parts)
    every, twins = simple_parts(parts), _written_otherwise(simple_parts([common]))
    left = [shapely.union_all(of_type(every, kind)) for kind in (POINT, LINE)]
    for kind in (POINT, LINE):
        left = [shapely.difference(some, shapely.union_all(of_type(twins, kind))) for some in left]
    return list(simple_parts(left))
