"""Builds well-known binary out of coordinates: what readers of other formats make geometries with, many at once.

An array of places has a row for each, longitude first. Every coordinate survives bit for bit.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Places = npt.NDArray[np.float64]
"""Longitude and latitude of each place, in a row each."""

_LITTLE_ENDIAN = 1
_POINT, _LINE, _POLYGON, _COLLECTION = 1, 2, 3, 7
_MULTI = {_POINT: 4, _LINE: 5, _POLYGON: 6}


def point_wkb(places: Places) -> bytes:
    """Return the point of an array of one place."""
    return _head(_POINT) + _bytes(places)


def line_wkb(places: Places) -> bytes:
    """Return the line through two places or more."""
    return _head(_LINE) + _counted(places)


def polygon_wkb(rings: Sequence[Places]) -> bytes:
    """Return a polygon of closed rings of four places or more, the outer one first."""
    return _head(_POLYGON) + _size(len(rings)) + b"".join(_counted(ring) for ring in rings)


def gather_wkb(parts: Sequence[bytes]) -> bytes:
    """Return one or more points, lines and polygons as one geometry, the simplest that holds them."""
    if len(parts) == 1:
        return parts[0]
    types = {part[1] for part in parts}
    whole = _MULTI[types.pop()] if len(types) == 1 else _COLLECTION
    return _head(whole) + _size(len(parts)) + b"".join(parts)


def is_polygon(part: bytes) -> bool:
    """Tell whether a part is a polygon."""
    return part[1] == _POLYGON


def _head(geometry_type: int) -> bytes:
    return struct.pack("<BI", _LITTLE_ENDIAN, geometry_type)


def _size(count: int) -> bytes:
    return struct.pack("<I", count)


def _counted(places: Places) -> bytes:
    return _size(len(places)) + _bytes(places)


def _bytes(places: Places) -> bytes:
    return places.astype("<f8", copy=False).tobytes()
