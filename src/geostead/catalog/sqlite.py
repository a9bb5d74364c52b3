"""What is special about SQLite: its pragmas, its transactions, and its way to notice changes.

Connections begin no transaction by themselves; SQLAlchemy's ``begin`` event does (recipe: SQLAlchemy's documentation
of the SQLite dialect, "transactions"). Writers begin with ``BEGIN IMMEDIATE``: a transaction that first reads and then
writes would otherwise fail, without waiting, when another has written in between.
"""

from __future__ import annotations

import sqlite3
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event

from geostead.catalog.database import Database
from geostead.errors import Unavailable

_WRITES = "geostead_writes"


def open_sqlite(url: URL, busy_timeout_s: float) -> Database:
    """Return the database in a file. A statement waits ``busy_timeout_s`` for a lock before it fails."""
    # A connection is a file handle: threads need not queue for one.
    engine = create_engine(url, pool_size=16, max_overflow=-1, hide_parameters=True)

    def prepare(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None
        connection.execute(f"PRAGMA busy_timeout = {round(busy_timeout_s * 1000)}")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")

    event.listen(engine, "connect", prepare)
    event.listen(engine, "begin", _begin)
    return Database(engine, engine.execution_options(**{_WRITES: True}), lambda: SqliteWatch(engine))


class SqliteWatch:
    """Notices commits by ``PRAGMA data_version``, which changes when another connection has committed.

    So it has a connection of its own, which never writes: then every commit is another's.
    """

    def __init__(self, engine: Engine) -> None:
        self._owner = engine.connect()
        self._owner.detach()
        connection: Any = self._owner.connection.dbapi_connection
        self._cursor: sqlite3.Cursor = connection.cursor()
        self._cursor.execute("PRAGMA query_only = ON")

    def revision(self) -> int:
        """Return the data version that this connection sees. Raises Unavailable."""
        try:
            revision: int = self._cursor.execute("PRAGMA data_version").fetchone()[0]
        except sqlite3.OperationalError as error:
            raise Unavailable("The catalog's database does not answer right now.") from error
        return revision

    def close(self) -> None:
        """Close the connection, from any thread."""
        self._owner.close()


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
