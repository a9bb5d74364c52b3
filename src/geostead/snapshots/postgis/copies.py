"""Copies of snapshots in the form of :mod:`geostead.snapshots.files`: for a backup both engines are the same."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa

from geostead.formats.base import EntityBatch
from geostead.snapshots.base import RenderFragments, Snapshot
from geostead.snapshots.files import Manifest, create_folder, unfinished_folder
from geostead.snapshots.snapshot import FolderSnapshot
from geostead.snapshots.writer import write_sorted_files


def write_copy(snapshot: Snapshot, folder: Path, render: RenderFragments) -> None:
    """Write all entities of a snapshot into a new folder, durably. Memory holds them all at once.

    Raises what reading the snapshot raises; then the folder is not there.
    """
    shutil.rmtree(unfinished_folder(folder), ignore_errors=True)  # from a copy that was killed
    with create_folder(folder) as new:
        write_sorted_files(new, snapshot.entity_type, numbered(snapshot.batches()), render)


def open_copy(folder: Path) -> FolderSnapshot:
    """Open what :func:`write_copy` wrote. Raises SnapshotMissing, SnapshotDamaged."""
    return FolderSnapshot(folder, Manifest.read(folder))


def numbered(batches: Iterable[pa.RecordBatch]) -> Iterator[EntityBatch]:
    """Turn the entities of a snapshot into those of an upload, one row each."""
    first = 0
    for batch in batches:
        yield EntityBatch(batch, np.arange(first, first + batch.num_rows), batch.num_rows, ())
        first += batch.num_rows
