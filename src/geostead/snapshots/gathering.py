"""The places of a tile of a map: one by one where they are few, else gathered in the cells of a grid."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from geostead.geo.tiles import Tile, on_map
from geostead.model.drawn_tile import Clusters, Floats, Integers
from geostead.model.entity import PageRows

MOST_SINGLE = 500
"""Up to so many places of a tile are shown one by one."""
CELLS = 16
"""Cells along a side of a tile."""


class Gathered(NamedTuple):
    """All places of a tile, each once."""

    singles: PageRows
    """The entities that are shown by themselves, by entity id."""
    x: Floats
    """Of each of these, as in :class:`geostead.model.drawn_tile.Clusters`."""
    y: Floats
    clusters: Clusters

    @property
    def entity_count(self) -> int:
        """How many entities these are."""
        return len(self.singles) + int(self.clusters.counts.sum())


NO_CLUSTERS = Clusters(np.empty(0), np.empty(0), np.empty(0, dtype=np.int64), np.empty((0, 4)))


class Places(NamedTuple):
    """Places of a tile, still one by one."""

    latitudes: Floats
    longitudes: Floats
    x: Floats
    """Within the tile, as in :class:`geostead.model.drawn_tile.Clusters`."""
    y: Floats
    kept: Integers
    """Which of the places that :func:`places_in` was asked about these are."""


def places_in(tile: Tile, *, latitudes: Floats, longitudes: Floats) -> Places:
    """Return those places that are in a tile."""
    x, y = tile.within(*on_map(latitudes=latitudes, longitudes=longitudes))
    kept = np.flatnonzero((x >= 0) & (x < 1) & (y >= 0) & (y < 1))
    if len(kept) < len(x):
        x, y, latitudes, longitudes = x[kept], y[kept], latitudes[kept], longitudes[kept]
    return Places(latitudes, longitudes, x, y, kept)


def gather(places: Places) -> tuple[Integers, Clusters]:
    """Return which places are shown by themselves, and the clusters that hold the others."""
    if len(places.x) <= MOST_SINGLE:
        return np.arange(len(places.x)), NO_CLUSTERS
    cells = (places.y * CELLS).astype(np.int64) * CELLS + (places.x * CELLS).astype(np.int64)
    counts = np.bincount(cells, minlength=CELLS * CELLS)
    crowded = np.flatnonzero(counts > 1)
    means = [np.bincount(cells, values, CELLS * CELLS)[crowded] / counts[crowded] for values in (places.x, places.y)]
    bounds = np.column_stack(
        (
            _extreme(np.minimum, cells, places.longitudes, 180.0),
            _extreme(np.minimum, cells, places.latitudes, 90.0),
            _extreme(np.maximum, cells, places.longitudes, -180.0),
            _extreme(np.maximum, cells, places.latitudes, -90.0),
        )
    )
    return np.flatnonzero(counts[cells] == 1), Clusters(means[0], means[1], counts[crowded], bounds[crowded])


def _extreme(choose: np.ufunc, cells: Integers, values: Floats, start: float) -> Floats:
    """Return the least or greatest value of each cell."""
    found = np.full(CELLS * CELLS, start)
    choose.at(found, cells, values)
    return found
