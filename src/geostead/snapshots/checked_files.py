"""Holding the files of a snapshot against its manifest, and copying them while at it."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from pathlib import Path

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


def check_files(folder: Path) -> None:
    """Read every file. Raises SnapshotMissing without a manifest, SnapshotDamaged for what is not as it says."""
    for name, entry in Manifest.read(folder).files.items():
        for _ in _read_checked(folder / name, entry):
            pass


def copy_files(source: Path, target: Path) -> None:
    """Copy the files of a snapshot into a new folder, whole or not at all, checked, and durable when this returns.

    Raises what :func:`check_files` raises, and OSError if ``target`` exists or cannot be written.
    """
    manifest = Manifest.read(source)
    shutil.rmtree(unfinished_folder(target), ignore_errors=True)  # from a copy that was killed
    with create_folder(target) as folder:
        for name, entry in manifest.files.items():
            with create_file(folder / name) as file:
                for chunk in _read_checked(source / name, entry):
                    file.write(chunk)
        write_file(folder / MANIFEST_FILE, manifest.encode())


def _read_checked(path: Path, entry: FileEntry) -> Iterator[bytes]:
    """Return what is in a file; after the last byte raise SnapshotDamaged unless it is what was written."""
    digest, size = hashlib.sha256(), 0
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK_BYTES):
                digest.update(chunk)
                size += len(chunk)
                yield chunk
    except OSError as error:
        raise SnapshotDamaged(f"{path}: cannot be read ({error.strerror}).") from error
    if size != entry.size_bytes:
        raise SnapshotDamaged(f"{path}: {size} bytes; expected {entry.size_bytes}.")
    if digest.hexdigest() != entry.sha256:
        raise SnapshotDamaged(f"{path}: its bytes are not those that were written (SHA-256).")
