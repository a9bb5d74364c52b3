"""An open snapshot in PostgreSQL: what is known about it, and whom to ask for the rest."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

import pyarrow as pa
from psycopg import sql

from geostead.errors import SnapshotMissing, Unavailable
from geostead.geo.box import Rectangle
from geostead.geo.tiles import Tile
from geostead.model.entity import EntityPage, PageRows
from geostead.model.entity_type import EntityType
from geostead.query.bound import BoundQuery
from geostead.snapshots.base import RenderFragments
from geostead.snapshots.gathering import Gathered
from geostead.snapshots.postgis.arguments import Arguments
from geostead.snapshots.postgis.fetching import Connection, as_batch, fetch, fetch_by_id
from geostead.snapshots.postgis.layout import Layout
from geostead.snapshots.postgis.reader import Reader
from geostead.snapshots.postgis.registry import Registered
from geostead.snapshots.postgis.search import search
from geostead.snapshots.postgis.tile_search import TableTiles

T = TypeVar("T")

_BATCH_ROWS, _BATCH_BYTES = 20_000, 2**24
QUERY_S = 25.0
"""How long a query may take, all of its statements and both servers together."""
_NOT_IN_TEXT = "\0"


class PostgisSnapshot:
    """The entities of one version. Threads may share it. Every method but the properties may wait for the server.

    They raise Unavailable where it does not answer, and where the snapshot was deleted since it was opened.
    """

    def __init__(self, snapshot_id: str, known: Registered, reader: Reader, render: RenderFragments) -> None:
        self._layout = Layout(snapshot_id, known.entity_type)
        self._known = known
        self._reader = reader
        self._render = render

    @property
    def entity_type(self) -> EntityType:
        """The type of its entities."""
        return self._known.entity_type

    @property
    def entity_count(self) -> int:
        """How many entities it has."""
        return self._known.entity_count

    @property
    def is_remote(self) -> bool:
        """True: everything but what the registry knows is asked for."""
        return True

    def find(self, entity_id: str) -> EntityPage | None:
        """Return the page with this one entity, or None."""
        if _NOT_IN_TEXT in entity_id or not _is_text(entity_id):
            return None
        arguments = Arguments()
        statement = sql.SQL("SELECT {} FROM {} WHERE {} = {}").format(
            self._layout.values(self.entity_type.names),
            self._layout.table,
            self._layout.key,
            arguments.text(entity_id),
        )
        rows = self._read(lambda connection: fetch(connection, statement, arguments))
        if not rows:
            return None
        return EntityPage(self.entity_type, self._page_rows(as_batch(rows, self.entity_type.names, self._layout)))

    def search(self, query: BoundQuery) -> EntityPage:
        """Evaluate a bound query."""
        found = self._read(lambda connection: search(query, connection, self._layout, self._known))
        return EntityPage(
            self.entity_type,
            self._page_rows(found.rows),
            query.names,
            found.distances_km,
            found.total_count,
            found.intersections,
        )

    def search_at_once(self, query: BoundQuery) -> EntityPage | None:  # noqa: ARG002  # the port has it
        """Return None: whoever asks a server has to wait."""
        return None

    def gather(self, query: BoundQuery, tile: Tile) -> Gathered:
        """Return the places in a tile of the entities that satisfy the filters of a query."""
        found = self._read(lambda connection: self._tiles(query, connection).gather(tile))
        return Gathered(self._entities(found.ids), found.x, found.y, found.clusters)

    def shapes(self, query: BoundQuery, rectangles: Sequence[Rectangle], most: int) -> PageRows | None:
        """Return what satisfies the filters and has a geography that may lie in rectangles; None: too many."""
        ids = self._read(lambda connection: self._tiles(query, connection).shapes(rectangles, most))
        return None if ids is None else self._entities(ids)

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Return all entities in entity id order, in batches of some thousands; of large entities fewer.

        Each is a statement of its own, which begins after the last id: nothing is held open on the server meanwhile,
        and a lost connection costs one statement.
        """
        last: str | None = None
        while True:
            batch = self._batch_after(last)
            if not batch.num_rows:
                return
            yield batch
            last = batch.column(self.entity_type.key_name)[-1].as_py()

    def _batch_after(self, last: str | None) -> pa.RecordBatch:
        names, layout, arguments = self.entity_type.names, self._layout, Arguments()
        statement = sql.SQL("SELECT {} FROM {} WHERE {} ORDER BY {} LIMIT {}").format(
            layout.values(names),
            layout.table,
            sql.SQL("TRUE") if last is None else sql.SQL("{} > {}").format(layout.key, arguments.text(last)),
            layout.key,
            arguments.count(max(1, min(_BATCH_ROWS, _BATCH_BYTES // self._known.largest_bytes))),
        )
        return as_batch(self._read(lambda connection: fetch(connection, statement, arguments), math.inf), names, layout)

    def _tiles(self, query: BoundQuery, connection: Connection) -> TableTiles:
        return TableTiles(query, connection, self._layout, self._known.largest_bytes)

    def _entities(self, ids: list[str]) -> _FetchedRows:
        key = self.entity_type.key_name
        return self._page_rows(pa.RecordBatch.from_arrays([pa.array(ids, pa.string())], names=[key]))

    def _page_rows(self, rows: pa.RecordBatch) -> _FetchedRows:
        return _FetchedRows(rows, self.entity_type, self._render, self._fetch_more)

    def _fetch_more(self, ids: Sequence[str], names: Sequence[str]) -> pa.RecordBatch:
        return self._read(lambda connection: fetch_by_id(connection, self._layout, ids, names))

    def _read(self, work: Callable[[Connection], T], within_s: float | None = None) -> T:
        try:
            return self._reader.read(work, QUERY_S if within_s is None else within_s)
        except SnapshotMissing as error:
            raise Unavailable("The entities were deleted while they were read.") from error


class _FetchedRows:
    """Some rows of a snapshot, read already; implements :class:`geostead.model.entity.PageRows`."""

    __slots__ = ("_entity_type", "_fetch_more", "_render", "_rows")

    def __init__(
        self,
        rows: pa.RecordBatch,
        entity_type: EntityType,
        render: RenderFragments,
        fetch_more: Callable[[Sequence[str], Sequence[str]], pa.RecordBatch],
    ) -> None:
        self._rows = rows
        self._entity_type = entity_type
        self._render = render
        self._fetch_more = fetch_more

    def __len__(self) -> int:
        return int(self._rows.num_rows)

    def columns(self, names: Sequence[str]) -> pa.RecordBatch:
        if not set(names) <= set(self._rows.schema.names):
            ids = self._rows.column(self._entity_type.key_name).to_pylist()
            return self._fetch_more(ids, names)
        return self._rows.select(list(names))

    def json_fragments(self) -> list[bytes]:
        if not len(self):
            return []
        fragments: list[bytes] = self._render(self.columns(self._entity_type.names), self._entity_type).to_pylist()
        return fragments


def _is_text(text: str) -> bool:
    """Tell whether a text can be sent: half of a surrogate pair cannot."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
