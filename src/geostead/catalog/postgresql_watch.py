"""How PostgreSQL tells, in one tiny round trip, whether anything has been committed."""

from __future__ import annotations

import select
import threading
import time
from collections.abc import Callable
from typing import Any

import psycopg
from psycopg import pq

from geostead.errors import Unavailable

RETRY_S = 0.5
_QUESTION = b"SELECT pg_current_snapshot()"


class PostgresqlWatch:
    """Asks for the snapshot that a query would see now, which every commit of anybody changes.

    Event loops ask, so none waits longer than ``patience_s``, and they wait only once: as long as the database does not
    answer every further question fails at once, while a thread connects again.
    """

    def __init__(self, connect: Callable[[], psycopg.Connection[Any]], patience_s: float) -> None:
        """``connect`` must come to an end in a few seconds."""
        self._connect = connect
        self._patience_s = patience_s
        self._asking = threading.Lock()
        self._hand_over = threading.Lock()
        self._connection: psycopg.Connection[Any] | None = None
        self._connecting: threading.Thread | None = None
        self._has_tried = threading.Event()
        self._is_closed = threading.Event()
        self._seen = b""
        self._revision = 0

    def revision(self) -> int:
        """Return a number that differs from the last one if anything was committed since. Raises Unavailable."""
        with self._asking:
            deadline_s = time.monotonic() + self._patience_s
            try:
                seen = self._ask(deadline_s)
            except psycopg.Error:  # perhaps only this connection is gone
                self._drop(deadline_s)
                seen = self._ask_again(deadline_s)
            if seen != self._seen:
                self._seen = seen
                self._revision += 1
            return self._revision

    def close(self) -> None:
        """Close the connection, from any thread, and connect no more."""
        self._is_closed.set()
        with self._asking, self._hand_over:
            if self._connection is not None:
                self._connection.close()

    def _ask_again(self, deadline_s: float) -> bytes:
        try:
            return self._ask(deadline_s)
        except psycopg.Error as error:
            self._drop(deadline_s)
            raise _unavailable() from error

    def _ask(self, deadline_s: float) -> bytes:
        connection = self._connection
        if connection is None:
            connection = self._await_connection(deadline_s)
        return _ask(connection.pgconn, deadline_s)

    def _drop(self, deadline_s: float) -> None:
        """Give the connection up. Where that took all the time, nobody is to wait for the next one."""
        with self._hand_over:
            connection, self._connection = self._connection, None
            self._seen = b""  # the next one may be to a server that knows less, and counts the same way
        if connection is not None:
            connection.close()
            self._has_tried.clear()
        if time.monotonic() >= deadline_s:
            self._has_tried.set()

    def _await_connection(self, deadline_s: float) -> psycopg.Connection[Any]:
        """Return the connection that a thread makes, unless it has tried in vain before. Raises Unavailable."""
        if self._connecting is None or not self._connecting.is_alive():
            self._connecting = threading.Thread(target=self._connect_until_done, name="watch", daemon=True)
            self._connecting.start()
        self._has_tried.wait(max(0.0, deadline_s - time.monotonic()))
        self._has_tried.set()
        if self._connection is None:
            raise _unavailable()
        return self._connection

    def _connect_until_done(self) -> None:
        while not self._is_closed.is_set():
            try:
                connection = self._connect()
            except psycopg.Error:
                self._has_tried.set()
                self._is_closed.wait(RETRY_S)
            else:
                self._take(connection)
                return

    def _take(self, connection: psycopg.Connection[Any]) -> None:
        with self._hand_over:
            if self._is_closed.is_set():
                connection.close()
            else:
                self._connection = connection
        self._has_tried.set()


def _ask(connection: pq.abc.PGconn, deadline_s: float) -> bytes:
    """Ask over libpq, which unlike what is built on it waits by a deadline. Raises OperationalError."""
    connection.send_query(_QUESTION)
    while connection.flush():
        _wait(connection, select.POLLOUT, deadline_s)
    answer: bytes | None = None
    while (result := _next_result(connection, deadline_s)) is not None:
        answer = result.get_value(0, 0) if result.status == pq.ExecStatus.TUPLES_OK else None
    if answer is None:
        raise psycopg.OperationalError("the server did not tell its snapshot")
    return answer


def _next_result(connection: pq.abc.PGconn, deadline_s: float) -> pq.abc.PGresult | None:
    while connection.is_busy():
        _wait(connection, select.POLLIN, deadline_s)
        connection.consume_input()
    return connection.get_result()


def _wait(connection: pq.abc.PGconn, event: int, deadline_s: float) -> None:
    poll = select.poll()
    poll.register(connection.socket, event)
    if not poll.poll(max(0.0, deadline_s - time.monotonic()) * 1000):
        raise psycopg.OperationalError("the server did not answer in time")


def _unavailable() -> Unavailable:
    return Unavailable("The catalog's database does not answer right now.")
