"""Which entities of a snapshot in a folder are in a tile of a map."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from geostead.geo.box import Rectangle
from geostead.geo.tiles import Tile
from geostead.model.drawn_tile import Clusters, Floats
from geostead.query.bound import BoundQuery, Predicate, SpatialFilter
from geostead.snapshots.columns import Columns, Rows
from geostead.snapshots.gathering import gather, places_in
from geostead.snapshots.geography_index import GeographyIndex
from geostead.snapshots.predicate import Mask
from geostead.snapshots.search import find_all
from geostead.snapshots.spatial_index import SpatialIndex

_REMEMBERED = 4
"""Filters. A map asks for its tiles with one filter; which entities pass it is found out once for all of them."""


class FoundRows(NamedTuple):
    """What is in a tile, as :class:`geostead.snapshots.gathering.Gathered` has it."""

    singles: Rows
    x: Floats
    y: Floats
    clusters: Clusters


class TileSearch:
    """Finds what is in tiles. Threads may share it."""

    def __init__(self, columns: Columns, index: SpatialIndex, geographies: GeographyIndex) -> None:
        self._columns = columns
        self._index = index
        self._geographies = geographies
        self._passing: dict[tuple[SpatialFilter | None, Predicate | None], Future[Mask]] = {}
        self._lock = threading.Lock()

    def gather(self, query: BoundQuery, tile: Tile) -> FoundRows:
        """Return what satisfies the filters of a query and lies in a tile."""
        rows = self._kept(query, self._located(tile))
        latitudes, longitudes = self._columns.places(rows)
        places = places_in(tile, latitudes=latitudes, longitudes=longitudes)
        singles, clusters = gather(places)
        return FoundRows(rows[places.kept[singles]], places.x[singles], places.y[singles], clusters)

    def shapes(self, query: BoundQuery, rectangles: Sequence[Rectangle], most: int) -> Rows | None:
        """Return what satisfies the filters and has a geography whose envelope touches a rectangle; None: too many."""
        rows = self._geographies.find(rectangles)
        if len(rows) > most:
            rows = self._kept(query, rows)
        return None if len(rows) > most else self._kept(query, rows)

    def _located(self, tile: Tile) -> Rows:
        """Return all rows in the tile, and perhaps some beside it, in ascending order."""
        if tile.zoom == 0:
            return self._index.rows_at(np.arange(len(self._index)))
        return self._index.rows_at(np.sort(self._index.find(tile.rectangles())))

    def _kept(self, query: BoundQuery, rows: Rows) -> Rows:
        if query.spatial is None and query.predicate is None:
            return rows
        return rows[self._mask(query)[rows]]

    def _mask(self, query: BoundQuery) -> Mask:
        """Tell for each row of the snapshot whether it satisfies the filters."""
        asked = query.spatial, query.predicate
        with self._lock:
            known = self._passing.get(asked)
            if known is None:
                while len(self._passing) >= _REMEMBERED:
                    del self._passing[next(iter(self._passing))]
                finding = self._passing[asked] = Future()
        if known is not None:
            return known.result()
        try:
            finding.set_result(self._find(query))
        except BaseException as error:
            with self._lock:
                self._passing.pop(asked, None)
            finding.set_exception(error)
        return finding.result()

    def _find(self, query: BoundQuery) -> Mask:
        mask = np.zeros(len(self._columns), dtype=np.bool_)
        every = replace(query, order=(), count=True)
        mask[find_all(every, self._columns, self._index, self._geographies)] = True
        return mask
