"""Rows of a snapshot's table as columns of Arrow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import psycopg
import pyarrow as pa
from psycopg import sql

from geostead.model.columns import ARROW_TYPES
from geostead.snapshots.postgis.arguments import Arguments
from geostead.snapshots.postgis.layout import Layout

Connection = psycopg.Connection[Any]


def fetch(connection: Connection, statement: sql.Composed, arguments: Arguments) -> list[tuple[Any, ...]]:
    """Run a statement and return all of its rows; numbers come as they are, not as text."""
    with connection.cursor(binary=True) as cursor:
        rows: list[tuple[Any, ...]] = cursor.execute(statement, arguments.values).fetchall()
        return rows


def as_batch(rows: Sequence[Sequence[Any]], names: Sequence[str], layout: Layout) -> pa.RecordBatch:
    """Turn rows of :meth:`Layout.values` into columns of :mod:`geostead.model.columns`."""
    columns = zip(*rows, strict=True) if rows else [()] * len(names)
    types = [ARROW_TYPES[layout.find(name).type] for name in names]
    arrays = [pa.array(column, edm) for column, edm in zip(columns, types, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, names=list(names))


def fetch_by_id(connection: Connection, layout: Layout, ids: Sequence[str], names: Sequence[str]) -> pa.RecordBatch:
    """Return some properties of the entities of some ids, in the order of these; all of them are there."""
    arguments = Arguments()
    statement = sql.SQL("SELECT {}, {} FROM {} WHERE {} = ANY ({})").format(
        layout.key, layout.values(names), layout.table, layout.key, arguments.texts(ids)
    )
    found = {entity_id: values for entity_id, *values in fetch(connection, statement, arguments)} if ids else {}
    return as_batch([found[entity_id] for entity_id in ids], names, layout)
