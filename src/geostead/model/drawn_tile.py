"""What there is to see in a tile of a map, in units of the tile: x from the west, y from the north."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

EXTENT = 4096
"""Units along a side of a tile, which is shown 512 pixels wide."""


class Clusters(NamedTuple):
    """Places of two entities or more, shown as one."""

    x: Floats
    """The mean of the places, from 0 at the west of the tile to 1 (not units)."""
    y: Floats
    """Likewise from 0 in the north."""
    counts: Integers
    bounds: Floats
    """West, south, east, north of the places in degrees, a row for each."""


class DrawnPlaces(NamedTuple):
    """Entities that are shown by themselves."""

    ids: list[str]
    labels: list[str]
    x: Floats
    """As in :class:`Clusters`."""
    y: Floats


class DrawnShapes(NamedTuple):
    """Lines and areas, the parts of one geography one by one."""

    ids: list[str]
    """Of the entity that each belongs to."""
    shapes: npt.NDArray[np.object_]
    """Geometries of shapely, in units; they may reach a little beyond the tile."""


class DrawnTile(NamedTuple):
    """What there is to see in a tile."""

    places: DrawnPlaces
    clusters: Clusters
    shapes: DrawnShapes

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing."""
        return not (self.places.ids or len(self.clusters.counts) or self.shapes.ids)
