"""Writing a snapshot: entities in upload order become files in entity id order.

Memory holds the entities once, plus a column for each thread while it is sorted; fragments are rendered and written in
slices. Threads pay because Arrow, numpy, hashing and the disk work outside of the interpreter's lock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path

import pyarrow as pa

from geostead.ahead import THREADS, map_ahead
from geostead.errors import NoValidEntities
from geostead.formats.base import EntityBatch
from geostead.model.entity_type import EntityType
from geostead.snapshots.base import RenderFragments, WrittenSnapshot
from geostead.snapshots.collected import Arrangement, Collected, Form, arrange
from geostead.snapshots.encoding import as_stored, plain_slice
from geostead.snapshots.files import ENTITIES_FILE, MANIFEST_FILE, FileEntry, Manifest, create_file, write_file
from geostead.snapshots.fragments import Fragments, Piece, write_fragments
from geostead.snapshots.geography_index import write_geography_index
from geostead.snapshots.slices import Slice, cut
from geostead.snapshots.spatial_index import write_spatial_index

RENDERED_ROWS = 8_192
"""Rows that are rendered at once, unless they are wide or long."""
_RENDERED_CELLS = 2**18

FindColumn = Callable[[str], pa.Array]
"""Returns a property of all entities as it is kept, rows in entity id order."""


def write_files(
    folder: Path,
    entity_type: EntityType,
    batches: Iterable[EntityBatch],
    render: RenderFragments,
    *,
    may_be_empty: bool = False,
) -> WrittenSnapshot:
    """Write all files of a snapshot into an empty folder and sync each; the folder itself is the caller's to sync.

    Of entities with one id the one of the lowest row stays. Raises NoValidEntities if there is none, unless that is all
    right.
    """
    collected = Collected(entity_type, batches)
    if not len(collected.rows) and not may_be_empty:
        raise NoValidEntities("The upload holds no valid entity, so there is nothing to publish.")
    arrangement = arrange(collected.ids(), collected.rows, last_counts=False)
    count = _write_collected(folder, collected, arrangement, render)
    return WrittenSnapshot(count, arrangement.repeated_count, arrangement.repeated_rows)


def write_sorted_files(
    folder: Path, entity_type: EntityType, batches: Iterable[EntityBatch], render: RenderFragments
) -> None:
    """Write all files of a snapshot as :func:`write_files` does, of entities that come in order, each id once.

    There may be none.
    """
    _write_collected(folder, Collected(entity_type, batches), Arrangement(None), render)


def _write_collected(folder: Path, collected: Collected, arrangement: Arrangement, render: RenderFragments) -> int:
    entity_type = collected.entity_type
    with new_threads() as threads:
        rows = collected.taken(arrangement.order, threads, storing(entity_type))
        new = rendered(rows, rendered_slices(rows), entity_type, render, threads)
        pieces = (fragments.piece(0, len(fragments)) for fragments in new)
        write_rows(folder, entity_type, rows.column, pieces, threads)
    return int(rows.num_rows)


def storing(entity_type: EntityType) -> Form:
    """Return what brings a column into the form in which it is kept."""
    return lambda column, declared: as_stored(column, declared, is_key=declared.name == entity_type.key_name)


def new_threads() -> ThreadPoolExecutor:
    """Return threads to render and write on."""
    return ThreadPoolExecutor(THREADS, thread_name_prefix="snapshot")


def rendered(
    rows: pa.RecordBatch, slices: Iterable[Slice], entity_type: EntityType, render: RenderFragments, threads: Executor
) -> Iterator[Fragments]:
    """Render entities slice by slice; a few slices are in memory together."""

    def render_slice(bounds: Slice) -> Fragments:
        return Fragments.of_array(render(plain_slice(rows, bounds, entity_type), entity_type))

    return map_ahead(threads, render_slice, slices)


def rendered_slices(rows: pa.RecordBatch) -> Sequence[Slice]:
    """Return the slices in which entities are rendered."""
    return list(cut(rows, max(1, min(RENDERED_ROWS, _RENDERED_CELLS // rows.num_columns))))


def write_rows(
    folder: Path, entity_type: EntityType, find_column: FindColumn, pieces: Iterable[Piece], threads: Executor
) -> None:
    """Write all files of a snapshot from columns and fragments, the manifest last; each is durable.

    ``find_column`` is called on other threads, for coordinates and geographies twice.
    """
    geographies = threads.submit(_write_geographies, folder, entity_type, find_column)
    points = threads.submit(_write_points, folder, entity_type, find_column)
    entities = threads.submit(_write_entities, folder, entity_type, find_column)
    files = write_fragments(folder, pieces)
    count, entities_entry = entities.result()
    files |= points.result() | geographies.result() | {ENTITIES_FILE: entities_entry}
    write_file(folder / MANIFEST_FILE, Manifest(entity_type, count, files).encode())


def _write_entities(folder: Path, entity_type: EntityType, find_column: FindColumn) -> tuple[int, FileEntry]:
    """Write the columns; return how many rows they have, and the description of the file."""
    arrays = [find_column(name) for name in entity_type.names]
    stored = pa.RecordBatch.from_arrays(arrays, names=list(entity_type.names))
    with create_file(folder / ENTITIES_FILE) as file, pa.ipc.new_file(file, stored.schema) as writer:
        writer.write_batch(stored)
    return stored.num_rows, file.describe()


def _write_points(folder: Path, entity_type: EntityType, find_column: FindColumn) -> dict[str, FileEntry]:
    latitudes, longitudes = find_column(entity_type.latitude_name), find_column(entity_type.longitude_name)
    located = latitudes.is_valid().to_numpy(zero_copy_only=False)
    latitudes, longitudes = latitudes.fill_null(0.0).to_numpy(), longitudes.fill_null(0.0).to_numpy()
    return write_spatial_index(folder, latitudes, longitudes, located)


def _write_geographies(folder: Path, entity_type: EntityType, find_column: FindColumn) -> dict[str, FileEntry]:
    name = entity_type.geography_name
    return {} if name is None else write_geography_index(folder, find_column(name))
