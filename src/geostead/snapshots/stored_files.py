"""The files of snapshots as objects of a store.

::

    snapshots/{snapshot id}/manifest.json
    snapshots/{snapshot id}/{SHA-256, 32 digits of it}.{file name}

Only the manifest makes a snapshot: it is written last, unless there is one, and deleted first. The names of the others
depend on their bytes, so that two workers that write one snapshot never overwrite each other's files with different
ones, and each file is what the manifest that names it means.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import BinaryIO

from geostead.ahead import THREADS
from geostead.durable import sync_file
from geostead.errors import SnapshotDamaged, SnapshotMissing
from geostead.objects.base import ObjectStore
from geostead.snapshots.checked_files import FolderFiles, check_file
from geostead.snapshots.files import MANIFEST_FILE, FileEntry, Manifest, is_snapshot_id

PREFIX = "snapshots/"
_DIGITS = 32


@dataclass(frozen=True, slots=True)
class StoredFiles:
    """The objects of one snapshot; implements :class:`geostead.snapshots.checked_files.SnapshotFiles`."""

    objects: ObjectStore
    snapshot_id: str

    @property
    def prefix(self) -> str:
        """What the names of all its objects begin with."""
        return f"{PREFIX}{self.snapshot_id}/"

    @property
    def manifest_name(self) -> str:
        """The name of the object that makes it exist."""
        return self.prefix + MANIFEST_FILE

    def manifest(self) -> Manifest:
        """Read the manifest. Raises SnapshotMissing without one, SnapshotDamaged where it is none, Unavailable."""
        return Manifest.decode(self.manifest_bytes(), self.prefix)

    def manifest_bytes(self) -> bytes:
        """Read the manifest as it is. Raises SnapshotMissing, Unavailable."""
        try:
            return self.objects.read(self.manifest_name)
        except FileNotFoundError as error:
            raise SnapshotMissing(f"{self.prefix}: there is no such snapshot in the store.") from error

    def place(self, name: str) -> str:
        """Return where a file is, for people."""
        return f"{self.prefix}…{name}"

    def open(self, name: str, entry: FileEntry) -> BinaryIO:
        """Open a file. Raises FileNotFoundError, Unavailable."""
        return self.objects.open(self._object_name(name, entry))

    def upload(self, folder: Path) -> bool:
        """Write the files of a folder, the manifest last; return whether this made the snapshot.

        False: somebody else has made it, of other bytes. Raises Unavailable.
        """
        manifest = Manifest.read(folder)

        def put(name: str, entry: FileEntry) -> None:
            self.objects.put_file(self._object_name(name, entry), folder / name, entry.sha256)

        with ThreadPoolExecutor(THREADS, thread_name_prefix="upload") as threads:
            for _ in threads.map(put, manifest.files.keys(), manifest.files.values()):
                pass
        return self.objects.create(self.manifest_name, (folder / MANIFEST_FILE).read_bytes())

    def download(self, manifest: Manifest, folder: Path) -> None:
        """Write all files into a folder, each held against the manifest.

        What arrives damaged is fetched once more. Raises SnapshotMissing if the snapshot is deleted meanwhile,
        SnapshotDamaged, Unavailable, OSError of the disk.
        """

        def fetch(name: str, entry: FileEntry) -> None:
            try:
                self._fetch(name, entry, folder)
            except SnapshotDamaged:
                self._fetch(name, entry, folder)

        with ThreadPoolExecutor(THREADS, thread_name_prefix="download") as threads:
            for _ in threads.map(fetch, manifest.files.keys(), manifest.files.values()):
                pass

    def delete(self) -> None:
        """Delete all objects, whoever wrote them. Raises Unavailable."""
        self.objects.delete(self.manifest_name)
        for found in list(self.objects.list(self.prefix)):
            self.objects.delete(found.name)

    def _fetch(self, name: str, entry: FileEntry, folder: Path) -> None:
        path = folder / name
        path.unlink(missing_ok=True)
        try:
            self.objects.fetch_file(self._object_name(name, entry), path)
        except FileNotFoundError as error:
            raise SnapshotDamaged(f"{self.place(name)}: there is no such object.") from error
        check_file(FolderFiles(folder), name, entry)
        sync_file(path)

    def _object_name(self, name: str, entry: FileEntry) -> str:
        return f"{self.prefix}{entry.sha256[:_DIGITS]}.{name}"


def stored_ids(objects: ObjectStore) -> Iterator[str]:
    """Return the ids of all snapshots that have objects, finished or not. Raises Unavailable."""
    names: Iterable[str] = (found.name.removeprefix(PREFIX).partition("/")[0] for found in objects.list(PREFIX))
    return (name for name, _ in groupby(names) if is_snapshot_id(name))
