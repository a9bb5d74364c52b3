"""What is special about SQLite: its pragmas, its transactions, its errors, its way to notice changes and to be copied.

Connections begin no transaction by themselves; SQLAlchemy's ``begin`` event does (recipe: SQLAlchemy's documentation
of the SQLite dialect, "transactions"). Writers begin with ``BEGIN IMMEDIATE``: a transaction that first reads and then
writes would otherwise fail, without waiting, when another has written in between.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event

from geostead.catalog.clock import GivenClock
from geostead.catalog.copies import new_copy
from geostead.catalog.database import Database
from geostead.catalog.tables import PASSING
from geostead.errors import DiskFull, Unavailable

_WRITES = "geostead_writes"


def open_sqlite(url: URL, now: Callable[[], datetime], busy_timeout_s: float) -> Database:
    """Return the database in a file. A statement waits ``busy_timeout_s`` for a lock before it fails."""
    # A connection is a file handle: threads need not queue for one.
    engine = create_engine(url, pool_size=16, max_overflow=-1, hide_parameters=True)

    def prepare(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None
        connection.execute(f"PRAGMA busy_timeout = {round(busy_timeout_s * 1000)}")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        # What is forgotten may be a signature. Some builds of SQLite have it so anyway; it costs nothing measurable.
        connection.execute("PRAGMA secure_delete = ON")

    event.listen(engine, "connect", prepare)
    event.listen(engine, "begin", _begin)
    return Database(engine, engine.execution_options(**{_WRITES: True}), Sqlite(engine), GivenClock(now))


class Sqlite:
    """Implements :class:`geostead.catalog.database.Speciality`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def open_watch(self) -> SqliteWatch:
        """Open a watch on a connection of its own."""
        return SqliteWatch(self._engine)

    def in_our_words(self, error: BaseException) -> Unavailable | None:
        """Return what an error of SQLite comes to; None if it is a bug."""
        return _in_our_words(error)

    def has_taken_back(self, error: BaseException, *, is_lost: bool, is_committing: bool) -> bool:  # noqa: ARG002
        """Return False: transactions that write wait for each other."""
        return False

    def begin_migration(self, connection: Connection) -> None:
        """Do nothing: transactions that write wait for each other."""

    def copy_to(self, connection: Connection, path: Path) -> None:
        """Write all that a transaction sees into a new file, page by page, durable when this returns."""
        with new_copy(path) as copy:
            _driver_connection(connection).backup(copy)
            copy.execute("PRAGMA secure_delete = ON")
            for table in PASSING:
                copy.execute(f"DELETE FROM {table.name}")  # noqa: S608  the names of our tables
            copy.commit()

    def after_copy(self, connection: Connection) -> None:
        """Do nothing: numbers go on behind the highest one."""


class SqliteWatch:
    """Notices commits by ``PRAGMA data_version``, which changes when another connection has committed.

    So it has a connection of its own, which never writes: then every commit is another's.
    """

    def __init__(self, engine: Engine) -> None:
        self._owner = engine.connect()
        self._owner.detach()
        self._cursor = _driver_connection(self._owner).cursor()
        self._cursor.execute("PRAGMA query_only = ON")

    def revision(self) -> int:
        """Return the data version that this connection sees. Raises Unavailable."""
        try:
            revision: int = self._cursor.execute("PRAGMA data_version").fetchone()[0]
        except sqlite3.Error as error:
            raise _in_our_words(error) or error from error
        return revision

    def close(self) -> None:
        """Close the connection, from any thread."""
        self._owner.close()


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _driver_connection(connection: Connection) -> sqlite3.Connection:
    found: Any = connection.connection.dbapi_connection
    driver_connection: sqlite3.Connection = found
    return driver_connection


def _in_our_words(error: BaseException) -> Unavailable | None:
    """Repeat what SQLite says: its messages hold neither values nor paths."""
    if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL:
        return DiskFull()
    if isinstance(error, sqlite3.OperationalError):
        return Unavailable(f"The catalog's database does not answer right now: {error}.")
    if type(error) is sqlite3.DatabaseError:  # its subclasses say what is wrong with a statement
        return Unavailable(f"The catalog's database is damaged or is none: {error}.")
    return None
