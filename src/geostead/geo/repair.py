"""Repairs polygons that are not valid, in bounded time and memory (data-formats.md, section 1)."""

from __future__ import annotations

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geostead.geo.assembly import LINE, POLYGON, of_type, segments_of, simple_parts
from geostead.geo.wkt import Shapes

_PAIRS_AT_ONCE = 2**22

# What bounds a repair: its time and memory go with the crossings of the rings, of which n points can have n²/4. Their
# number is estimated first: the pairs of segments whose boxes meet, less each one's with itself and its neighbours. A
# repair at the limit takes about five seconds and 500 MB; the limit by points makes the time of a whole upload go with
# its size. (Parcels side by side in one geography, which is not valid, have 12 a point.) Telling whether a polygon is
# valid has no such bound: 20,000 slivers side by side take a minute. Like all of GEOS it leaves other threads running.
_MAX_MEETINGS = 400_000
_MAX_MEETINGS_PER_POINT = 30
_FREE_MEETINGS = 20_000


def repair(shape: BaseGeometry, max_points: int, *, is_single: bool = False) -> BaseGeometry | None:
    """Return a valid geometry that covers what ``shape`` covers.

    None where it crosses itself too often, or would have more than ``max_points``. ``is_single`` tells that it is not
    one of very many: then a small shape may cross itself in any way.
    """
    rings = shapely.get_rings(of_type(simple_parts([shape]), POLYGON))
    if _meets_too_often(_segment_boxes(rings), is_single=is_single):
        return None
    # The other method takes time that goes with the square of the crossings, and drops areas that are covered twice.
    repaired: BaseGeometry = shapely.make_valid(shape, method="structure")
    return repaired if shapely.get_num_coordinates(repaired) <= max_points else None


def is_tangled(shape: BaseGeometry) -> bool:
    """Tell whether the lines of a shape cross so often that holding others against them would take many seconds."""
    return _meets_too_often(_segment_boxes(of_type(simple_parts([shape]), LINE)), is_single=True)


def _meets_too_often(boxes: Shapes, *, is_single: bool) -> bool:
    """Count the meetings piece by piece: all of them may be more than memory holds."""
    count = len(boxes)
    proportionate = max(_FREE_MEETINGS if is_single else 0, _MAX_MEETINGS_PER_POINT * count)
    limit = 3 * count + min(proportionate, _MAX_MEETINGS)
    tree = shapely.STRtree(boxes)
    step = max(1, _PAIRS_AT_ONCE // max(1, count))
    meetings = 0
    for start in range(0, count, step):
        meetings += tree.query(boxes[start : start + step]).shape[1]
        if meetings > limit:
            return True
    return False


def _segment_boxes(lines: Shapes) -> Shapes:
    """Return the bounding box of each segment of each line or ring."""
    starts, ends = segments_of(lines)
    boxes: Shapes = shapely.box(*np.minimum(starts, ends).T, *np.maximum(starts, ends).T)
    return boxes
