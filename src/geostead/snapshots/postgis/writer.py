"""Writing a snapshot: copied into a table as it comes in, put right there, and seen by others when all is done.

Nothing is held in memory but a batch: what occurs twice, and what a change replaces, is found by the server.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import psycopg
from psycopg import sql

from geostead.errors import NoValidEntities
from geostead.formats.base import EntityBatch
from geostead.model.entity_type import EntityType
from geostead.snapshots.base import MAX_LISTED_ROWS, WrittenChanges, WrittenSnapshot
from geostead.snapshots.postgis.copying import copy_changes, copy_entities
from geostead.snapshots.postgis.layout import DELETES_COLUMN, ROW_COLUMN, Layout
from geostead.snapshots.postgis.registry import Registered, look_up, register

ListedRows = tuple[tuple[int, str], ...]

_NONE_REPEATED: tuple[int, ListedRows] = 0, ()

_CHANGES = sql.Identifier("geostead_changes")
_REPEATED = sql.Identifier("geostead_repeated")
_ROW = sql.Identifier(ROW_COLUMN)
_DELETES = sql.Identifier(DELETES_COLUMN)


def write_entities(
    connection: psycopg.Connection[Any],
    snapshot_id: str,
    entity_type: EntityType,
    batches: Iterable[EntityBatch],
    *,
    may_be_empty: bool = False,
) -> WrittenSnapshot:
    """Write a snapshot in the transaction of a connection. Of entities with one id the one of the lowest row stays.

    Raises NoValidEntities if there is none, unless that is all right; and what ``batches`` raises.
    """
    layout = Layout(snapshot_id, entity_type)
    connection.execute(layout.create())
    copied = copy_entities(connection, layout, layout.table, batches)
    if not copied.count and not may_be_empty:
        raise NoValidEntities("The upload holds no valid entity, so there is nothing to publish.")
    repeated_count, repeated_rows = _NONE_REPEATED
    if not copied.is_ascending:
        repeated_count, repeated_rows = _drop_repeated(connection, layout.table, layout.key, last_counts=False)
    entity_count = copied.count - repeated_count
    _finish(connection, layout, Registered(entity_type, entity_count, copied.largest_bytes))
    return WrittenSnapshot(entity_count, repeated_count, repeated_rows)


def write_changed_entities(
    connection: psycopg.Connection[Any], snapshot_id: str, base_id: str, batches: Iterable[EntityBatch]
) -> WrittenChanges:
    """Write the entities of a base with changes, in the transaction of a connection. Of one id the highest row counts.

    Raises SnapshotMissing, SnapshotDamaged for the base; and what ``batches`` raises.
    """
    known = look_up(connection, base_id)
    base, layout = Layout(base_id, known.entity_type), Layout(snapshot_id, known.entity_type)
    connection.execute(layout.create_changes(_CHANGES))
    copied = copy_changes(connection, layout, _CHANGES, batches)
    repeated_count, repeated_rows = _drop_repeated(connection, _CHANGES, layout.key, last_counts=True)
    connection.execute(sql.SQL("ANALYZE {}").format(_CHANGES))
    unknown_count, unknown_rows = _unknown_deletions(connection, base)
    connection.execute(layout.create())
    entity_count = _insert(connection, layout, base.table, _unchanged(base))
    entity_count += _insert(connection, layout, _CHANGES, sql.SQL("NOT {}").format(_DELETES))
    largest_bytes = max(known.largest_bytes, copied.largest_bytes)
    _finish(connection, layout, Registered(layout.entity_type, entity_count, largest_bytes))
    return WrittenChanges(entity_count, repeated_count, repeated_rows, unknown_count, unknown_rows)


def _finish(connection: psycopg.Connection[Any], layout: Layout, new: Registered) -> None:
    for statement in layout.indexes():
        connection.execute(statement)
    register(connection, layout.snapshot_id, new)


def _drop_repeated(
    connection: psycopg.Connection[Any], table: sql.Composable, key: sql.Composable, *, last_counts: bool
) -> tuple[int, ListedRows]:
    """Delete all rows of an id but the lowest, or highest; return how many went, and the first of them."""
    found = sql.SQL("""
        CREATE TEMPORARY TABLE {repeated} ON COMMIT DROP AS
        SELECT __place, __number, __id FROM (
            SELECT ctid AS __place, {row} AS __number, {key} AS __id,
                row_number() OVER (PARTITION BY {key} ORDER BY {row} {order}) AS __rank
            FROM {table}
        ) AS __numbered WHERE __rank > 1
    """).format(repeated=_REPEATED, row=_ROW, key=key, table=table, order=sql.SQL("DESC" if last_counts else "ASC"))
    count = connection.execute(found).rowcount
    if not count:
        return _NONE_REPEATED
    delete = sql.SQL("DELETE FROM {} WHERE ctid IN (SELECT __place FROM {})").format(table, _REPEATED)
    connection.execute(delete)
    first = sql.SQL("SELECT __number, __id FROM {} ORDER BY __number LIMIT %s").format(_REPEATED)
    return count, tuple(connection.execute(first, [MAX_LISTED_ROWS]))


def _unknown_deletions(connection: psycopg.Connection[Any], base: Layout) -> tuple[int, ListedRows]:
    """Return how many deletions find no entity in the base, and the first of them."""
    found = sql.SQL("""
        SELECT {row}, {key}, count(*) OVER () AS __count FROM {changes} AS __change
        WHERE {deletes} AND NOT EXISTS (SELECT FROM {base} AS __base WHERE __base.{key} = __change.{key})
        ORDER BY {row} LIMIT %s
    """).format(row=_ROW, key=base.key, changes=_CHANGES, deletes=_DELETES, base=base.table)
    rows = connection.execute(found, [MAX_LISTED_ROWS]).fetchall()
    return (rows[0][2], tuple((row, entity_id) for row, entity_id, _ in rows)) if rows else (0, ())


def _unchanged(base: Layout) -> sql.Composable:
    return sql.SQL("NOT EXISTS (SELECT FROM {changes} AS __change WHERE __change.{key} = __source.{key})").format(
        changes=_CHANGES, key=base.key
    )


def _insert(
    connection: psycopg.Connection[Any], layout: Layout, source: sql.Composable, condition: sql.Composable
) -> int:
    insert = sql.SQL("INSERT INTO {} ({}) SELECT {} FROM {} AS __source WHERE {}").format(
        layout.table, layout.written, layout.written, source, condition
    )
    return connection.execute(insert).rowcount
