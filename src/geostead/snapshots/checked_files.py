"""Holding the files of a snapshot against its manifest, and copying them while at it."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from geostead.errors import SnapshotDamaged
from geostead.snapshots.files import (
    MANIFEST_FILE,
    FileEntry,
    Manifest,
    create_file,
    create_folder,
    unfinished_folder,
    write_file,
)

_CHUNK_BYTES = 2**20


class SnapshotFiles(Protocol):
    """The files of a snapshot, wherever they are."""

    def manifest(self) -> Manifest:
        """Return the manifest. Raises SnapshotMissing without one, SnapshotDamaged where it is none."""

    def place(self, name: str) -> str:
        """Return where a file is, for people."""

    def open(self, name: str, entry: FileEntry) -> BinaryIO:
        """Open a file that the manifest names. Raises OSError where it cannot be read."""


@dataclass(frozen=True, slots=True)
class FolderFiles:
    """The files of a snapshot in a folder; implements :class:`SnapshotFiles`."""

    folder: Path

    def manifest(self) -> Manifest:
        """Read the manifest."""
        return Manifest.read(self.folder)

    def place(self, name: str) -> str:
        """Return the path of a file."""
        return str(self.folder / name)

    def open(self, name: str, _entry: FileEntry) -> BinaryIO:
        """Open a file."""
        return (self.folder / name).open("rb")


def check_files(files: SnapshotFiles) -> None:
    """Read every file. Raises SnapshotMissing without a manifest, SnapshotDamaged for what is not as it says."""
    for name, entry in files.manifest().files.items():
        check_file(files, name, entry)


def check_file(files: SnapshotFiles, name: str, entry: FileEntry) -> None:
    """Read a file. Raises SnapshotDamaged unless it is what was written."""
    for _ in _read_checked(files, name, entry):
        pass


def copy_files(files: SnapshotFiles, target: Path) -> None:
    """Copy the files of a snapshot into a new folder, whole or not at all, checked, and durable when this returns.

    Raises what :func:`check_files` raises, and OSError if ``target`` exists or cannot be written.
    """
    manifest = files.manifest()
    shutil.rmtree(unfinished_folder(target), ignore_errors=True)  # from a copy that was killed
    with create_folder(target) as folder:
        for name, entry in manifest.files.items():
            with create_file(folder / name) as file:
                for chunk in _read_checked(files, name, entry):
                    file.write(chunk)
        write_file(folder / MANIFEST_FILE, manifest.encode())


def _read_checked(files: SnapshotFiles, name: str, entry: FileEntry) -> Iterator[bytes]:
    """Return what is in a file; after the last byte raise SnapshotDamaged unless it is what was written."""
    digest, size = hashlib.sha256(), 0
    try:
        with files.open(name, entry) as file:
            while chunk := file.read(_CHUNK_BYTES):
                digest.update(chunk)
                size += len(chunk)
                yield chunk
    except OSError as error:
        raise SnapshotDamaged(f"{files.place(name)}: cannot be read ({error.strerror or error}).") from error
    if size != entry.size_bytes:
        raise SnapshotDamaged(f"{files.place(name)}: {size} bytes; expected {entry.size_bytes}.")
    if digest.hexdigest() != entry.sha256:
        raise SnapshotDamaged(f"{files.place(name)}: its bytes are not those that were written (SHA-256).")
