"""Connections to one PostgreSQL server: few, kept, and none that waits for ever.

A server that is stopped, restarted or cut off must cost a request a bounded time and nothing more: statements end on
the server, waits for it end here, and what goes wrong becomes :class:`geostead.errors.Unavailable`.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

import psycopg
from psycopg import errors
from sqlalchemy.exc import TimeoutError as NoneFree
from sqlalchemy.pool import QueuePool

from geostead.errors import DiskFull, SnapshotMissing, Unavailable, Unfit
from geostead.postgresql.connections import DEFAULTS, BoundedConnection, NoAnswer, is_outage
from geostead.postgresql.refusals import is_refusal
from geostead.postgresql.urls import read_url

T = TypeVar("T")

MAX_CONNECTIONS = 8
"""How many connections of each process read at once; whoever comes later waits for one."""

_READ_S = 20
"""How long a statement that only reads may take on the server."""
_LOAD_S = 6 * 3600.0
"""How long one statement of a load may take: an index over a very large table for one."""
_FREE_S = 5.0


NO_CHANGES = "PostgreSQL, which keeps the entities, takes no changes now: it is a standby, or set to read-only."


REFUSED = "The database for entities refuses access: look at its URL, at the password and at what the role may do."


class TookTooLong(Unavailable):
    """A statement was ended because it took too long: asking once more would take as long."""


class Server:
    """One server. Threads may share it; processes may not."""

    def __init__(self, url: str) -> None:
        """``url`` is ``postgresql://…``, with or without a driver's name; nothing is connected yet.

        Raises InvalidParameter (``database URL``), which shows no password.
        """
        self._parameters: dict[str, Any] = DEFAULTS | read_url(url)
        self._replacing = threading.Lock()
        self._pool = self._new_pool()

    def read(self, work: Callable[[psycopg.Connection[Any]], T], ends_at_s: float = math.inf) -> T:
        """Run what only reads; once more where a connection turns out to be lost.

        ``ends_at_s`` is when it has to be done, by :func:`time.monotonic`. Raises Unavailable; SnapshotMissing for a
        table that is not there.
        """
        with translated():
            pool = self._pool
            try:
                return _read(pool, work, ends_at_s)
            except _Lost:
                self._replace(pool)
            try:
                return _read(self._pool, work, ends_at_s)
            except _Lost as error:
                raise Unavailable("The connection to PostgreSQL was lost.") from error

    @contextmanager
    def writing(self) -> Iterator[psycopg.Connection[Any]]:
        """Open a connection for one transaction, committed durably when the block is left without an error.

        A statement may take hours.
        Raises Unavailable, DiskFull; SnapshotMissing for a table that is not there, FileExistsError for one that is.
        """
        with translated():
            connection = self._connect({"statement_timeout": 0, "idle_in_transaction_session_timeout": 0})
            connection.answer_s = _LOAD_S
            with connection:
                connection.execute(_BE_DURABLE)
                yield connection

    def close(self) -> None:
        """Close the connections that are kept; whoever goes on makes new ones."""
        self._replace(self._pool)

    def _replace(self, pool: QueuePool) -> None:
        """Drop all connections of a pool, once: a server that was restarted has dropped the others as well."""
        with self._replacing:
            if self._pool is pool:
                self._pool = self._new_pool()
                pool.dispose()

    def _new_pool(self) -> QueuePool:
        return QueuePool(
            self._connect_to_read,
            pool_size=MAX_CONNECTIONS,
            max_overflow=0,
            timeout=_FREE_S,
            reset_on_return=None,
        )

    def _connect_to_read(self) -> Any:
        connection = self._connect({"statement_timeout": round(_READ_S * 1000)})
        connection.autocommit = True
        return connection

    def _connect(self, session: Mapping[str, int]) -> BoundedConnection:
        # Compiling a query takes longer than nearly all of them; prepared ones would keep plans for other places.
        asked = self._parameters.get("options") or ""
        options = " ".join([asked, "-c jit=off", *(f"-c {name}={value}" for name, value in session.items())])
        parameters = {**self._parameters, "options": options, "prepare_threshold": None}
        return BoundedConnection.connect(**parameters)


def _read(pool: QueuePool, work: Callable[[psycopg.Connection[Any]], T], ends_at_s: float) -> T:
    entry = pool.connect()
    connection = entry.driver_connection
    assert isinstance(connection, BoundedConnection)
    connection.ends_at_s = ends_at_s
    try:
        return work(connection)
    except NoAnswer:
        raise  # to wait once more would take as long
    except psycopg.Error as error:
        if connection.closed:
            raise _Lost from error
        raise
    finally:
        if connection.closed:
            entry.invalidate()
        connection.ends_at_s = math.inf
        entry.close()


class _Lost(Exception):
    """The connection broke; its statement may or may not have run."""


_BE_DURABLE = """
    SELECT set_config('synchronous_commit', 'on', true) WHERE current_setting('synchronous_commit') = 'off'
"""


@contextmanager
def translated() -> Iterator[None]:
    """Turn what the driver raises into our errors; what is a bug stays what it is. No message has the password."""
    try:
        yield
    except (errors.UndefinedTable, errors.InvalidSchemaName) as error:
        raise SnapshotMissing("There is no table for this snapshot (any more).") from error
    except errors.DuplicateTable as error:
        raise FileExistsError("There is a snapshot of that id already.") from error
    except errors.DiskFull as error:
        raise DiskFull from error
    except errors.ReadOnlySqlTransaction as error:
        raise Unavailable(NO_CHANGES) from error
    except errors.QueryCanceled as error:
        raise TookTooLong("PostgreSQL took too long to answer.") from error
    except NoneFree as error:
        raise Unavailable("All connections to PostgreSQL are busy.") from error
    except psycopg.Error as error:
        if isinstance(error, psycopg.OperationalError) and is_refusal(error):
            raise Unfit(REFUSED) from error
        if not is_outage(error):
            raise
        raise Unavailable("PostgreSQL, which keeps the entities, does not answer.") from error
