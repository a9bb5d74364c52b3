"""The port to the files of versions: written once by a job, then opened by every process and searched."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pyarrow as pa

from geostead.formats.base import EntityBatch
from geostead.geo.box import Rectangle
from geostead.geo.tiles import Tile
from geostead.model.entity import EntityPage, PageRows
from geostead.model.entity_type import EntityType
from geostead.query.bound import BoundQuery
from geostead.snapshots.gathering import Gathered

RenderFragments = Callable[[pa.RecordBatch, EntityType], pa.Array]
"""Turns rows into the byte fragments that JSON replies are put together from (one binary value a row)."""


MAX_LISTED_ROWS = 10_000
"""Rows of one kind that are told one by one: an upload may repeat one id, or delete unknown ones, millions of times."""


@dataclass(frozen=True, slots=True)
class WrittenSnapshot:
    """What writing came to."""

    entity_count: int
    duplicate_count: int
    """How many upload rows were left out because an earlier row has the same entity id."""
    duplicate_rows: tuple[tuple[int, str], ...]
    """The first of these rows, and their entity ids; at most :data:`MAX_LISTED_ROWS`."""


@dataclass(frozen=True, slots=True)
class WrittenChanges:
    """What writing a changed snapshot came to. Of rows and ids at most :data:`MAX_LISTED_ROWS` are listed."""

    entity_count: int
    repeated_count: int
    """How many upload rows (deletions too) do not count because a later row has the same entity id."""
    repeated_rows: tuple[tuple[int, str], ...]
    """The first of these rows, and their entity ids."""
    unknown_count: int
    """How many deletions found no entity of their id in the base."""
    unknown_rows: tuple[tuple[int, str], ...]
    """The first of these rows, and their entity ids."""


class Snapshot(Protocol):
    """The immutable files of one version, open."""

    @property
    def entity_type(self) -> EntityType:
        """The type of its entities."""

    @property
    def entity_count(self) -> int:
        """How many entities it has."""

    @property
    def is_remote(self) -> bool:
        """Whether to find an entity means to ask a server: then it must not be done where it holds up others."""

    def find(self, entity_id: str) -> EntityPage | None:
        """Return the page with this one entity, or None."""

    def search(self, query: BoundQuery) -> EntityPage:
        """Evaluate a bound query."""

    def search_at_once(self, query: BoundQuery) -> EntityPage | None:
        """Evaluate a bound query where that surely takes less than a few hundred microseconds; else return None.

        So it may be called where it holds up others for that long. None says only that it might take longer.
        """

    def gather(self, query: BoundQuery, tile: Tile) -> Gathered:
        """Return the places in a tile of the entities that satisfy the filters of a query; the rest of it is ignored.

        Every entity with coordinates is in exactly one tile of each zoom.
        """

    def shapes(self, query: BoundQuery, rectangles: Sequence[Rectangle], most: int) -> PageRows | None:
        """Return the entities that satisfy the filters of a query and have a geography that may lie in rectangles.

        By entity id; None if there are more than ``most``.
        """

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Return all entities in entity id order, columns by :func:`geostead.model.columns.arrow_schema`."""


class SnapshotStore(Protocol):
    """Snapshots by id."""

    def write(
        self,
        snapshot_id: str,
        entity_type: EntityType,
        batches: Iterable[EntityBatch],
        *,
        may_be_empty: bool = False,
    ) -> WrittenSnapshot:
        """Write a snapshot, whole or not at all: when this returns it is durable and can be opened everywhere.

        Of entities with one id the first row stays. Raises NoValidEntities if there is none, unless that is all right.
        """

    def write_changed(self, snapshot_id: str, base_id: str, batches: Iterable[EntityBatch]) -> WrittenChanges:
        """Write the entities of another snapshot with changes, whole or not at all, durable as with :meth:`write`.

        An entity replaces the one of its id whole, or is added; a deletion removes the one of its id. Of rows with one
        id the last one counts. Nothing may be left: a snapshot without entities is as good as any. ``batches`` have
        the entity type of the base. Raises SnapshotMissing or SnapshotDamaged if the base cannot be read.
        """

    def open(self, snapshot_id: str) -> Snapshot:
        """Open a snapshot (cheap, cached). Raises SnapshotMissing or SnapshotDamaged."""

    def open_at_once(self, snapshot_id: str) -> Snapshot | None:
        """Open a snapshot where that surely takes less than a few milliseconds; else return None.

        So it may be called where it holds up others for that long. None says only that :meth:`open` might have to
        wait, for files to be fetched or for a server. Raises SnapshotMissing or SnapshotDamaged.
        """

    def size_bytes(self, snapshot_id: str) -> int:
        """Return how much room a snapshot takes where it is kept, without opening it.

        Cheap; where somebody else has to be asked that is done once, and remembered. Raises SnapshotMissing,
        SnapshotDamaged or Unavailable.
        """

    def delete(self, snapshot_id: str) -> None:
        """Delete the files; who has them open reads on, or gets Unavailable. One that does not exist is fine.

        Raises OSError or Unavailable where that cannot be done now; :meth:`ids` goes on listing the snapshot.
        """

    def ids(self) -> Iterator[str]:
        """List the ids of all snapshots, unfinished ones included."""

    def check(self, snapshot_id: str) -> None:
        """Hold every file against the size and checksum in the manifest. Raises SnapshotMissing or SnapshotDamaged."""

    def check_copy(self, folder: Path) -> None:
        """Hold what :meth:`copy_out` wrote against its manifest. Raises SnapshotMissing or SnapshotDamaged."""

    def copy_out(self, snapshot_id: str, folder: Path) -> None:
        """Copy the files into ``folder``, which is made, checked against the manifest and durable when this returns.

        Raises SnapshotMissing or SnapshotDamaged; then the folder is not there.
        """

    def copy_in(self, snapshot_id: str, folder: Path) -> None:
        """Take in what :meth:`copy_out` wrote, whole or not at all, checked and durable; fine if it is there already.

        Raises SnapshotMissing or SnapshotDamaged.
        """

    def ping(self) -> None:
        """Return if what keeps the snapshots answers, and takes new ones. Raises Unavailable."""

    def close(self) -> None:
        """Let go of connections; whoever goes on makes new ones."""
