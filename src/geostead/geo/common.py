"""What two shapes have in common, as simple as it can be."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geostead.geo.assembly import LINE, POINT, POLYGON, gather, of_type, simple_parts
from geostead.geo.layers import Layers, cut_down
from geostead.geo.meridian import written_otherwise
from geostead.geo.wkt import Shapes

_MAX_DISSOLVED_POINTS = 1_000
"""Lines of more points may cross so often that finding out where takes all the memory there is."""
_ROUNDING_DEGREES = 1e-12


def common_parts(one: Layers, other: Layers) -> list[BaseGeometry]:
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
    common: BaseGeometry = shapely.intersection(cut_down(one, other), cut_down(other, one))
    return common


def _lines_in(runs: Shapes, area: BaseGeometry) -> list[BaseGeometry]:
    if area.is_empty or not len(runs):
        return []
    is_whole = shapely.covers(area, runs)
    is_cut = ~is_whole & shapely.intersects(area, runs)
    return [*runs[is_whole], *(shapely.intersection(run, cut_down(area, run)) for run in runs[is_cut])]


def _points_in(points: Shapes, layers: Layers) -> list[BaseGeometry]:
    if not len(points):
        return []
    rows, parts = layers.tree.query(points)
    found = rows[shapely.intersects(layers.parts[parts], points[rows])]
    return list(points[np.unique(found)])


def simplest(parts: Sequence[BaseGeometry]) -> BaseGeometry | None:
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


def without_twins(parts: Sequence[BaseGeometry], common: BaseGeometry | None) -> list[BaseGeometry]:
    """Return those points and lines, on the antimeridian, that are not there already with the other longitude."""
    if common is None or not parts:
        return list(parts)
    every, twins = simple_parts(parts), written_otherwise(simple_parts([common]))
    left = [shapely.union_all(of_type(every, kind)) for kind in (POINT, LINE)]
    for kind in (POINT, LINE):
        left = [shapely.difference(some, shapely.union_all(of_type(twins, kind))) for some in left]
    return list(simple_parts(left))
