"""A backup as a folder.

::

    backup.json            the contents; replaced at once, after everything that it names is durable
    backup.lock            locked by whoever writes to the folder or restores from it
    catalog-{id}           a copy of the catalog
    snapshots/{id}/        as in a data folder
    blobs/{name}           as in a data folder

Whatever ``backup.json`` does not name does not count. So a backup that is broken off leaves the one before it as it
was, and the next one goes on with the snapshots that were already copied. Nothing is trusted for lying there: what an
earlier backup left is read and held against its checksums before it counts for another one.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from geostead.backups.contents import Contents, StoredFile
from geostead.durable import make_folder, replace_file, sync_folder
from geostead.errors import BackupDamaged, InvalidParameter, Unavailable

CONTENTS_FILE = "backup.json"
LOCK_FILE = "backup.lock"
_SNAPSHOTS = "snapshots"
_BLOBS = "blobs"
_CATALOG = "catalog-"
_CHUNK_BYTES = 2**20


class BackupFolder:
    """One folder for one installation. Nothing is made or read before :meth:`writing` or :meth:`reading`."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @contextmanager
    def writing(self) -> Iterator[Contents | None]:
        """Make the folder if it is missing, keep others out, and return what the earlier backup in it holds.

        Raises InvalidParameter (``backup``) for a folder of something else, Unavailable while it is in use.
        """
        if not self._path.exists():
            make_folder(self._path.parent)
            self._path.mkdir(mode=0o700, exist_ok=True)  # it will hold everybody's data
            sync_folder(self._path.parent)
        if not (self._path / LOCK_FILE).exists() and any(self._path.iterdir()):
            raise InvalidParameter("backup", str(self._path), "a new or empty folder, or one with an earlier backup")
        with _locked(self._path / LOCK_FILE, os.O_RDWR | os.O_CREAT, fcntl.LOCK_EX):
            yield self._read() if (self._path / CONTENTS_FILE).exists() else None

    @contextmanager
    def reading(self) -> Iterator[Contents]:
        """Return what the backup holds, which stays as it is until the block is left.

        Raises InvalidParameter (``backup``) where there is no whole backup, Unavailable while it is being written.
        """
        if not (self._path / CONTENTS_FILE).exists():
            raise InvalidParameter("backup", str(self._path), "a folder that 'geostead backup' has completed")
        with _locked(self._path / LOCK_FILE, os.O_RDONLY, fcntl.LOCK_SH):
            yield self._read()

    def catalog_path(self, name: str) -> Path:
        """Return where the copy of the catalog of that name lies, or will."""
        return self._path / (_CATALOG + name)

    def snapshot_path(self, snapshot_id: str) -> Path:
        """Return where the files of a snapshot lie, or will: whole, if they are there at all."""
        return self._path / _SNAPSHOTS / snapshot_id

    def describe_catalog(self, name: str) -> StoredFile:
        """Return size and checksum of a copy of the catalog."""
        path = self.catalog_path(name)
        with path.open("rb") as file:
            return StoredFile(path.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest())

    def check_catalog(self, contents: Contents) -> Path:
        """Return the path of the catalog. Raises BackupDamaged if it is not what was written."""
        path = self.catalog_path(contents.catalog)
        for _ in _read_checked(path, contents.catalog_file):
            pass
        return path

    def drop_snapshot(self, snapshot_id: str) -> None:
        """Delete a snapshot, so that it can be copied again; one that is not there is fine."""
        path = self.snapshot_path(snapshot_id)
        if path.exists():
            shutil.rmtree(path)

    def has_blob(self, name: str, written: StoredFile) -> bool:
        """Tell whether a blob is there and is what was written; all of it is read."""
        try:
            for _ in self.read_blob(name, written):
                pass
        except BackupDamaged:
            return False
        return True

    def add_blob(self, name: str, source: BinaryIO) -> StoredFile:
        """Copy a blob to its place, in place of one that is there, durable when this returns."""
        final = self._path / _BLOBS / name
        make_folder(final.parent)
        temporary = final.with_name(f".{final.name}")
        digest, size = hashlib.sha256(), 0
        with temporary.open("wb") as file:
            while chunk := source.read(_CHUNK_BYTES):
                file.write(chunk)
                digest.update(chunk)
                size += len(chunk)
        replace_file(temporary, final)
        return StoredFile(size, digest.hexdigest())

    def read_blob(self, name: str, written: StoredFile) -> Iterator[bytes]:
        """Return what is in a blob; after the last byte raise BackupDamaged unless it is what was written."""
        return _read_checked(self._path / _BLOBS / name, written)

    def finish(self, contents: Contents) -> None:
        """Make these files the backup, at once, then delete what belongs to it no more."""
        temporary = self._path / f".{CONTENTS_FILE}"
        temporary.write_bytes(contents.encode())
        replace_file(temporary, self._path / CONTENTS_FILE)
        kept = {self.catalog_path(contents.catalog)}
        _delete(path for path in self._path.glob(f"{_CATALOG}*") if path not in kept)
        _delete(path for path in (self._path / _SNAPSHOTS).glob("*") if path.name not in contents.snapshots)
        blobs = self._path / _BLOBS
        _delete(path for path in blobs.glob("*/*") if path.relative_to(blobs).as_posix() not in contents.blobs)

    def _read(self) -> Contents:
        path = self._path / CONTENTS_FILE
        try:
            return Contents.decode(path.read_bytes())
        except ValueError as error:
            raise BackupDamaged(f"{path}: {error}.") from error


def _delete(paths: Iterable[Path]) -> None:
    for path in paths:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()


def _read_checked(path: Path, written: StoredFile) -> Iterator[bytes]:
    digest, size = hashlib.sha256(), 0
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK_BYTES):
                digest.update(chunk)
                size += len(chunk)
                yield chunk
    except OSError as error:
        raise BackupDamaged(f"{path}: cannot be read ({error.strerror}).") from error
    if StoredFile(size, digest.hexdigest()) != written:
        raise BackupDamaged(f"{path}: its bytes are not those that were written (size or SHA-256).")


@contextmanager
def _locked(path: Path, flags: int, lock: int) -> Iterator[None]:
    descriptor = os.open(path, flags, 0o600)
    try:
        try:
            fcntl.flock(descriptor, lock | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Unavailable(f"{path.parent}: another backup or restore is using this folder.") from error
        yield
    finally:
        os.close(descriptor)
