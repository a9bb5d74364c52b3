"""A copy of a catalog: one SQLite file, whatever database the catalog lies in. So it can move from one to another."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import Connection, StaticPool, create_engine, insert, inspect, select

from geostead.catalog.migrations import bring_up_to_date
from geostead.catalog.tables import CONTENT
from geostead.durable import sync_file, sync_folder
from geostead.errors import InvalidParameter

_ROWS = 1000


@contextmanager
def new_copy(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a new database that needs no other files beside it; it is durable when the block is left."""
    path.touch(exist_ok=False)
    try:
        with closing(sqlite3.connect(path)) as copy:
            yield copy
            copy.execute("PRAGMA journal_mode = DELETE")
        sync_file(path)
        sync_folder(path.parent)
    except BaseException:
        path.unlink()
        raise


@contextmanager
def open_copy(path: Path) -> Iterator[Connection]:
    """Open a copy in memory, so that the file stays as it is whatever is written.

    Raises InvalidParameter (``backup``) where it is none.
    """
    with closing(_read_into_memory(path)) as copy, _connected(copy) as connection:
        if not inspect(connection).has_table("alembic_version"):
            raise InvalidParameter("backup", str(path), "a copy of a catalog; this is another database")
        yield connection


def copy_rows(source: Connection, path: Path) -> None:
    """Write all that a transaction on any database sees into a new copy, durable when this returns."""
    with new_copy(path) as copy, _connected(copy) as target:
        bring_up_to_date(target)
        move_rows(source, target)
        target.commit()


def move_rows(source: Connection, target: Connection) -> None:
    """Put the rows of all tables into empty tables of the same schema."""
    for table in CONTENT:
        for rows in source.execute(select(table)).mappings().partitions(_ROWS):
            target.execute(insert(table), [dict(row) for row in rows])


@contextmanager
def _connected(copy: sqlite3.Connection) -> Iterator[Connection]:
    engine = create_engine("sqlite://", creator=lambda: copy, poolclass=StaticPool, hide_parameters=True)
    with engine.connect() as connection:
        yield connection


def _read_into_memory(path: Path) -> sqlite3.Connection:
    copy = sqlite3.connect(":memory:", check_same_thread=False)
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as kept:
            kept.backup(copy)
        (finding,) = copy.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.DatabaseError as error:
        finding = str(error)
    if finding != "ok":
        copy.close()
        raise InvalidParameter("backup", str(path), f"a copy of a catalog; SQLite says: {finding}")
    return copy
