"""Transactions on one database, and its errors in our words."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Protocol
from weakref import WeakSet

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from geostead.errors import Unavailable


class Watch(Protocol):
    """Tells, for next to nothing, whether the database has changed. For one thread at a time."""

    def revision(self) -> int:
        """Return a number that differs from the last one if anything was committed since. Raises Unavailable."""

    def close(self) -> None:
        """Give the connection back."""


class Speciality(Protocol):
    """What one kind of database does its own way."""

    def open_watch(self) -> Watch:
        """Open a watch on a connection of its own, so that it sees the commits of every other one."""

    def in_our_words(self, error: BaseException) -> Unavailable | None:
        """Return what an error of the driver comes to for who calls the catalog; None if it is a bug."""

    def copy_to(self, connection: Connection, path: Path) -> None:
        """Write all that a transaction sees into a new file, durable when this returns."""

    def open_copy(self, path: Path) -> AbstractContextManager[Connection]:
        """Open what :meth:`copy_to` wrote; what is written to the connection does not change the file.

        Raises InvalidParameter (``backup``) where it is none.
        """


class Database:
    """A database that the parts of the catalog share.

    ``reader`` begins transactions that see one state of the database, ``writer`` those that write, one after the other
    where the database cannot do better.
    """

    def __init__(self, reader: Engine, writer: Engine, special: Speciality) -> None:
        self.special = special
        self._reader = reader
        self._writer = writer
        self._watches: WeakSet[Watch] = WeakSet()
        self._watches_lock = threading.Lock()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Run statements that read, all on one state. Raises Unavailable."""
        with self._in_our_words(), self._reader.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Run statements in one transaction, durable when the context is left. Raises Unavailable."""
        with self._in_our_words(), self._writer.begin() as connection:
            yield connection

    def watch(self) -> Watch:
        """Open a watch. It is closed with the database, or when it is dropped."""
        with self._in_our_words():
            watch = self.special.open_watch()
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

    @contextmanager
    def _in_our_words(self) -> Iterator[None]:
        try:
            yield
        except PoolTimeoutError as error:
            raise Unavailable("The catalog's database does not answer right now: all connections are taken.") from error
        except Exception as error:
            cause = error.orig if isinstance(error, DBAPIError) else error
            ours = None if cause is None else self.special.in_our_words(cause)
            if ours is None:
                raise
            raise ours from error


class CatalogPart:
    """What the parts of :class:`geostead.catalog.sql_catalog.SqlCatalog` have in common: a database and a clock."""

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database = database
        self._now = now
