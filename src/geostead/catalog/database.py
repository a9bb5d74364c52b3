"""Transactions on one database, and its errors in our words.

What a database takes back because of others, or because it went away before the end, is run again: ``@transaction``.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import wraps
from pathlib import Path
from typing import Concatenate, ParamSpec, Protocol, TypeVar
from weakref import WeakSet

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from geostead.catalog.clock import LeaseClock
from geostead.errors import Unavailable
from geostead.telemetry.trace import span

MAX_ATTEMPTS = 10
MAX_PAUSE_S = 0.2


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

    def has_taken_back(self, error: BaseException, *, is_lost: bool, is_committing: bool) -> bool:
        """Tell whether nothing of the transaction was kept, and it may succeed when it is run again.

        ``is_lost``: the connection went with the error. ``is_committing``: it happened while committing.
        """

    def begin_migration(self, connection: Connection) -> None:
        """Let nobody else migrate until the transaction ends."""

    def copy_to(self, connection: Connection, path: Path) -> None:
        """Write all that a transaction sees into a new file, durable when this returns."""

    def after_copy(self, connection: Connection) -> None:
        """Let what is recorded from now on be numbered behind what was copied into the database."""


class Database:
    """A database that the parts of the catalog share.

    ``reader`` begins transactions that see one state of the database, ``writer`` those that write; ``looker`` runs
    single statements without one. ``clock`` is the clock of leases.
    """

    def __init__(
        self, reader: Engine, writer: Engine, special: Speciality, clock: LeaseClock, looker: Engine | None = None
    ) -> None:
        self.special = special
        self.clock = clock
        self._reader = reader
        self._writer = writer
        self._looker = reader if looker is None else looker
        self._quick_reader = self._looker.execution_options(**reader.get_execution_options())
        self._watches: WeakSet[Watch] = WeakSet()
        self._watches_lock = threading.Lock()

    @contextmanager
    def reading(self, *, quickly: bool = False) -> Iterator[Connection]:
        """Run statements that read, all on one state; ``quickly``: none waits for long. Raises Unavailable."""
        engine = self._quick_reader if quickly else self._reader
        with self._in_our_words(), engine.connect() as connection:
            yield connection

    @contextmanager
    def looking(self) -> Iterator[Connection]:
        """Run one statement that reads, as quickly as it can be done; wait for nothing for long. Raises Unavailable."""
        with self._in_our_words(), self._looker.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Run statements in one transaction, durable when the context is left.

        Raises Unavailable; where that comes from the end of the context, the transaction may have been kept.
        """
        with self._in_our_words(), self._writer.connect() as connection:
            transaction = connection.begin()
            yield connection
            with self._in_our_words(is_committing=True):
                transaction.commit()

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
        for engine in (self._reader, self._looker):
            engine.dispose()

    @contextmanager
    def _in_our_words(self, *, is_committing: bool = False) -> Iterator[None]:
        try:
            yield
        except PoolTimeoutError as error:
            raise Unavailable("The catalog's database does not answer right now: all connections are taken.") from error
        except Exception as error:
            cause = error.orig if isinstance(error, DBAPIError) else error
            ours = None if cause is None else self.special.in_our_words(cause)
            is_lost = isinstance(error, DBAPIError) and error.connection_invalidated
            if cause and self.special.has_taken_back(cause, is_lost=is_lost, is_committing=is_committing):
                raise TakenBack(ours or error) from error
            if ours is None:
                raise
            raise ours from error


class CatalogPart:
    """What the parts of :class:`geostead.catalog.sql_catalog.SqlCatalog` have in common: a database and a clock."""

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database = database
        self._now = now


class TakenBack(Exception):
    """The database took a transaction back that may succeed when it is run again. Never leaves a ``@transaction``."""

    def __init__(self, outcome: Exception) -> None:
        self.outcome = outcome
        """What to raise when there have been enough attempts."""
        super().__init__(str(outcome))


def _pause(attempt: int) -> None:
    """Wait for a random moment, so that two that got in each other's way do not meet again."""
    time.sleep(random.uniform(0, min(MAX_PAUSE_S, 0.005 * 2**attempt)))  # noqa: S311  nothing secret about it


_Part = TypeVar("_Part", bound=CatalogPart)
_Arguments = ParamSpec("_Arguments")
_Result = TypeVar("_Result")


def transaction(
    method: Callable[Concatenate[_Part, _Arguments], _Result],
) -> Callable[Concatenate[_Part, _Arguments], _Result]:
    """Run a method of the catalog again where the database took it back, up to :data:`MAX_ATTEMPTS` times in all.

    Every method of the port has this, once: its body begins the transaction, and may run more than once.
    """
    name = f"catalog {method.__name__}"

    @wraps(method)
    def run(self: _Part, /, *args: _Arguments.args, **kwargs: _Arguments.kwargs) -> _Result:
        with span(name):
            return attempts(self, *args, **kwargs)

    def attempts(self: _Part, /, *args: _Arguments.args, **kwargs: _Arguments.kwargs) -> _Result:
        for attempt in range(1, MAX_ATTEMPTS):
            try:
                return method(self, *args, **kwargs)
            except TakenBack:
                _pause(attempt)
        try:
            return method(self, *args, **kwargs)
        except TakenBack as error:
            raise error.outcome from error

    return run
