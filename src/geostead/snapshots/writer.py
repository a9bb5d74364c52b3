"""Writing a snapshot: entities in upload order become files in entity id order.

Memory holds the entities once, plus a column for each thread while it is sorted; fragments are rendered and written in
slices. Threads pay because Arrow, numpy, hashing and the disk work outside of the interpreter's lock.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from geostead.ahead import THREADS, map_ahead
from geostead.durable import sync_file
from geostead.errors import NoValidEntities
from geostead.formats.base import EntityBatch
from geostead.model.entity_type import EdmType, EntityType, Property
from geostead.snapshots.base import MAX_LISTED_DUPLICATES, RenderFragments, WrittenSnapshot
from geostead.snapshots.columns import encode_strings, join_chunks, without_residue
from geostead.snapshots.files import (
    ENTITIES_FILE,
    FRAGMENTS_FILE,
    MANIFEST_FILE,
    OFFSETS_FILE,
    FileEntry,
    Manifest,
    describe,
)
from geostead.snapshots.spatial_index import write_spatial_index

_SLICE_ROWS = 8_192


@dataclass(frozen=True, slots=True)
class _Arrangement:
    """Which upload positions make the rows of the snapshot, in row order; None if all do in upload order."""

    order: npt.NDArray[np.int64] | None
    duplicate_count: int = 0
    duplicate_rows: tuple[tuple[int, str], ...] = ()


def write_files(
    folder: Path, entity_type: EntityType, batches: Iterable[EntityBatch], render: RenderFragments
) -> WrittenSnapshot:
    """Write all files of a snapshot into an empty folder and sync each; the folder itself is the caller's to sync.

    Of entities with one id the one of the lowest row stays. Raises NoValidEntities if there is none.
    """
    collected = _Collected(entity_type, batches)
    if collected.count == 0:
        raise NoValidEntities("The upload holds no valid entity, so there is nothing to publish.")
    arrangement = _arrange(collected)
    with ThreadPoolExecutor(THREADS, thread_name_prefix="snapshot") as threads:
        rows = collected.sorted_batch(arrangement.order, threads)
        tasks = [threads.submit(write, folder, rows, entity_type) for write in (_write_points, _write_entities)]
        files = _write_fragments(folder, _rendered(rows, entity_type, render, threads))
        for task in tasks:
            files |= task.result()
    manifest = folder / MANIFEST_FILE
    manifest.write_bytes(Manifest(entity_type, rows.num_rows, files).encode())
    sync_file(manifest)
    return WrittenSnapshot(rows.num_rows, arrangement.duplicate_count, arrangement.duplicate_rows)


class _Collected:
    """Every column of an upload in the chunks it came in."""

    def __init__(self, entity_type: EntityType, batches: Iterable[EntityBatch]) -> None:
        self._properties = entity_type.properties
        self._chunks: dict[str, list[pa.Array]] = {p.name: [] for p in entity_type.properties}
        rows: list[npt.NDArray[np.int64]] = []
        for batch in batches:
            rows.append(batch.rows)
            for name, chunks in self._chunks.items():
                chunks.append(batch.entities.column(name))
        self.rows = np.concatenate(rows) if rows else np.empty(0, dtype=np.int64)
        self.count = len(self.rows)
        self._key = entity_type.key_name

    def ids(self) -> pa.Array:
        """Return the entity ids in upload order."""
        return join_chunks(self._chunks[self._key], EdmType.STRING)

    def sorted_batch(self, order: npt.NDArray[np.int64] | None, threads: Executor) -> pa.RecordBatch:
        """Join and arrange every column; its chunks are given up on the way. Call once."""
        indices = None if order is None else pa.array(order)

        def sorted_column(p: Property) -> pa.Array:
            column = join_chunks(self._chunks.pop(p.name), p.type)
            return column if indices is None else column.take(indices)

        arrays = list(threads.map(sorted_column, self._properties))
        return pa.RecordBatch.from_arrays(arrays, names=[p.name for p in self._properties])


def _arrange(collected: _Collected) -> _Arrangement:
    """Find the order by entity id, then row, and the rows whose id an earlier row has."""
    ids = collected.ids()
    if pc.all(pc.less(ids[:-1], ids[1:])).as_py() in (True, None):
        return _Arrangement(None)
    if np.all(collected.rows[:-1] < collected.rows[1:]):
        order = pc.sort_indices(ids).to_numpy()
    else:
        table = pa.table({"id": ids, "row": collected.rows})
        order = pc.sort_indices(table, sort_keys=[("id", "ascending"), ("row", "ascending")]).to_numpy()
    order = order.astype(np.int64)
    sorted_ids = ids.take(pa.array(order))
    repeated = np.zeros(len(order), dtype=np.bool_)
    repeated[1:] = pc.equal(sorted_ids[1:], sorted_ids[:-1]).to_numpy(zero_copy_only=False)
    dropped = order[repeated]
    listed = dropped[np.argsort(collected.rows[dropped])[:MAX_LISTED_DUPLICATES]]
    duplicates = zip(collected.rows[listed].tolist(), ids.take(pa.array(listed)).to_pylist(), strict=True)
    return _Arrangement(order[~repeated], len(dropped), tuple(duplicates))


def _write_entities(folder: Path, batch: pa.RecordBatch, entity_type: EntityType) -> dict[str, FileEntry]:
    arrays = []
    for p in entity_type.properties:
        column = batch.column(p.name)
        encode = p.type is EdmType.STRING and p.name != entity_type.key_name
        arrays.append(encode_strings(column) if encode else without_residue(column))
    stored = pa.RecordBatch.from_arrays(arrays, names=list(entity_type.names))
    path = folder / ENTITIES_FILE
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, stored.schema) as writer:
        writer.write_batch(stored)
    return _finish(path)


def _write_fragments(folder: Path, rendered: Iterable[pa.Array]) -> dict[str, FileEntry]:
    data, offsets = folder / FRAGMENTS_FILE, folder / OFFSETS_FILE
    written = 0
    with data.open("wb") as data_file, offsets.open("wb") as offsets_file:
        for fragments in rendered:
            lengths = pc.binary_length(fragments).to_numpy(zero_copy_only=False).astype(np.int64)
            starts = written + np.concatenate(([0], np.cumsum(lengths)[:-1]))
            offsets_file.write(starts.astype(np.int64).data)
            data_file.write(_bytes_of(fragments))
            written += int(lengths.sum())
        offsets_file.write(np.array([written], dtype=np.int64).data)
    return _finish(data) | _finish(offsets)


def _rendered(
    batch: pa.RecordBatch, entity_type: EntityType, render: RenderFragments, threads: Executor
) -> Iterator[pa.Array]:
    slices = (batch.slice(start, _SLICE_ROWS) for start in range(0, batch.num_rows, _SLICE_ROWS))
    return map_ahead(threads, lambda rows: render(rows, entity_type), slices)


def _bytes_of(fragments: pa.Array) -> memoryview:
    """Return the values of a binary array, one after the other, without copying."""
    _, offsets, data = fragments.buffers()
    width = np.int64 if fragments.type in (pa.large_binary(), pa.large_string()) else np.int32
    bounds = np.frombuffer(offsets, dtype=width)
    first, last = int(bounds[fragments.offset]), int(bounds[fragments.offset + len(fragments)])
    return memoryview(data)[first:last]


def _write_points(folder: Path, batch: pa.RecordBatch, entity_type: EntityType) -> dict[str, FileEntry]:
    latitudes, longitudes = batch.column(entity_type.latitude_name), batch.column(entity_type.longitude_name)
    located = latitudes.is_valid().to_numpy(zero_copy_only=False)
    latitudes, longitudes = latitudes.fill_null(0.0).to_numpy(), longitudes.fill_null(0.0).to_numpy()
    return {
        name: entry
        for path in write_spatial_index(folder, latitudes, longitudes, located)
        for name, entry in _finish(path).items()
    }


def _finish(path: Path) -> dict[str, FileEntry]:
    """Sync a file and describe it for the manifest."""
    sync_file(path)
    return {path.name: describe(path)}
