"""What is special about PostgreSQL: its connections, its transactions, its errors, its clock.

Transactions that read are REPEATABLE READ, READ ONLY: all their statements see one state. Those that write are READ
COMMITTED and lock what they decide by; :mod:`geostead.catalog.locks` says what, in which order, and why that suffices.
SERIALIZABLE would need no locks, but tables as small as ours are read whole, so that nearly any two transactions at
once would be taken for a conflict and one of them run again.

Connections are not tried before they are used. One that turns out to be lost before COMMIT has changed nothing, and the
transaction runs again on a new one (:func:`geostead.catalog.database.transaction`); the outcome of one that is lost
during COMMIT is unknown, which is said.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
from psycopg import errors
from psycopg.types.string import StrDumper, StrDumperUnknown
from sqlalchemy import BigInteger, Connection, Engine, create_engine, func, select

from geostead.catalog.clock import DatabaseClock, GivenClock
from geostead.catalog.copies import copy_rows
from geostead.catalog.database import Database
from geostead.catalog.postgresql_watch import PostgresqlWatch
from geostead.catalog.tables import CONTENT
from geostead.catalog.watchful_connection import WatchfulConnection
from geostead.errors import DiskFull, Unavailable, Unfit
from geostead.postgresql.connections import CONNECT_S, DEFAULTS, NoAnswer, is_outage
from geostead.postgresql.refusals import is_refusal
from geostead.postgresql.urls import read_url

LOOK_S = 2.0
"""How long a look-up waits for an answer, or for connecting, which libpq counts in whole seconds."""
LOOK_LOCK_S = 1.0
"""How long a look-up waits for a table that is locked. Less than for an answer: so it ends and keeps its connection."""
POOL_SIZE, POOL_OVERFLOW = 4, 8
LOOKERS, LOOKER_OVERFLOW = 2, 4
RECYCLE_S = 1800
MIGRATION_LOCK = 0x67656F73746561  # "geostea": any number that nobody else locks in the database of the catalog
MIGRATION_WAIT = "300ms"
"""How long a migration waits for a table before it gives up, to be tried again. Whoever comes behind it waits as long,
queries too: less than :data:`LOOK_LOCK_S`, so that they succeed."""

CLOCK = DatabaseClock("(extract(epoch FROM clock_timestamp()) * 1000000)::bigint")

_DEFAULTS = DEFAULTS | {"target_session_attrs": "read-write"}  # of several hosts the one that is not a standby
_SESSION = """
    SELECT set_config('lock_timeout', %s, false), set_config('idle_in_transaction_session_timeout', '60s', false),
    set_config('synchronous_commit', 'on', false) FROM pg_settings WHERE name = 'lock_timeout'
"""


def open_postgresql(url: str, now: Callable[[], datetime] | None, busy_timeout_s: float) -> Database:
    """Return the database of a URL as PostgreSQL's manual has it ("Connection URIs"). Connects to nothing yet.

    ``now`` is the clock of leases; None: the database's own. A statement waits ``busy_timeout_s`` for a lock before it
    fails. Raises InvalidParameter (``database URL``), which shows no password.
    """
    parameters = _DEFAULTS | read_url(url)
    quick = parameters | {"connect_timeout": min(int(parameters["connect_timeout"]), round(LOOK_S))}
    engine = _engine(parameters, busy_timeout_s, busy_timeout_s + CONNECT_S, (POOL_SIZE, POOL_OVERFLOW))
    looker = _engine(quick, LOOK_LOCK_S, LOOK_S, (LOOKERS, LOOKER_OVERFLOW))
    return Database(
        engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True),
        engine.execution_options(isolation_level="READ COMMITTED"),
        Postgresql(quick),
        CLOCK if now is None else GivenClock(now),
        looker.execution_options(isolation_level="AUTOCOMMIT"),
    )


def _engine(parameters: dict[str, Any], lock_s: float, patience_s: float, sizes: tuple[int, int]) -> Engine:
    size, overflow = sizes
    return create_engine(
        "postgresql+psycopg://",
        creator=partial(_connect, parameters, lock_s, patience_s),
        pool_size=size,
        max_overflow=overflow,
        pool_timeout=min(patience_s, 10.0),
        pool_recycle=RECYCLE_S,
        pool_use_lifo=True,
        hide_parameters=True,
        use_native_hstore=False,
    )


def _connect(parameters: dict[str, Any], lock_s: float, patience_s: float) -> WatchfulConnection:
    connection = WatchfulConnection.connect(**parameters, autocommit=True)
    connection.answer_s = patience_s
    for dumper in (_StrWithoutNul, _UnknownWithoutNul):
        connection.adapters.register_dumper(str, dumper)
    connection.execute(_SESSION, [f"{round(lock_s * 1000)}ms"])
    connection.autocommit = False
    return connection


def _without_nul(text: str) -> str:
    return text.replace("\0", "\ufffd")  # which PostgreSQL keeps in no text


class _StrWithoutNul(StrDumper):
    def dump(self, obj: str) -> Any:
        return super().dump(_without_nul(obj))


class _UnknownWithoutNul(StrDumperUnknown):
    def dump(self, obj: str) -> Any:
        return super().dump(_without_nul(obj))


class Postgresql:
    """Implements :class:`geostead.catalog.database.Speciality`."""

    def __init__(self, parameters: dict[str, Any]) -> None:
        self._parameters = parameters

    def open_watch(self) -> PostgresqlWatch:
        """Return a watch, which connects when it is first asked."""
        return PostgresqlWatch(lambda: psycopg.connect(**self._parameters, autocommit=True), LOOK_S)

    def in_our_words(self, error: BaseException) -> Unavailable | None:
        """Return what an error of PostgreSQL comes to; None if it is a bug."""
        match error:
            case errors.DiskFull():
                return DiskFull()
            case errors.DataCorrupted() | errors.IndexCorrupted():
                kind, trouble = Unavailable, "is damaged"
            case errors.UndefinedTable() | errors.DuplicateTable():
                kind, trouble = Unfit, "has tables of something else"
            case errors.ReadOnlySqlTransaction():
                kind, trouble = Unavailable, "cannot be used"
            case psycopg.Error() if is_refusal(error):
                kind, trouble = Unfit, "cannot be used"
            case psycopg.Error() if is_outage(error):
                kind, trouble = Unavailable, "does not answer right now"
            case _:
                return None
        told = f"The catalog's database {trouble}"
        return kind(f"{told}: {_first_line(error)}.", told=f"{told}.")

    def has_taken_back(self, error: BaseException, *, is_lost: bool, is_committing: bool) -> bool:
        """Tell whether nothing was kept: in a conflict with another transaction, or lost before COMMIT.

        Who has waited in vain is not made to wait again, whether or not something was kept.
        """
        if isinstance(error, errors.SerializationFailure | errors.DeadlockDetected | errors.UniqueViolation):
            return True
        return is_lost and not is_committing and not isinstance(error, NoAnswer)

    def begin_migration(self, connection: Connection) -> None:
        """Wait for others that migrate, but for nobody else for long."""
        connection.execute(select(func.pg_advisory_xact_lock(MIGRATION_LOCK)))
        connection.execute(select(func.set_config("lock_timeout", MIGRATION_WAIT, True)))

    def copy_to(self, connection: Connection, path: Path) -> None:
        """Write all that a transaction sees into a new file of SQLite, durable when this returns."""
        copy_rows(connection, path)

    def after_copy(self, connection: Connection) -> None:
        """Let the sequences of numbers go on behind the highest one."""
        for table in CONTENT:
            if "number" in table.c:
                highest = select(func.coalesce(func.max(table.c.number), 0) + 1).scalar_subquery()
                sequence = func.pg_get_serial_sequence(table.name, "number")
                connection.execute(select(func.setval(sequence, highest.cast(BigInteger), False)))


def _first_line(error: psycopg.Error) -> str:
    """Return what the server said or, where it did not, libpq; neither shows a password."""
    said = error.diag.message_primary or str(error) or type(error).__name__
    return said.splitlines()[0].rstrip(".")
