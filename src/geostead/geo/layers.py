"""Shapes taken apart by dimension, with trees over their parts."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geostead.geo.assembly import LINE, POINT, POLYGON, join_areas, of_type, segments_of, simple_parts
from geostead.geo.wkt import Shapes

_RUN_POINTS = 32
"""Lines are cut into runs: a point is held against every segment of one, and a run crosses itself not too often."""
_FEW_POINTS = 200
"""Areas of more points are cut down to what is near before anything is intersected with them."""
_MARGIN_DEGREES = 0.001


class Layers:
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
        cut = [shapely.difference(run, cut_down(self.area, run)) for run in self._runs[~is_apart]]
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


def edges_of(shapes: Shapes) -> Shapes:
    """Return all edges of lines and polygons, as a line each."""
    parts = simple_parts(shapes)
    lines = np.concatenate((of_type(parts, LINE), shapely.get_rings(of_type(parts, POLYGON))))
    edges: Shapes = shapely.linestrings(np.stack(segments_of(lines), axis=1))
    return edges


def cut_down(area: BaseGeometry, other: BaseGeometry) -> BaseGeometry:
    """Return an area that is the same around another shape, of fewer points if it has many.

    Its edges are cut some way off, so that rounding hardly turns them.
    """
    if shapely.get_num_coordinates(area) <= _FEW_POINTS:
        return area
    west, south, east, north = shapely.bounds(other).tolist()
    margin = 0.1 * max(east - west, north - south) + _MARGIN_DEGREES
    try:
        clipped = shapely.clip_by_rect(area, west - margin, south - margin, east + margin, north + margin)
    except shapely.errors.GEOSException:  # of a sliver two places were left, which make no ring
        return area
    polygons = shapely.multipolygons(of_type(simple_parts([clipped]), POLYGON))
    return polygons if shapely.is_valid(polygons) else area
