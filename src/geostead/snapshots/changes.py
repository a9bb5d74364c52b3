"""Writing a snapshot out of another one and changes: what stays is copied, only what is new is rendered.

Both sides are sorted by entity id, so nothing but the changes is sorted. The fragments of the base go from its mapped
file into the new one in runs, without being copied in between. Its columns are copied: memory holds all columns of the
result, and for each thread one of the base joined with the changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from geostead.formats.base import EntityBatch
from geostead.model.entity_type import EdmType, EntityType
from geostead.snapshots.base import RenderFragments, WrittenChanges
from geostead.snapshots.collected import Collected, arrange, first_rows
from geostead.snapshots.columns import Rows
from geostead.snapshots.encoding import join_chunks
from geostead.snapshots.fragments import Fragments, Piece
from geostead.snapshots.snapshot import FolderSnapshot
from geostead.snapshots.writer import new_threads, rendered, rendered_slices, storing, write_rows


def write_changed_files(
    folder: Path, base: FolderSnapshot, batches: Iterable[EntityBatch], render: RenderFragments
) -> WrittenChanges:
    """Write all files of ``base`` with changes into an empty folder and sync each; the folder is the caller's to sync.

    Of rows with one id, deletions included, the one of the highest row counts.
    """
    entity_type = base.entity_type
    base_ids = base.columns.stored(entity_type.key_name)
    with new_threads() as threads:
        changes = _collect(entity_type, batches, threads)
        deleted = _look_up(base_ids, changes.deleted_ids)
        merged = _merge(base_ids, deleted, changes.entities.column(entity_type.key_name))

        declared = {p.name: p for p in entity_type.properties}
        form = storing(entity_type)

        def find_column(name: str) -> pa.Array:
            column = base.columns.followed_by(name, changes.entities.column(name))
            return form(column.take(pa.array(merged)), declared[name])

        slices = rendered_slices(changes.entities)
        new = rendered(changes.entities, slices, entity_type, render, threads)
        pieces = _pieces(merged, base.fragments, new, np.array([start for start, _ in slices], dtype=np.int64))
        write_rows(folder, entity_type, find_column, pieces, threads)
    unknown = np.flatnonzero(~deleted.is_known)
    return WrittenChanges(
        entity_count=len(merged),
        repeated_count=changes.repeated_count,
        repeated_rows=changes.repeated_rows,
        unknown_count=len(unknown),
        unknown_rows=first_rows(changes.deleted_ids, changes.deleted_rows, unknown),
    )


@dataclass(frozen=True, slots=True)
class _Changes:
    """The rows of an upload that count, in entity id order; no id occurs twice."""

    entities: pa.RecordBatch
    deleted_ids: pa.Array
    deleted_rows: Rows
    """For each deletion its row in the upload."""
    repeated_count: int
    repeated_rows: tuple[tuple[int, str], ...]


def _collect(entity_type: EntityType, batches: Iterable[EntityBatch], threads: Executor) -> _Changes:
    collected = Collected(entity_type, batches)
    entity_count = len(collected.rows)
    deleted_ids = pa.array([deletion.entity_id for deletion in collected.deletions], pa.string())
    deleted_rows = np.array([deletion.row for deletion in collected.deletions], dtype=np.int64)
    ids = join_chunks([collected.ids(), deleted_ids], EdmType.STRING)
    rows = np.concatenate((collected.rows, deleted_rows))
    arrangement = arrange(ids, rows, last_counts=True)
    order = np.arange(len(rows)) if arrangement.order is None else arrangement.order
    deletions = order[order >= entity_count]
    return _Changes(
        entities=collected.taken(order[order < entity_count], threads),
        deleted_ids=ids.take(pa.array(deletions)),
        deleted_rows=rows[deletions],
        repeated_count=arrangement.repeated_count,
        repeated_rows=arrangement.repeated_rows,
    )


@dataclass(frozen=True, slots=True)
class _Found:
    """Where ids are among the rows of a base."""

    rows: Rows
    """The row that has the id, or before which it belongs."""
    is_known: npt.NDArray[np.bool_]

    @property
    def known_rows(self) -> Rows:
        return self.rows[self.is_known]


def _look_up(base_ids: pa.Array, ids: pa.Array) -> _Found:
    rows = _rows_before(base_ids, ids)
    is_known = rows < len(base_ids)
    found = base_ids.take(pa.array(rows[is_known]))
    is_known[is_known] = pc.equal(found, ids.filter(pa.array(is_known)).cast(found.type)).to_numpy(zero_copy_only=False)
    return _Found(rows, is_known)


def _rows_before(ids: pa.Array, wanted: pa.Array) -> Rows:
    """Return for each of ``wanted`` how many ids are less; ``ids`` ascend. Like ``numpy.searchsorted``, for strings."""
    wanted = wanted.cast(ids.type)
    low = np.zeros(len(wanted), dtype=np.int64)
    high = np.full(len(wanted), len(ids), dtype=np.int64)
    while (is_open := low < high).any():
        middle = (low + high) // 2
        looked_at = ids.take(pa.array(np.where(is_open, middle, 0)))
        is_less = pc.less(looked_at, wanted).to_numpy(zero_copy_only=False)
        low = np.where(is_open & is_less, middle + 1, low)
        high = np.where(is_open & ~is_less, middle, high)
    return low


def _merge(base_ids: pa.Array, deleted: _Found, new_ids: pa.Array) -> Rows:
    """Return the rows of the result: those of the base, then counted on from their number, the new ones."""
    new = _look_up(base_ids, new_ids)
    stays = np.ones(len(base_ids), dtype=np.bool_)
    stays[deleted.known_rows] = False
    stays[new.known_rows] = False
    staying_before = np.concatenate(([0], np.cumsum(stays)))
    new_rows = np.arange(len(base_ids), len(base_ids) + len(new_ids))
    merged: Rows = np.insert(np.flatnonzero(stays), staying_before[new.rows], new_rows)
    return merged


def _pieces(merged: Rows, base: Fragments, rendered: Iterator[Fragments], slice_starts: Rows) -> Iterator[Piece]:
    """Return the fragments of the merged rows, in runs that lie in one place.

    ``rendered``: of the new rows, slice by slice; ``slice_starts`` are the first of each among the new rows.
    """
    begins = np.ones(len(merged), dtype=np.bool_)
    begins[1:] = np.diff(merged) != 1
    begins[np.flatnonzero(merged >= len(base))[slice_starts]] = True  # all new rows are among them, ascending
    starts = np.flatnonzero(begins)
    lengths = np.diff(np.append(starts, len(merged)))
    begins_slice = np.isin(merged[starts] - len(base), slice_starts)
    new, first = base, 0
    for row, length, is_next in zip(merged[starts].tolist(), lengths.tolist(), begins_slice.tolist(), strict=True):
        if is_next:
            new, first = next(rendered), row
        piece_of, start = (base, row) if row < len(base) else (new, row - first)
        yield piece_of.piece(start, start + length)
