"""The catalog over SQL, put together."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime

from sqlalchemy import make_url, select

from geostead.catalog.acceptance import SqlAcceptance
from geostead.catalog.accounts import SqlAccounts
from geostead.catalog.data_sources import SqlDataSources
from geostead.catalog.database import Database, Watch, transaction
from geostead.catalog.database_urls import KNOWN_URLS, is_postgresql, is_sqlite
from geostead.catalog.drafts import SqlDrafts
from geostead.catalog.endings import SqlEndings
from geostead.catalog.files import SqlFiles
from geostead.catalog.housekeeping import SqlHousekeeping
from geostead.catalog.jobs import SqlJobs
from geostead.catalog.leases import SqlLeases
from geostead.catalog.migrations import bring_up_to_date
from geostead.catalog.people import SqlPeople
from geostead.catalog.sessions import SqlSessions
from geostead.catalog.sqlite import open_sqlite
from geostead.catalog.statistics import SqlStatistics
from geostead.catalog.tables import accounts, installation
from geostead.catalog.uploads import SqlKeptUploads
from geostead.catalog.uses import SqlUses
from geostead.errors import InvalidParameter

BUSY_TIMEOUT_S = 30.0


class SqlCatalog(
    SqlAccounts,
    SqlPeople,
    SqlSessions,
    SqlDataSources,
    SqlKeptUploads,
    SqlAcceptance,
    SqlJobs,
    SqlLeases,
    SqlEndings,
    SqlFiles,
    SqlHousekeeping,
    SqlStatistics,
    SqlDrafts,
    SqlUses,
):
    """Implements :class:`geostead.catalog.base.Catalog` on the database of a URL.

    ``sqlite:///path``, or ``postgresql://…`` as PostgreSQL's manual has it. Connections are opened when they are first
    needed. ``now`` is the clock of leases; None: the one that all share, the database's own on PostgreSQL. Who waits
    longer than ``busy_timeout_s`` for a lock of the database gets Unavailable. May be used by any number of threads; a
    forked process makes its own.
    """

    def __init__(
        self, url: str, *, now: Callable[[], datetime] | None = None, busy_timeout_s: float = BUSY_TIMEOUT_S
    ) -> None:
        super().__init__(_open(url, now, busy_timeout_s), now or _utc_now)
        self.is_remote = is_postgresql(url)
        self._watch: Watch | None = None
        self._watch_lock = threading.Lock()

    def revision(self) -> int:
        """Return a number that changes when anything was committed, by this catalog too; cheap enough to poll."""
        with self._watch_lock:
            if self._watch is None:
                self._watch = self._database.watch()
            return self._watch.revision()

    @transaction
    def migrate(self) -> None:
        """Bring the database to the schema of this program; several processes may call it at once.

        One transaction: the others wait for it, then find nothing to do. A database that a newer program has already
        brought further stays as it is. Raises Unavailable, also where that program has said that this one may not work
        with it.
        """
        with self._database.writing() as connection:
            self._database.special.begin_migration(connection)
            bring_up_to_date(connection)

    @transaction
    def installation_id(self) -> str:
        """Return the id that was made with the database: 32 hex digits. A copy that is taken in brings none."""
        with self._database.reading() as connection:
            installation_id: str = connection.execute(select(installation.c.id)).scalar_one()
            return installation_id

    @transaction
    def ping(self) -> None:
        """Answer, or raise Unavailable."""
        with self._database.looking() as connection:
            connection.execute(select(accounts.c.id).limit(1))  # a constant would not touch the file

    def close(self) -> None:
        """Give the connections back."""
        self._database.close()


def _open(url: str, now: Callable[[], datetime] | None, busy_timeout_s: float) -> Database:
    if is_postgresql(url):
        from geostead.catalog.postgresql import open_postgresql  # 0.1 s that an installation on SQLite does not need

        return open_postgresql(url, now, busy_timeout_s)
    if is_sqlite(url):
        return open_sqlite(make_url(url), now or _utc_now, busy_timeout_s)
    kind, colon, _ = url.partition("://")
    raise InvalidParameter("database URL", f"{kind}://…" if colon and kind.isidentifier() else "(hidden)", KNOWN_URLS)


def _utc_now() -> datetime:
    return datetime.now(UTC)
