"""Moves geometries from other coordinate systems to WGS 84. Slow to import: only processes that read need it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyproj
import shapely

Numbers = npt.NDArray[np.float64]
Move = Callable[[Numbers], Numbers]
"""Moves places, a row each, longitude or easting first, to WGS 84; what has no place there becomes infinite."""

_WGS84 = pyproj.CRS.from_epsg(4326)
EXPECTED_SYSTEM = "a geographic or projected coordinate system"


def find_move(system: pyproj.CRS) -> Move | None:
    """Return what brings coordinates to WGS 84; None if they are there.

    Raises ValueError for a system that is neither geographic nor projected, pyproj's ProjError where there is no way.
    """
    if not (system.is_geographic or system.is_projected):
        raise ValueError(f"'{system.name[:60]}'; expected {EXPECTED_SYSTEM}")
    if system.equals(_WGS84, ignore_axis_order=True):
        return None
    transformer = pyproj.Transformer.from_crs(system, _WGS84, always_xy=True)
    return lambda places: np.column_stack(transformer.transform(*places.T))


def move_wkb(wkb: pa.BinaryArray, move: Move) -> pa.BinaryArray:
    """Move geometries; what cannot be read as one stays as it is, for somebody else to find."""
    given = wkb.to_numpy(zero_copy_only=False)
    shapes = shapely.from_wkb(given, on_invalid="ignore")
    moved = shapely.to_wkb(shapely.transform(shapes, move))
    return pa.array(np.where(shapely.is_missing(shapes), given, moved), pa.binary())
