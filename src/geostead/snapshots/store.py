"""Snapshots as folders of one folder."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from geostead.errors import SnapshotDamaged, SnapshotMissing
from geostead.formats.base import EntityBatch
from geostead.model.entity_type import EntityType
from geostead.snapshots.base import RenderFragments, Snapshot, WrittenChanges, WrittenSnapshot
from geostead.snapshots.cache import RecentlyUsed
from geostead.snapshots.changes import write_changed_files
from geostead.snapshots.checked_files import FolderFiles, check_files, copy_files
from geostead.snapshots.files import (
    UNFINISHED,
    Manifest,
    check_snapshot_id,
    create_folder,
    is_snapshot_id,
    unfinished_folder,
)
from geostead.snapshots.snapshot import FolderSnapshot
from geostead.snapshots.writer import write_files
from geostead.telemetry.measures import SNAPSHOT_OPENS
from geostead.telemetry.meters import NO_METERS, Meters

_OPEN_SNAPSHOTS = 256


class FolderSnapshots:
    """Snapshots below ``root``: ``{root}/{snapshot id}/…``, unfinished ones with the ending ``.unfinished``."""

    def __init__(self, root: Path, render: RenderFragments, meters: Meters = NO_METERS) -> None:
        self._root = root
        self._meters = meters
        self._render = render
        # A snapshot that another process deleted takes up the disk until the last one that has it open lets go.
        self._open = RecentlyUsed(_OPEN_SNAPSHOTS, self._open_folder, lambda name: self._folder(name).exists())

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
        with create_folder(self._folder(snapshot_id)) as folder:
            return write_files(folder, entity_type, batches, self._render, may_be_empty=may_be_empty)

    def write_changed(self, snapshot_id: str, base_id: str, batches: Iterable[EntityBatch]) -> WrittenChanges:
        """Write the entities of another snapshot with changes, whole or not at all, durable as with :meth:`write`.

        An entity replaces the one of its id whole, or is added; a deletion removes the one of its id. Of rows with one
        id the last one counts. Nothing may be left: a snapshot without entities is as good as any. ``batches`` have
        the entity type of the base. Raises SnapshotMissing or SnapshotDamaged if the base cannot be read, and what
        ``batches`` raises.
        """
        base = self._open.get(base_id)
        with create_folder(self._folder(snapshot_id)) as folder:
            return write_changed_files(folder, base, batches, self._render)

    def open(self, snapshot_id: str) -> Snapshot:
        """Open a snapshot (cheap, cached). Raises SnapshotMissing or SnapshotDamaged."""
        return self._open.get(snapshot_id)

    def open_at_once(self, snapshot_id: str) -> Snapshot | None:
        """Open a snapshot: here that never waits. Raises SnapshotMissing or SnapshotDamaged."""
        return self._open.get(snapshot_id)

    def size_bytes(self, snapshot_id: str) -> int:
        """Return how much all files have together, by the manifest. Raises SnapshotMissing or SnapshotDamaged."""
        return Manifest.read(self._folder(snapshot_id)).size_bytes

    def delete(self, snapshot_id: str) -> None:
        """Delete the files; who has them open reads on. One that does not exist is fine.

        Raises OSError where files cannot be deleted; :meth:`ids` goes on listing the snapshot.
        """
        self._open.drop(snapshot_id)
        folder = self._folder(snapshot_id)
        unfinished = unfinished_folder(folder)
        _delete_folder(unfinished)
        with suppress(FileNotFoundError):
            # Renamed first: who opens it in this moment finds it whole or not at all.
            folder.rename(unfinished)
            _delete_folder(unfinished)

    def ids(self) -> Iterator[str]:
        """List the ids of all snapshots, unfinished ones included."""
        if self._root.is_dir():
            for name in sorted({path.name.removesuffix(UNFINISHED) for path in self._root.iterdir()}):
                if is_snapshot_id(name):
                    yield name

    def check(self, snapshot_id: str) -> None:
        """Hold every file against the size and checksum in the manifest. Raises SnapshotMissing or SnapshotDamaged."""
        folder = self._folder(snapshot_id)
        with _missing_if_deleted(folder):
            check_files(FolderFiles(folder))

    def check_copy(self, folder: Path) -> None:
        """Hold what :meth:`copy_out` wrote against its manifest. Raises SnapshotMissing or SnapshotDamaged."""
        check_files(FolderFiles(folder))

    def copy_out(self, snapshot_id: str, folder: Path) -> None:
        """Copy the files into ``folder``, which is made, checked against the manifest and durable when this returns.

        Raises SnapshotMissing or SnapshotDamaged; then the folder is not there.
        """
        source = self._folder(snapshot_id)
        with _missing_if_deleted(source):
            copy_files(FolderFiles(source), folder)

    def copy_in(self, snapshot_id: str, folder: Path) -> None:
        """Take in what :meth:`copy_out` wrote, whole or not at all, checked and durable; fine if it is there already.

        One that is there but damaged is replaced. Raises SnapshotMissing or SnapshotDamaged.
        """
        final = self._folder(snapshot_id)
        if final.exists():
            try:
                check_files(FolderFiles(final))
            except (SnapshotMissing, SnapshotDamaged):
                check_files(FolderFiles(folder))
                self.delete(snapshot_id)
            else:
                return
        copy_files(FolderFiles(folder), final)

    def ping(self) -> None:
        """Do nothing: a folder has nobody who could fail to answer."""

    def close(self) -> None:
        """Do nothing: files stay mapped for as long as somebody reads them."""

    def _folder(self, snapshot_id: str) -> Path:
        return self._root / check_snapshot_id(snapshot_id)

    def _open_folder(self, snapshot_id: str) -> FolderSnapshot:
        folder = self._folder(snapshot_id)
        self._meters.add(SNAPSHOT_OPENS)
        with _missing_if_deleted(folder):
            return FolderSnapshot(folder, Manifest.read(folder))


def _delete_folder(folder: Path) -> None:
    """Delete a folder with its files; what another process deletes at the same time is fine. Raises OSError."""

    def check(_function: object, _path: object, found: tuple[type[BaseException], BaseException, object]) -> None:
        if not isinstance(found[1], FileNotFoundError):
            raise found[1]

    shutil.rmtree(folder, onerror=check)


@contextmanager
def _missing_if_deleted(folder: Path) -> Iterator[None]:
    """Turn what goes wrong with a folder that is not there any more into SnapshotMissing."""
    try:
        yield
    except (SnapshotDamaged, OSError) as error:
        if folder.exists():
            raise
        raise SnapshotMissing(f"{folder}: deleted while it was read.") from error
