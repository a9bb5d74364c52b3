"""Two engines behind one port: the id of a snapshot says which one it was made with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from geostead.errors import SnapshotMissing
from geostead.formats.base import EntityBatch
from geostead.model.engine import EntityEngine, engine_of, scratch_of
from geostead.model.entity_type import EntityType
from geostead.snapshots.base import Snapshot, SnapshotStore, WrittenChanges, WrittenSnapshot
from geostead.snapshots.postgis.copies import numbered
from geostead.snapshots.postgis.store import PostgisSnapshots


class ByEngine:
    """Sends each snapshot to its engine; implements :class:`geostead.snapshots.base.SnapshotStore`.

    A backup may have been restored while there was no PostgreSQL. Then ``files`` has snapshots that were made with
    PostGIS, and they are found there.
    """

    def __init__(self, files: SnapshotStore, postgis: PostgisSnapshots) -> None:
        self._files = files
        self._postgis = postgis

    def write(
        self,
        snapshot_id: str,
        entity_type: EntityType,
        batches: Iterable[EntityBatch],
        *,
        may_be_empty: bool = False,
    ) -> WrittenSnapshot:
        """Write a snapshot with the engine that its id names. Raises what that one raises."""
        return self._named(snapshot_id).write(snapshot_id, entity_type, batches, may_be_empty=may_be_empty)

    def write_changed(self, snapshot_id: str, base_id: str, batches: Iterable[EntityBatch]) -> WrittenChanges:
        """Write a changed snapshot with the engine that its id names, whichever has the base.

        From one engine to the other, the base is written there first, and deleted in the end. Raises what the engines
        raise.
        """
        target, source = self._named(snapshot_id), self._holder(base_id)
        if target is source:
            return target.write_changed(snapshot_id, base_id, batches)
        copy_id = scratch_of(snapshot_id)
        try:
            base = source.open(base_id)
            target.write(copy_id, base.entity_type, numbered(base.batches()), may_be_empty=True)
            return target.write_changed(snapshot_id, copy_id, batches)
        finally:
            target.delete(copy_id)

    def open(self, snapshot_id: str) -> Snapshot:
        """Open a snapshot. Raises SnapshotMissing or SnapshotDamaged; Unavailable."""
        return self._holder(snapshot_id).open(snapshot_id)

    def open_at_once(self, snapshot_id: str) -> Snapshot | None:
        """Open a snapshot unless that means to wait. Raises SnapshotMissing or SnapshotDamaged."""
        return self._named(snapshot_id).open_at_once(snapshot_id)

    def size_bytes(self, snapshot_id: str) -> int:
        """Return how much room a snapshot takes. Raises SnapshotMissing, SnapshotDamaged or Unavailable."""
        return self._holder(snapshot_id).size_bytes(snapshot_id)

    def delete(self, snapshot_id: str) -> None:
        """Delete a snapshot wherever it is. Raises OSError or Unavailable where that is not possible now."""
        if engine_of(snapshot_id) is EntityEngine.POSTGIS:
            self._postgis.delete(snapshot_id)
        self._files.delete(snapshot_id)

    def ids(self) -> Iterator[str]:
        """List the ids of all snapshots of both engines, unfinished ones included."""
        yield from self._files.ids()
        yield from self._postgis.ids()

    def check(self, snapshot_id: str) -> None:
        """Read a snapshot and hold it against what is known of it. Raises SnapshotMissing or SnapshotDamaged."""
        self._holder(snapshot_id).check(snapshot_id)

    def check_copy(self, folder: Path) -> None:
        """Hold what :meth:`copy_out` wrote against its manifest. Raises SnapshotMissing or SnapshotDamaged."""
        self._files.check_copy(folder)

    def copy_out(self, snapshot_id: str, folder: Path) -> None:
        """Copy a snapshot into ``folder``; the copies of both engines are alike. Raises what the engine raises."""
        self._holder(snapshot_id).copy_out(snapshot_id, folder)

    def copy_in(self, snapshot_id: str, folder: Path) -> None:
        """Take in a copy with the engine that the id names. Raises SnapshotMissing or SnapshotDamaged."""
        self._named(snapshot_id).copy_in(snapshot_id, folder)

    def ping(self) -> None:
        """Return if both engines answer. Raises Unavailable."""
        self._files.ping()
        self._postgis.ping()

    def close(self) -> None:
        """Let go of connections; whoever goes on makes new ones."""
        self._postgis.close()
        self._files.close()

    def _named(self, snapshot_id: str) -> SnapshotStore:
        return self._postgis if engine_of(snapshot_id) is EntityEngine.POSTGIS else self._files

    def _holder(self, snapshot_id: str) -> SnapshotStore:
        """Return the engine that has a snapshot, or else the one that would."""
        if self._named(snapshot_id) is self._files:
            return self._files
        try:
            self._postgis.open(snapshot_id)
        except SnapshotMissing:
            return self._files
        return self._postgis
