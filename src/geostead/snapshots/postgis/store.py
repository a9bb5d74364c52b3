"""Snapshots as tables of PostgreSQL."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock
from typing import Any

import psycopg
from psycopg import errors, sql

from geostead.errors import SnapshotDamaged, SnapshotMissing, Unavailable, Unfit
from geostead.formats.base import EntityBatch
from geostead.model.entity_type import EntityType
from geostead.snapshots.base import RenderFragments, Snapshot, WrittenChanges, WrittenSnapshot
from geostead.snapshots.cache import RecentlyUsed
from geostead.snapshots.checked_files import FolderFiles, check_files
from geostead.snapshots.postgis.copies import numbered, open_copy, write_copy
from geostead.snapshots.postgis.layout import table_of
from geostead.snapshots.postgis.reader import Reader
from geostead.snapshots.postgis.registry import forget, list_ids, look_up, prepare, table_size_bytes
from geostead.snapshots.postgis.server import NO_CHANGES, REFUSED, Server
from geostead.snapshots.postgis.snapshot import PostgisSnapshot
from geostead.snapshots.postgis.writer import write_changed_entities, write_entities
from geostead.telemetry.measures import SNAPSHOT_OPENS
from geostead.telemetry.meters import NO_METERS, Meters

_SNAPSHOT_ID = re.compile(r"[0-9a-z][0-9a-z-]{0,62}\Z")  # a name has 63 bytes
_OPEN_SNAPSHOTS = 256
_KNOWN_SIZES = 4_096
_LOCK_WAIT_S = 5
_MAY_WRITE = """
    SELECT to_regtype('geometry') IS NOT NULL AND has_schema_privilege('geostead', 'CREATE')
    AND has_table_privilege('geostead._snapshots', 'SELECT') AND has_table_privilege('geostead._snapshots', 'INSERT')
"""


class PostgisSnapshots:
    """Snapshots in the schema ``geostead`` of a database: a table each, and a row in the registry.

    Table and row appear in one transaction: a snapshot is there whole or not at all, and a load that is killed leaves
    nothing. All methods but :meth:`open_at_once` may wait for the server, and raise Unavailable where it does not
    answer.
    """

    def __init__(
        self, url: str, render: RenderFragments, replica_url: str | None = None, meters: Meters = NO_METERS
    ) -> None:
        """Connect to nothing yet."""
        self._meters = meters
        self._primary = Server(url)
        self._replica = None if replica_url is None else Server(replica_url)
        self._reader = Reader(self._primary, self._replica)
        self._render = render
        self._open = RecentlyUsed(_OPEN_SNAPSHOTS, self._look_up, lambda _: True)
        self._sizes = RecentlyUsed(_KNOWN_SIZES, self._look_up_size, lambda _: True)
        self._is_prepared = False
        self._preparing = Lock()

    def write(
        self,
        snapshot_id: str,
        entity_type: EntityType,
        batches: Iterable[EntityBatch],
        *,
        may_be_empty: bool = False,
    ) -> WrittenSnapshot:
        """Write a snapshot, whole or not at all: when this returns it is durable and can be opened everywhere.

        Of entities with one id the first row stays. Raises NoValidEntities if there is none, unless that is all right;
        and what ``batches`` raises.
        """
        with self._writing(snapshot_id) as connection:
            return write_entities(connection, snapshot_id, entity_type, batches, may_be_empty=may_be_empty)

    def write_changed(self, snapshot_id: str, base_id: str, batches: Iterable[EntityBatch]) -> WrittenChanges:
        """Write the entities of another snapshot with changes, whole or not at all, durable as with :meth:`write`.

        Of rows with one id the last one counts. Raises SnapshotMissing or SnapshotDamaged if the base cannot be read,
        and what ``batches`` raises.
        """
        with self._writing(snapshot_id) as connection:
            return write_changed_entities(connection, snapshot_id, base_id, batches)

    def open(self, snapshot_id: str) -> Snapshot:
        """Open a snapshot (cached; else one look at the registry). Raises SnapshotMissing or SnapshotDamaged."""
        return self._open.get(snapshot_id)

    def open_at_once(self, snapshot_id: str) -> Snapshot | None:
        """Return a snapshot that was opened before; else None: the server would have to be asked."""
        return self._open.find(snapshot_id)

    def size_bytes(self, snapshot_id: str) -> int:
        """Return how much the table takes on the server, with its indexes, as it was when it was first asked for.

        Raises SnapshotMissing, or Unavailable.
        """
        return self._sizes.get(snapshot_id)

    def delete(self, snapshot_id: str) -> None:
        """Drop the table, and views of it; a statement that reads it ends first. One that does not exist is fine.

        Raises Unavailable where the table is in use for too long; :meth:`ids` goes on listing the snapshot.
        """
        self._open.drop(snapshot_id)
        self._sizes.drop(snapshot_id)
        if not _SNAPSHOT_ID.match(snapshot_id):
            return
        with suppress(SnapshotMissing), self._primary.writing() as connection:
            # Who waits for a lock on a table makes everybody wait who comes after.
            connection.execute("SELECT set_config('lock_timeout', %s, true)", [f"{_LOCK_WAIT_S}s"])
            forget(connection, snapshot_id)
            connection.execute(sql.SQL("DROP TABLE IF EXISTS {} CASCADE").format(table_of(snapshot_id)))

    def ids(self) -> Iterator[str]:
        """List the ids of all snapshots; unfinished ones are nowhere to be seen, and end with their transaction."""
        with suppress(SnapshotMissing):
            yield from self._primary.read(list_ids)

    def check(self, snapshot_id: str) -> None:
        """Read every value, and count the rows. Raises SnapshotMissing or SnapshotDamaged.

        PostgreSQL finds pages that are not what it wrote, where its data checksums are on.
        """
        _checked(snapshot_id)
        statement = sql.SQL("SELECT count(*), sum(octet_length(__entity::text)) FROM {} AS __entity")

        def read(connection: psycopg.Connection[Any]) -> tuple[int, int]:
            known = look_up(connection, snapshot_id)
            row = connection.execute(statement.format(table_of(snapshot_id))).fetchone()
            assert row is not None
            return known.entity_count, row[0]

        try:
            with self._primary.writing() as connection:  # where nothing ends what takes long
                expected, found = read(connection)
        except (errors.DataCorrupted, errors.IndexCorrupted) as error:
            raise SnapshotDamaged(f"{snapshot_id}: PostgreSQL cannot read it: {error}") from error
        if found != expected:
            raise SnapshotDamaged(f"{snapshot_id}: {found:,} entities; expected {expected:,}.")

    def check_copy(self, folder: Path) -> None:
        """Hold what :meth:`copy_out` wrote against its manifest. Raises SnapshotMissing or SnapshotDamaged."""
        check_files(FolderFiles(folder))

    def copy_out(self, snapshot_id: str, folder: Path) -> None:
        """Write the entities as files into ``folder``, which is made, and durable when this returns.

        Either engine can take it in. Raises SnapshotMissing or SnapshotDamaged; then the folder is not there.
        """
        write_copy(self._look_up(snapshot_id), folder, self._render)

    def copy_in(self, snapshot_id: str, folder: Path) -> None:
        """Take in what either engine copied out, whole or not at all, checked and durable; fine if it is there already.

        Raises SnapshotMissing or SnapshotDamaged.
        """
        check_files(FolderFiles(folder))
        with suppress(SnapshotMissing):
            self._look_up(snapshot_id)
            return
        copy = open_copy(folder)
        with self._writing(snapshot_id) as connection:
            write_entities(connection, snapshot_id, copy.entity_type, numbered(copy.batches()), may_be_empty=True)

    def try_out(self) -> None:
        """Make schema and registry where they are missing. Raises Unavailable; Unfit where trying again is no help."""
        try:
            with self._primary.writing() as connection:
                prepare(connection)
                is_fit = connection.execute(_MAY_WRITE).fetchone() == (True,)
        except errors.InsufficientPrivilege as error:
            raise Unfit(REFUSED) from error
        if not is_fit:
            raise Unfit(REFUSED)
        self.ping()

    def ping(self) -> None:
        """Return if the server answers and takes changes. Raises Unavailable."""
        ask = "SELECT current_setting('transaction_read_only')"
        if self._primary.read(lambda connection: connection.execute(ask).fetchone()) != ("off",):
            raise Unavailable(NO_CHANGES)

    def close(self) -> None:
        """Let go of connections; whoever goes on makes new ones."""
        for server in (self._primary, self._replica):
            if server is not None:
                server.close()

    def _look_up(self, snapshot_id: str) -> PostgisSnapshot:
        _checked(snapshot_id)
        known = self._reader.read(lambda connection: look_up(connection, snapshot_id))
        self._meters.add(SNAPSHOT_OPENS)
        return PostgisSnapshot(snapshot_id, known, self._reader, self._render)

    def _look_up_size(self, snapshot_id: str) -> int:
        _checked(snapshot_id)
        return self._reader.read(lambda connection: table_size_bytes(connection, snapshot_id))

    @contextmanager
    def _writing(self, snapshot_id: str) -> Iterator[psycopg.Connection[Any]]:
        _checked(snapshot_id)
        with self._preparing:
            if not self._is_prepared:
                with self._primary.writing() as connection:
                    prepare(connection)
                self._is_prepared = True
        with self._primary.writing() as connection:
            yield connection


def _checked(snapshot_id: str) -> None:
    if not _SNAPSHOT_ID.match(snapshot_id):
        raise SnapshotMissing(f"'{snapshot_id}' cannot be the id of a snapshot in PostgreSQL.")
