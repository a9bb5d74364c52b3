"""An open snapshot in a folder: everything memory-mapped, nothing parsed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa

from geostead.geo.box import Rectangle
from geostead.geo.tiles import Tile
from geostead.model.entity import EntityPage, PageRows
from geostead.model.entity_type import EntityType
from geostead.query.bound import BoundQuery, Intersects, NearRoute
from geostead.snapshots.columns import Columns, Rows
from geostead.snapshots.files import ENTITIES_FILE, Manifest
from geostead.snapshots.fragments import Fragments
from geostead.snapshots.gathering import Gathered
from geostead.snapshots.geography_index import GeographyIndex
from geostead.snapshots.predicate import count_leaves, looks_per_row
from geostead.snapshots.search import in_first_circle, rectangles_of, search
from geostead.snapshots.shape_search import intersections
from geostead.snapshots.spatial_index import SpatialIndex
from geostead.snapshots.tile_search import TileSearch

_WITH_GEOMETRY = (Intersects, NearRoute)
_BATCH_ROWS = 20_000
_CHEAP_BYTES = 256 * 1024
_CHEAP_CONDITIONS = 8
_CHEAP_LOOKS = 50_000
"""Looks at values: about 10 nanoseconds each."""


class FolderSnapshot:
    """The entities of one version. Threads may share it."""

    def __init__(self, folder: Path, manifest: Manifest) -> None:
        manifest.check_sizes(folder)
        self._manifest = manifest
        self.columns = Columns.open(folder / ENTITIES_FILE, manifest.entity_type)
        self._index = SpatialIndex.open(folder)
        self._geographies = GeographyIndex(folder, self.columns)
        self._tiles = TileSearch(self.columns, self._index, self._geographies)
        self.fragments = Fragments.open(folder)

    @property
    def entity_type(self) -> EntityType:
        """The type of its entities."""
        return self._manifest.entity_type

    @property
    def entity_count(self) -> int:
        """How many entities it has."""
        return self._manifest.entity_count

    @property
    def is_remote(self) -> bool:
        """False: everything is mapped."""
        return False

    def find(self, entity_id: str) -> EntityPage | None:
        """Return the page with this one entity, or None."""
        row = self.columns.row_of(entity_id)
        return None if row is None else EntityPage(self.entity_type, self._rows(np.array([row], dtype=np.int64)))

    def search(self, query: BoundQuery) -> EntityPage:
        """Evaluate a bound query."""
        found = search(query, self.columns, self._index, self._geographies)
        return EntityPage(
            self.entity_type,
            self._rows(found.rows),
            query.names,
            None if found.distances_km is None else found.distances_km.tolist(),
            found.total_count,
            None if query.intersection is None else intersections(query.intersection, found.rows, self.columns),
        )

    def search_at_once(self, query: BoundQuery) -> EntityPage | None:
        """Evaluate a bound query where that surely takes less than a few hundred microseconds; else return None.

        So it may be called where it holds up others for that long. None says only that it might take longer.
        """
        if self.is_cheap(query):
            return self.search(query)
        # The nearest in a large circle are mostly in a small one within it, too.
        smaller = in_first_circle(query)
        if smaller is not None and self.is_cheap(smaller):
            page = self.search(smaller)
            if len(page.rows) == query.top:
                return page
        return None

    def is_cheap(self, query: BoundQuery) -> bool:
        """Tell whether a search surely takes less than a few hundred microseconds. False: it might take longer."""
        if query.top * self.fragments.mean_bytes > _CHEAP_BYTES:
            return False
        if isinstance(query.spatial, _WITH_GEOMETRY) or query.intersection is not None:
            return False
        predicate = query.predicate
        if query.spatial is not None:
            candidates = self._index.count_at_most(rectangles_of(query.spatial))
        else:
            candidates = self.entity_count if predicate is not None or query.order else 0
        looks = 1.0 + len(query.order)
        if predicate is not None:
            if count_leaves(predicate) > _CHEAP_CONDITIONS:
                return False
            looks += looks_per_row(predicate, self.columns)
        return candidates * looks <= _CHEAP_LOOKS

    def gather(self, query: BoundQuery, tile: Tile) -> Gathered:
        """Return the places in a tile of the entities that satisfy the filters of a query."""
        found = self._tiles.gather(query, tile)
        return Gathered(self._rows(found.singles), found.x, found.y, found.clusters)

    def shapes(self, query: BoundQuery, rectangles: Sequence[Rectangle], most: int) -> PageRows | None:
        """Return what satisfies the filters and has a geography that may lie in rectangles; None: too many."""
        rows = self._tiles.shapes(query, rectangles, most)
        return None if rows is None else self._rows(rows)

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Return all entities in entity id order, in batches of some thousands; of large entities fewer."""
        return self.columns.batches(_BATCH_ROWS)

    def _rows(self, rows: Rows) -> _SnapshotRows:
        return _SnapshotRows(rows, self.columns, self.fragments)


class _SnapshotRows:
    """Some rows of a snapshot; implements :class:`geostead.model.entity.PageRows`."""

    __slots__ = ("_columns", "_fragments", "_rows")

    def __init__(self, rows: Rows, columns: Columns, fragments: Fragments) -> None:
        self._rows = rows
        self._columns = columns
        self._fragments = fragments

    def __len__(self) -> int:
        return len(self._rows)

    def columns(self, names: Sequence[str]) -> pa.RecordBatch:
        return self._columns.take(names, self._rows)

    def json_fragments(self) -> list[memoryview]:
        return self._fragments.of(self._rows)
