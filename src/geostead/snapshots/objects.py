"""Snapshots in an object store, mapped from a cache on the disk of the node.

What is opened for the first time on a node is fetched by one of its processes, and the others wait for that one. A
snapshot that is open holds on to its folder in the cache for as long as anybody reads it; one that nobody has asked for
in a while is let go, so that it can be evicted.
"""

from __future__ import annotations

import errno
import logging
import os
import threading
import time
import weakref
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

from geostead.durable import NO_ROOM
from geostead.errors import DiskFull, SnapshotDamaged, SnapshotMissing, Unavailable
from geostead.formats.base import EntityBatch
from geostead.model.entity_type import EntityType
from geostead.objects.base import ObjectStore
from geostead.snapshots.base import RenderFragments, Snapshot, WrittenChanges, WrittenSnapshot
from geostead.snapshots.cache import RecentlyUsed
from geostead.snapshots.changes import write_changed_files
from geostead.snapshots.checked_files import FolderFiles, check_files, copy_files
from geostead.snapshots.files import MANIFEST_FILE, Manifest, check_snapshot_id, write_file
from geostead.snapshots.node_cache import LOOK_S, RESERVED_FILE, NodeCache
from geostead.snapshots.snapshot import FolderSnapshot
from geostead.snapshots.stored_files import PREFIX, StoredFiles, stored_ids
from geostead.snapshots.writer import write_files
from geostead.telemetry.measures import CACHE_FETCHED, CACHE_HITS, CACHE_MISSES, SNAPSHOT_OPENS
from geostead.telemetry.meters import NO_METERS, Meters
from geostead.telemetry.trace import span

SWEEP_S = 30.0
"""How often a process lets go of what nobody asked for since, and tidies the cache up."""
REST_S = 2.0
"""How long a process fetches nothing for queries after the disk of the cache was full."""
_OPEN_SNAPSHOTS = 256
_KNOWN_SIZES = 4_096
_TURN_S = 5.0
"""How long to wait for who only looks what a killed process left under the name that is to be written."""
_MAPPING_ATTEMPTS = 500
"""Looks at a folder that somebody else has finished, :data:`geostead.snapshots.node_cache.LOOK_S` apart."""

_log = logging.getLogger(__name__)


class ObjectSnapshots:
    """Snapshots in ``objects``, kept in ``cache`` while they are used."""

    def __init__(
        self, objects: ObjectStore, cache: NodeCache, render: RenderFragments, meters: Meters = NO_METERS
    ) -> None:
        self._objects = objects
        self._cache = cache
        self._render = render
        self._meters = meters
        self._open = RecentlyUsed(_OPEN_SNAPSHOTS, self._fetched, cache.has)
        self._sizes = RecentlyUsed(_KNOWN_SIZES, partial(_size_of, objects), lambda _: True)
        self._sweeper = _Sweeper(self)
        self._rests_until_s = 0.0

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
        FileExistsError if there is a snapshot of that id, and what ``batches`` raises.
        """
        with self._written(snapshot_id) as folder:
            return write_files(folder, entity_type, batches, self._render, may_be_empty=may_be_empty)

    def write_changed(self, snapshot_id: str, base_id: str, batches: Iterable[EntityBatch]) -> WrittenChanges:
        """Write the entities of another snapshot with changes, whole or not at all, durable as with :meth:`write`.

        An entity replaces the one of its id whole, or is added; a deletion removes the one of its id. Of rows with one
        id the last one counts. Nothing may be left: a snapshot without entities is as good as any. ``batches`` have
        the entity type of the base. Raises SnapshotMissing or SnapshotDamaged if the base cannot be read, and what
        ``batches`` raises.
        """
        base = self._opened(base_id)
        with self._written(snapshot_id) as folder:
            return write_changed_files(folder, base, batches, self._render)

    def open(self, snapshot_id: str) -> Snapshot:
        """Open a snapshot, fetched if it has to be. Raises SnapshotMissing, SnapshotDamaged or Unavailable."""
        return self._opened(snapshot_id)

    def open_at_once(self, snapshot_id: str) -> Snapshot | None:
        """Open a snapshot that is open or in the cache, None if it is not. Raises SnapshotMissing for a wrong id."""
        found = self._open.find(snapshot_id)
        if found is None:
            found = self._mapped(check_snapshot_id(snapshot_id))
            if found is not None:
                self._sweeper.start()
                self._open.keep(snapshot_id, found)
        return found

    def size_bytes(self, snapshot_id: str) -> int:
        """Return how much all objects have together, by the manifest, which is read once and not fetched further.

        Raises SnapshotMissing, SnapshotDamaged or Unavailable.
        """
        return self._sizes.get(snapshot_id)

    def delete(self, snapshot_id: str) -> None:
        """Delete the files; who has them open reads on. One that does not exist is fine.

        Raises Unavailable where the store does not answer; :meth:`ids` goes on listing what is left. Other nodes have
        theirs until they need the room, or learn that nobody needs it.
        """
        self._sizes.drop(snapshot_id)
        self._stored(snapshot_id).delete()
        self.forget(snapshot_id)

    def ids(self) -> Iterator[str]:
        """List the ids of all snapshots in the store, unfinished ones included."""
        return stored_ids(self._objects)

    def check(self, snapshot_id: str) -> None:
        """Hold every object against the size and checksum in the manifest. Raises SnapshotMissing or SnapshotDamaged.

        What the cache has is not looked at: it can be fetched again.
        """
        with self._missing_if_deleted(snapshot_id) as stored:
            check_files(stored)

    def check_copy(self, folder: Path) -> None:
        """Hold what :meth:`copy_out` wrote against its manifest. Raises SnapshotMissing or SnapshotDamaged."""
        check_files(FolderFiles(folder))

    def copy_out(self, snapshot_id: str, folder: Path) -> None:
        """Copy the objects into ``folder``, which is made, checked against the manifest and durable when this returns.

        Raises SnapshotMissing or SnapshotDamaged; then the folder is not there.
        """
        with self._missing_if_deleted(snapshot_id) as stored:
            copy_files(stored, folder)

    def copy_in(self, snapshot_id: str, folder: Path) -> None:
        """Take in what :meth:`copy_out` wrote, whole or not at all, checked and durable; fine if it is there already.

        One that is there but damaged is replaced. Raises SnapshotMissing or SnapshotDamaged.
        """
        try:
            self.check(snapshot_id)
        except (SnapshotMissing, SnapshotDamaged):
            check_files(FolderFiles(folder))
            self.delete(snapshot_id)
            self._upload(snapshot_id, folder)

    def ping(self) -> None:
        """Ask for one small object, which need not be there. Raises Unavailable."""
        with suppress(FileNotFoundError):
            self._objects.read(f"{PREFIX}probes")

    def close(self) -> None:
        """Do nothing: files stay mapped for as long as somebody reads them."""

    def fetched_at_s(self) -> dict[str, float]:
        """Return the ids of what is in the cache, and when each was used last, in seconds since the epoch."""
        return self._cache.used_at_s()

    def fetch_ahead(self, snapshot_id: str, used_at_s: float) -> bool:
        """Fetch a snapshot that nobody has asked for yet, into room of what was used before ``used_at_s``.

        It then counts as used at that time. Return whether it is in the cache now; False: there is no such room. Raises
        SnapshotMissing, SnapshotDamaged or Unavailable.
        """
        self._sweeper.start()
        try:
            with _cache_trouble(), self._cache.fill(check_snapshot_id(snapshot_id)) as folder:
                if folder is not None:
                    self._download(snapshot_id, folder, used_at_s)
                    os.utime(folder, (used_at_s, used_at_s))
        except _NoRoom:
            return False
        return True

    def forget(self, snapshot_id: str) -> None:
        """Take a snapshot out of the cache; who has it open reads on."""
        self._open.drop(snapshot_id)
        self._cache.drop(check_snapshot_id(snapshot_id))

    def sweep(self) -> None:
        """Let go of what nobody asked for since the last call of this, and tidy the cache up."""
        for snapshot_id in self._open.let_go_idle():
            self._cache.touch(snapshot_id)
        self._cache.tidy_up()

    def _stored(self, snapshot_id: str) -> StoredFiles:
        return StoredFiles(self._objects, check_snapshot_id(snapshot_id))

    @contextmanager
    def _written(self, snapshot_id: str) -> Iterator[Path]:
        """Hand out a folder for the files of a new snapshot, and make it one afterwards."""
        self._sweeper.start()
        with self._cache.fill(check_snapshot_id(snapshot_id), wait_s=_TURN_S) as folder:
            if folder is None:
                raise _exists(snapshot_id)
            with self._making_room_if_full():
                yield folder
            self._cache.reserve(folder, 0)  # what was written counts by itself
            self._upload(snapshot_id, folder)

    @contextmanager
    def _making_room_if_full(self) -> Iterator[None]:
        """Where the disk is full, let what is idle on it go. Raises Unavailable if that has made room."""
        try:
            yield
        except OSError as error:
            if error.errno in NO_ROOM and self._cache.evict_idle():
                raise Unavailable("The disk of the cache was full; what was idle there made room.") from error
            raise

    def _upload(self, snapshot_id: str, folder: Path) -> None:
        if not self._stored(snapshot_id).upload(folder):
            raise _exists(snapshot_id)

    def _opened(self, snapshot_id: str) -> FolderSnapshot:
        self._sweeper.start()
        return self._open.get(check_snapshot_id(snapshot_id))

    def _fetched(self, snapshot_id: str) -> FolderSnapshot:
        """Map a snapshot, fetched if nobody has."""
        for _ in range(_MAPPING_ATTEMPTS):
            snapshot = self._mapped(snapshot_id)
            if snapshot is None:
                with _cache_trouble(), self._resting(), self._cache.fill(snapshot_id) as folder:
                    if folder is not None:
                        self._meters.add(CACHE_MISSES)
                        # Mapped before it has its name: so it cannot be evicted in between.
                        snapshot = FolderSnapshot(folder, self._download(snapshot_id, folder, None))
                if snapshot is not None:
                    self._hold(snapshot, self._cache.hold(snapshot_id))
                    self._meters.add(SNAPSHOT_OPENS)
            if snapshot is not None:
                return snapshot
            time.sleep(LOOK_S)  # another process has just finished it, or evicts it in this moment
        raise Unavailable("The data is in the cache of this node but cannot be opened.")

    @contextmanager
    def _resting(self) -> Iterator[None]:
        """Fetch nothing for a moment after the disk was full: each attempt would fill it up again."""
        if time.monotonic() < self._rests_until_s:
            raise OSError(errno.ENOSPC, "The disk was full a moment ago")
        try:
            yield
        except OSError as error:
            if error.errno in NO_ROOM:
                self._rests_until_s = time.monotonic() + REST_S
            raise

    def _mapped(self, snapshot_id: str) -> FolderSnapshot | None:
        """Map a snapshot that the cache has; None if it has not, or no more."""
        lock = self._cache.hold(snapshot_id)
        if lock is None:
            return None
        folder = self._cache.path(snapshot_id)
        try:
            snapshot = FolderSnapshot(folder, Manifest.read(folder))
        except (SnapshotDamaged, SnapshotMissing):
            os.close(lock)
            _log.exception("Damaged in the cache; it will be fetched again.", extra={"snapshot": snapshot_id})
            self._cache.drop(snapshot_id)
            return None
        except BaseException:
            os.close(lock)
            raise
        self._hold(snapshot, lock)
        self._meters.add(CACHE_HITS)
        self._meters.add(SNAPSHOT_OPENS)
        return snapshot

    def _hold(self, snapshot: FolderSnapshot, lock: int | None) -> None:
        """Keep a lock on the folder until nobody reads any of its rows any more."""
        if lock is not None:
            weakref.finalize(snapshot.columns, os.close, lock)

    def _download(self, snapshot_id: str, folder: Path, older_than_s: float | None) -> Manifest:
        """Write all files into a folder, whose room is made of what was used before; None: of whatever can go."""
        with span("fetch snapshot"), self._missing_if_deleted(snapshot_id) as stored:
            data = stored.manifest_bytes()
            manifest = Manifest.decode(data, stored.prefix)
            if not self._cache.reserve(folder, manifest.size_bytes, older_than_s) and older_than_s is not None:
                raise _NoRoom
            try:
                stored.download(manifest, folder)
            except OSError as error:
                if error.errno not in NO_ROOM:
                    raise
                self._cache.evict_idle()
                stored.download(manifest, folder)
        self._meters.add(CACHE_FETCHED, amount=manifest.size_bytes)
        write_file(folder / MANIFEST_FILE, data)
        (folder / RESERVED_FILE).unlink()
        return manifest

    @contextmanager
    def _missing_if_deleted(self, snapshot_id: str) -> Iterator[StoredFiles]:
        """Turn what goes wrong with a snapshot that is not in the store any more into SnapshotMissing."""
        stored = self._stored(snapshot_id)
        try:
            yield stored
        except SnapshotDamaged:
            stored.manifest_bytes()
            raise


class _NoRoom(Exception):
    """Something that was used more recently would have to go."""


class _Sweeper:
    """Sweeps a store for as long as there is one, on a thread that starts with the first snapshot."""

    def __init__(self, store: ObjectSnapshots) -> None:
        self._thread = threading.Thread(target=_sweep, args=(weakref.ref(store),), name="cache", daemon=True)
        self._starting = threading.Lock()

    def start(self) -> None:
        """Begin, unless that has been done."""
        if self._thread.ident is None:
            with self._starting:
                if self._thread.ident is None:
                    self._thread.start()


def _sweep(find_store: Callable[[], ObjectSnapshots | None]) -> None:
    while True:
        time.sleep(SWEEP_S)
        store = find_store()
        if store is None:
            return
        try:
            store.sweep()
        except (OSError, Unavailable):  # the next time may be better
            _log.exception("Could not tidy the cache up.")
        del store


def _size_of(objects: ObjectStore, snapshot_id: str) -> int:
    return StoredFiles(objects, check_snapshot_id(snapshot_id)).manifest().size_bytes


def _exists(snapshot_id: str) -> FileExistsError:
    return FileExistsError(errno.EEXIST, "There is such a snapshot, of other bytes", snapshot_id)


@contextmanager
def _cache_trouble() -> Iterator[None]:
    """Turn errors of the cache's disk into what a query may meet: another one may fare better."""
    try:
        yield
    except OSError as error:
        if error.errno in NO_ROOM:
            raise DiskFull from error
        raise Unavailable(f"The cache of this node cannot be written: {error.strerror}.") from error
