"""The catalog over SQL, put together."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import make_url, select

from geostead.catalog.acceptance import SqlAcceptance
from geostead.catalog.accounts import SqlAccounts
from geostead.catalog.data_sources import SqlDataSources
from geostead.catalog.database import Database, Watch
from geostead.catalog.endings import SqlEndings
from geostead.catalog.files import SqlFiles
from geostead.catalog.housekeeping import SqlHousekeeping
from geostead.catalog.jobs import SqlJobs
from geostead.catalog.leases import SqlLeases
from geostead.catalog.migrations import bring_up_to_date
from geostead.catalog.sqlite import open_sqlite
from geostead.catalog.statistics import SqlStatistics
from geostead.catalog.tables import accounts
from geostead.errors import InvalidParameter

BUSY_TIMEOUT_S = 30.0


class SqlCatalog(
    SqlAccounts, SqlDataSources, SqlAcceptance, SqlJobs, SqlLeases, SqlEndings, SqlFiles, SqlHousekeeping, SqlStatistics
):
    """Implements :class:`geostead.catalog.base.Catalog` on the database of a URL, ``sqlite:///path``.

    Connections are opened when they are first needed. ``now`` is the clock of leases. Who waits longer than
    ``busy_timeout_s`` for a lock of the database gets Unavailable. May be used by any number of threads; a forked
    process makes its own.
    """

    def __init__(self, url: str, *, now: Callable[[], datetime], busy_timeout_s: float = BUSY_TIMEOUT_S) -> None:
        super().__init__(_open(url, busy_timeout_s), now)
        self._watch: Watch | None = None
        self._watch_lock = threading.Lock()

    def revision(self) -> int:
        """Return a number that changes when anything was committed, by this catalog too; cheap enough to poll."""
        with self._watch_lock:
            if self._watch is None:
                self._watch = self._database.watch()
            return self._watch.revision()

    def migrate(self) -> None:
        """Bring the database to the schema of this program; several processes may call it at once.

        One transaction: the others wait for it, then find nothing to do. Raises Unavailable, also for a database that
        a newer program has already brought further.
        """
        with self._database.writing() as connection:
            bring_up_to_date(connection)

    def ping(self) -> None:
        """Answer, or raise Unavailable."""
        with self._database.reading() as connection:
            connection.execute(select(accounts.c.id).limit(1))  # a constant would not touch the file

    def close(self) -> None:
        """Give the connections back."""
        self._database.close()


def _open(url: str, busy_timeout_s: float) -> Database:
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or parsed.database in (None, "", ":memory:"):
        raise InvalidParameter("database URL", parsed.render_as_string(), "sqlite:///path/of/a/file")
    return open_sqlite(parsed, busy_timeout_s)
