"""Tiles of the world map: Web Mercator, each zoom with twice as many tiles a side as the one before.

A place on the map is a pair of fractions of the whole: x from -180° eastward, y from the north southward, both from 0
to just below 1. What lies beyond the latitudes that the map has is on its edge; ±180° is x = 0, whatever its sign. So
every place of the Earth is in exactly one tile of each zoom.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from geostead.geo.box import Rectangle

Fractions = npt.NDArray[np.float64]

MAX_ZOOM = 22
MAX_LATITUDE = math.degrees(math.atan(math.sinh(math.pi)))
"""About 85.05°, where the map ends."""

_BELOW_ONE = math.nextafter(1.0, 0.0)
_MARGIN_DEG = 1e-9
"""Far more than edges of tiles are inexact."""


class Tile(NamedTuple):
    """A square of the world map."""

    zoom: int
    """0 to :data:`MAX_ZOOM`: there are 4 ** zoom tiles."""
    column: int
    """From the west."""
    row: int
    """From the north."""

    @property
    def side(self) -> int:
        """The number of tiles along a side of the map."""
        return 1 << self.zoom

    @property
    def exists(self) -> bool:
        """Whether the map has such a tile."""
        return 0 <= self.zoom <= MAX_ZOOM and 0 <= self.column < self.side and 0 <= self.row < self.side

    def rectangles(self, margin: float = 0.0) -> tuple[Rectangle, ...]:
        """Return rectangles that hold every place of the tile, and of a margin around it (in widths of the tile)."""
        south = _latitude((self.row + 1 + margin) / self.side) - _MARGIN_DEG
        north = _latitude((self.row - margin) / self.side) + _MARGIN_DEG
        south, north = -90.0 if south < -MAX_LATITUDE else south, 90.0 if north > MAX_LATITUDE else north
        west = (self.column - margin) / self.side * 360 - 180 - _MARGIN_DEG
        east = (self.column + 1 + margin) / self.side * 360 - 180 + _MARGIN_DEG
        if east - west >= 360:
            return (Rectangle(-180.0, south, 180.0, north),)
        found = [Rectangle(max(west, -180.0), south, min(east, 180.0), north)]
        if west < -180:
            found.append(Rectangle(west + 360, south, 180.0, north))
        if east > 180:
            found.append(Rectangle(-180.0, south, east - 360, north))
        return tuple(found)

    def within(self, x: Fractions, y: Fractions) -> tuple[Fractions, Fractions]:
        """Return where places of the map are within the tile: from 0 to 1, if they are in it."""
        return x * self.side - self.column, y * self.side - self.row


def on_map(*, latitudes: Fractions, longitudes: Fractions, has_end: bool = False) -> tuple[Fractions, Fractions]:
    """Return x and y of places, angles in degrees. With ``has_end`` 180° is x = 1: what shapes that reach it need."""
    x = (longitudes + 180.0) / 360.0
    x = x if has_end else np.mod(x, 1.0)
    sines = np.sin(np.radians(latitudes.clip(-MAX_LATITUDE, MAX_LATITUDE)))
    y = 0.5 - np.arctanh(sines) / (2 * math.pi)
    return x, y.clip(0.0, _BELOW_ONE)


def _latitude(y: float) -> float:
    """Return the latitude in degrees of a place of the map; beyond its edges that of the edge."""
    return math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * min(max(y, 0.0), 1.0)))))
