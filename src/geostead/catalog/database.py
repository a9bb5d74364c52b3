"""Transactions on one database, and its errors in our words."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Protocol
from weakref import WeakSet

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from geostead.errors import Unavailable


class Watch(Protocol):
    """Tells, for next to nothing, whether the database has changed. For one thread at a time."""

    def revision(self) -> int:
        """Return a number that differs from the last one if anything was committed since. Raises Unavailable."""

    def close(self) -> None:
        """Give the connection back."""


class Database:
    """A database that the parts of the catalog share.

    ``reader`` begins transactions that see one state of the database, ``writer`` those that write, one after the other
    where the database cannot do better. ``open_watch`` opens a watch on a connection of its own, so that it sees the
    commits of every other one.
    """

    def __init__(self, reader: Engine, writer: Engine, open_watch: Callable[[], Watch]) -> None:
        self._reader = reader
        self._writer = writer
        self._open_watch = open_watch
        self._watches: WeakSet[Watch] = WeakSet()
        self._watches_lock = threading.Lock()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Run statements that read, all on one state. Raises Unavailable."""
        with _in_our_words(), self._reader.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Run statements in one transaction, durable when the context is left. Raises Unavailable."""
        with _in_our_words(), self._writer.begin() as connection:
            yield connection

    def watch(self) -> Watch:
        """Open a watch. It is closed with the database, or when it is dropped."""
        with _in_our_words():
            watch = self._open_watch()
        with self._watches_lock:
            self._watches.add(watch)
        return watch

    def close(self) -> None:
        """Close all connections."""
        with self._watches_lock:  # a request may open its first watch while the server ends
            watches = list(self._watches)
        for watch in watches:
            watch.close()
        self._reader.dispose()


class CatalogPart:
    """What the parts of :class:`geostead.catalog.sql_catalog.SqlCatalog` have in common: a database and a clock."""

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database = database
        self._now = now


@contextmanager
def _in_our_words() -> Iterator[None]:
    try:
        yield
    except (OperationalError, PoolTimeoutError) as error:
        raise Unavailable("The catalog's database does not answer right now.") from error
