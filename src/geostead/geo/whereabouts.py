"""Where shapes lie: whether on the Earth, and around which place."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from geostead.geo.assembly import POINT
from geostead.geo.position import Position
from geostead.geo.wkt import Shapes

_MAX_LONGITUDE, _MAX_LATITUDE = 180.0, 90.0

Degrees = npt.NDArray[np.float64]


def are_on_earth(shapes: Shapes) -> npt.NDArray[np.bool_]:
    """Tell for each shape whether its longitudes lie within ±180 and its latitudes within ±90; True for none at all."""
    west, south, east, north = shapely.bounds(shapes).T
    is_outside = (west < -_MAX_LONGITUDE) | (east > _MAX_LONGITUDE) | (south < -_MAX_LATITUDE) | (north > _MAX_LATITUDE)
    found: npt.NDArray[np.bool_] = ~is_outside
    return found


def centroids(shapes: Shapes) -> tuple[Degrees, Degrees]:
    """Return longitudes and latitudes of the planar centroids of shapes as they are written, not split at ±180°.

    A point is its own, to the last bit. NaN for None and empty ones. Rounding carries none over the edge of the world.
    """
    places = shapely.centroid(shapes)
    is_point = shapely.get_type_id(shapes) == POINT
    places[is_point] = shapes[is_point]
    longitudes = np.clip(shapely.get_x(places), -_MAX_LONGITUDE, _MAX_LONGITUDE)
    return longitudes, np.clip(shapely.get_y(places), -_MAX_LATITUDE, _MAX_LATITUDE)


def centroid(shape: BaseGeometry) -> Position | None:
    """Return the planar centroid of one shape as :func:`centroids` does; None if it is empty."""
    if shape.is_empty:
        return None
    longitudes, latitudes = centroids(np.array([shape], dtype=object))
    return Position(latitude=float(latitudes[0]), longitude=float(longitudes[0]))
