"""What snapshots there are: a table with a row for each, written in the transaction that makes the snapshot's table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson
import psycopg
from psycopg import sql

from geostead.errors import SnapshotDamaged, SnapshotMissing, Unfit
from geostead.model.entity_type import EntityType
from geostead.snapshots.postgis.layout import SCHEMA, table_of

LAYOUT = 1
"""Counts up when tables change in a way that this program could not read before."""

_LOCK = 5_710_239_481_127
"""Any number: who makes the schema holds this lock, so that two that start at once do not get into each other's way."""

_REGISTRY = sql.Identifier(SCHEMA, "_snapshots")  # no snapshot id begins like that
_CREATE = sql.SQL("""
    CREATE TABLE IF NOT EXISTS {} (
        id text COLLATE "C" PRIMARY KEY,
        layout integer NOT NULL,
        entity_type text NOT NULL,
        entity_count bigint NOT NULL,
        largest_bytes bigint NOT NULL,
        written_at timestamptz NOT NULL DEFAULT now()
    )
""").format(_REGISTRY)
_INSERT = sql.SQL(
    "INSERT INTO {} (id, layout, entity_type, entity_count, largest_bytes) VALUES (%s, %s, %s, %s, %s)"
).format(_REGISTRY)
_SELECT = sql.SQL("SELECT layout, entity_type, entity_count, largest_bytes FROM {} WHERE id = %s").format(_REGISTRY)


@dataclass(frozen=True, slots=True)
class Registered:
    """What is known about a snapshot without looking at its table."""

    entity_type: EntityType
    entity_count: int
    largest_bytes: int
    """How much its largest entity takes, about."""


def prepare(connection: psycopg.Connection[Any]) -> None:
    """Make schema and registry where they are missing. Raises Unfit where the server does not let us."""
    if connection.execute("SELECT to_regclass(%s)", [f"{SCHEMA}._snapshots"]).fetchone() != (None,):
        return
    connection.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    try:
        connection.execute("CREATE EXTENSION IF NOT EXISTS postgis")
        connection.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(SCHEMA)))
        connection.execute(_CREATE)
    except (psycopg.errors.InsufficientPrivilege, psycopg.errors.FeatureNotSupported) as error:
        raise Unfit(
            f"The database for entities cannot be set up: {str(error).splitlines()[0]}. Expected the extension "
            f"postgis, and the right to create the schema {SCHEMA}."
        ) from error


def register(connection: psycopg.Connection[Any], snapshot_id: str, new: Registered) -> None:
    """Record a snapshot whose table is complete."""
    entity_type = orjson.dumps(new.entity_type.to_dict()).decode()
    connection.execute(_INSERT, [snapshot_id, LAYOUT, entity_type, new.entity_count, new.largest_bytes])


def look_up(connection: psycopg.Connection[Any], snapshot_id: str) -> Registered:
    """Return what is known about a snapshot. Raises SnapshotMissing, SnapshotDamaged."""
    found = connection.execute(_SELECT, [snapshot_id]).fetchone()
    if found is None:
        raise SnapshotMissing(f"{snapshot_id}: there is no such snapshot in PostgreSQL.")
    layout, entity_type, entity_count, largest_bytes = found
    if layout != LAYOUT:
        raise SnapshotDamaged(f"{snapshot_id}: layout {layout}; this program reads layout {LAYOUT}.")
    return Registered(EntityType.from_dict(orjson.loads(entity_type)), entity_count, largest_bytes)


def table_size_bytes(connection: psycopg.Connection[Any], snapshot_id: str) -> int:
    """Return how much the table of a snapshot takes, with its indexes. Raises SnapshotMissing."""
    found = connection.execute(
        sql.SQL("SELECT pg_total_relation_size(to_regclass(%s)) FROM {} WHERE id = %s").format(_REGISTRY),
        [table_of(snapshot_id).as_string(connection), snapshot_id],
    ).fetchone()
    if found is None or found[0] is None:
        raise SnapshotMissing(f"{snapshot_id}: there is no such snapshot in PostgreSQL.")
    return int(found[0])


def forget(connection: psycopg.Connection[Any], snapshot_id: str) -> None:
    """Delete the row of a snapshot, if there is one."""
    connection.execute(sql.SQL("DELETE FROM {} WHERE id = %s").format(_REGISTRY), [snapshot_id])


def list_ids(connection: psycopg.Connection[Any]) -> list[str]:
    """Return the ids of all snapshots, in order."""
    found = connection.execute(sql.SQL("SELECT id FROM {} ORDER BY id").format(_REGISTRY))
    return [snapshot_id for (snapshot_id,) in found]
