"""Mends polygons that are not valid, by what they mean: across ±180° that is not what the numbers say.

A ring that goes over the antimeridian and back crosses itself where longitudes are mere numbers, and so do a ring and
its hole, or a ring around a pole. Such polygons stay as they are written: :mod:`geostead.geo.split` understands them.
"""

from __future__ import annotations

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geostead.geo.assembly import gather, simple_parts
from geostead.geo.repair import repair
from geostead.geo.split import count_crossings, split_one


def mend(shape: BaseGeometry, max_points: int, *, is_single: bool = False) -> BaseGeometry | None:
    """Return a shape that is valid once it is split at ±180°, and covers what ``shape`` covers.

    It is ``shape`` itself where that needs no repair. None where something crosses itself too often, or would have
    more than ``max_points`` when it is repaired. ``is_single``: as for :func:`geostead.geo.repair.repair`.
    """
    parts = simple_parts([shape])
    crosses = np.array([bool(count_crossings(part)) for part in parts], dtype=np.bool_)
    if not crosses.any():
        return repair(shape, max_points, is_single=is_single)
    if not all(shapely.is_valid(split_one(part)) for part in parts[crosses]):
        return None
    others = gather(parts[~crosses])
    if others is None or shapely.is_valid(others):
        return shape
    repaired = repair(others, max_points, is_single=is_single)
    return None if repaired is None else gather(np.concatenate((parts[crosses], simple_parts([repaired]))))
