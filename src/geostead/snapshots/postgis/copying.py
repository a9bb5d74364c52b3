"""Entities as the CSV that ``COPY … FROM STDIN`` reads.

Arrow writes it as fast as PostgreSQL reads it. The binary form of COPY would have to be put together value by value in
Python, which takes several times as long.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import psycopg
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import shapely
from psycopg import sql

from geostead.formats.base import Deletion, EntityBatch
from geostead.geo.distance import unit_vectors
from geostead.geo.split import split
from geostead.model.columns import arrow_schema
from geostead.model.entity_type import EntityType
from geostead.snapshots.postgis.layout import (
    DELETES_COLUMN,
    LOADED_COLUMN,
    ROW_COLUMN,
    VECTOR_COLUMNS,
    Layout,
    column_name_of,
)

_CSV = pyarrow.csv.WriteOptions(include_header=False, quoting_style="needed")
_SRID = 4326
_FIXED_BYTES = 9
"""What a value takes at most beside its own text or geography."""


@dataclass(slots=True)
class Copied:
    """What went over so far."""

    count: int = 0
    """Entities; deletions do not count."""
    is_ascending: bool = True
    """Whether each id was greater than the one before, so that none can occur twice."""
    largest_bytes: int = 1
    """How much the largest entity takes, about."""
    _last_id: str | None = None

    def add(self, batch: pa.RecordBatch, key_name: str) -> None:
        """Count the entities of a batch."""
        if not batch.num_rows:
            return
        ids = batch.column(key_name)
        is_ascending = pc.all(pc.less(ids[:-1], ids[1:])).as_py() is not False
        if self._last_id is not None:
            is_ascending &= self._last_id < ids[0].as_py()
        self.is_ascending &= is_ascending
        self._last_id = ids[-1].as_py()
        self.count += batch.num_rows
        self.largest_bytes = max(self.largest_bytes, _largest_bytes(batch))


def copy_entities(
    connection: psycopg.Connection, layout: Layout, table: sql.Composable, batches: Iterable[EntityBatch]
) -> Copied:
    """Copy the entities of an upload, with the row of each, into a table of the layout. Raises what ``batches`` does.

    ``batches`` have no deletions.
    """
    return _copy(connection, layout, table, batches, with_deletions=False)


def copy_changes(
    connection: psycopg.Connection, layout: Layout, table: sql.Composable, batches: Iterable[EntityBatch]
) -> Copied:
    """Copy the entities and deletions of an upload into a table of changes. Raises what ``batches`` does."""
    return _copy(connection, layout, table, batches, with_deletions=True)


def _copy(
    connection: psycopg.Connection,
    layout: Layout,
    table: sql.Composable,
    batches: Iterable[EntityBatch],
    *,
    with_deletions: bool,
) -> Copied:
    copied, entity_type = Copied(), layout.entity_type
    names = [*layout.written_columns, ROW_COLUMN, *([DELETES_COLUMN] if with_deletions else [])]
    # Frozen rows need not be written again when they are first read; only a table of this transaction may have them.
    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT csv, ENCODING 'UTF8'{})").format(
        table, sql.SQL(", ").join(map(sql.Identifier, names)), sql.SQL("" if with_deletions else ", FREEZE")
    )
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for batch in batches:
            copied.add(batch.entities, entity_type.key_name)
            columns = _columns(batch.entities, entity_type)
            copy.write(_csv(columns, batch.rows, deletes=False if with_deletions else None))
            if batch.deletions:
                rows = np.array([deletion.row for deletion in batch.deletions], dtype=np.int64)
                deleted = _columns(_deletions(batch.deletions, entity_type), entity_type)
                copy.write(_csv(deleted, rows, deletes=True))
    return copied


def _csv(columns: dict[str, pa.Array], rows: npt.NDArray[np.int64], *, deletes: bool | None) -> memoryview:
    if not len(rows):
        return memoryview(b"")
    columns[ROW_COLUMN] = pa.array(rows, pa.int64())
    if deletes is not None:
        columns[DELETES_COLUMN] = pa.array(np.full(len(rows), deletes))
    text = io.BytesIO()
    pyarrow.csv.write_csv(pa.RecordBatch.from_pydict(columns), text, _CSV)
    return text.getbuffer()


def _columns(entities: pa.RecordBatch, entity_type: EntityType) -> dict[str, pa.Array]:
    """Return the columns of :attr:`Layout.written_columns`, in their order, in a form that CSV can hold."""
    columns = {column_name_of(p.name): entities.column(p.name) for p in entity_type.properties}
    columns |= _vectors(entities.column(entity_type.latitude_name), entities.column(entity_type.longitude_name))
    name = entity_type.geography_name
    if name is not None:
        columns[column_name_of(name)], columns[LOADED_COLUMN] = _geographies(entities.column(name))
    return columns


def _vectors(latitudes: pa.Array, longitudes: pa.Array) -> dict[str, pa.Array]:
    is_missing = pc.or_(latitudes.is_null(), longitudes.is_null()).to_numpy(zero_copy_only=False)
    vectors = unit_vectors(latitudes.fill_null(0.0).to_numpy(), longitudes.fill_null(0.0).to_numpy())
    return {name: pa.array(vectors[:, i], mask=is_missing) for i, name in enumerate(VECTOR_COLUMNS)}


def _geographies(column: pa.Array) -> tuple[pa.Array, pa.Array]:
    """Return geographies as PostGIS reads them, cut at ±180°, and those that were cut as they were loaded."""
    shapes = shapely.from_wkb(column.to_numpy(zero_copy_only=False), on_invalid="ignore")
    halves = split(shapes)
    texts = shapely.to_wkb(shapely.set_srid(halves, _SRID), hex=True, byte_order=1, include_srid=True)
    loaded = [
        None if half is shape or value is None else "\\x" + value.hex()
        for half, shape, value in zip(halves, shapes, column.to_pylist(), strict=True)
    ]
    return pa.array(texts, pa.large_string()), pa.array(loaded, pa.large_string())


def _deletions(deletions: tuple[Deletion, ...], entity_type: EntityType) -> pa.RecordBatch:
    """Return entities that have nothing but the ids of deletions."""
    schema = arrow_schema(entity_type)
    ids = pa.array([deletion.entity_id for deletion in deletions], pa.string())
    arrays = [ids if field.name == entity_type.key_name else pa.nulls(len(ids), field.type) for field in schema]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _largest_bytes(batch: pa.RecordBatch) -> int:
    sizes = np.full(batch.num_rows, _FIXED_BYTES * batch.num_columns, dtype=np.int64)
    for column in batch.columns:
        if not pa.types.is_primitive(column.type):
            sizes += pc.binary_length(column).fill_null(0).to_numpy()
    return int(sizes.max())
