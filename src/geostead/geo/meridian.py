"""The antimeridian has two longitudes, and is one place all the same."""

from __future__ import annotations

import numpy as np
import shapely

from geostead.geo.assembly import simple_parts
from geostead.geo.wkt import Shapes

_MERIDIANS = {side: shapely.LineString([(side, -90.0), (side, 90.0)]) for side in (-180.0, 180.0)}


def written_otherwise(parts: Shapes) -> Shapes:
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
