"""Takes shapes apart into points, lines and polygons, and puts these together again."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from geostead.geo.wkt import Shapes

Places = npt.NDArray[np.float64]

POINT, LINE, POLYGON = 0, 1, 3
"""The types of simple parts, as shapely numbers them."""
_FIRST_MULTIPART = 4
_MULTI = {POINT: shapely.multipoints, LINE: shapely.multilinestrings, POLYGON: shapely.multipolygons}


def simple_parts(shapes: Shapes | Sequence[BaseGeometry]) -> Shapes:
    """Return the points, lines and polygons that shapes are made of, in order; nothing of what is empty or None."""
    parts: Shapes = np.array(shapes, dtype=object)
    while (shapely.get_type_id(parts) >= _FIRST_MULTIPART).any():
        parts = shapely.get_parts(parts)
    kept: Shapes = parts[~shapely.is_empty(parts) & ~shapely.is_missing(parts)]
    return kept


def of_type(parts: Shapes, kind: int) -> Shapes:
    """Return the parts of one type."""
    kept: Shapes = parts[shapely.get_type_id(parts) == kind]
    return kept


def segments_of(lines: Shapes) -> tuple[Places, Places]:
    """Return the places in which the segments of lines and rings start, and those in which they end, a row each."""
    places, owners = shapely.get_coordinates(lines, return_index=True)
    is_segment = owners[1:] == owners[:-1]
    return places[:-1][is_segment], places[1:][is_segment]


def join_areas(polygons: Shapes) -> BaseGeometry:
    """Return one area that covers what polygons cover; empty if there are none."""
    whole: BaseGeometry = polygons[0] if len(polygons) == 1 else shapely.union_all(polygons)
    return whole


def gather(parts: Shapes) -> BaseGeometry | None:
    """Return points, lines and polygons as the simplest geometry that holds them; None if there are none."""
    if len(parts) <= 1:
        return parts[0] if len(parts) else None
    types = set(shapely.get_type_id(parts).tolist())
    make = _MULTI[types.pop()] if len(types) == 1 else shapely.geometrycollections
    whole: BaseGeometry = make(parts)
    return whole
