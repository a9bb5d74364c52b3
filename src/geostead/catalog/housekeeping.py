"""What has outlived its time, and copies of the whole catalog."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import ColumnElement, Connection, delete, not_, select, update

from geostead.catalog.base import Forgotten
from geostead.catalog.copies import move_rows, open_copy
from geostead.catalog.database import CatalogPart, transaction
from geostead.catalog.endings import remove_if_nothing_is_left
from geostead.catalog.jobs import has_pending_changes
from geostead.catalog.locks import lock_data_sources
from geostead.catalog.migrations import bring_up_to_date
from geostead.catalog.tables import accounts, data_sources, has_files, jobs, kept_uploads, usage_counts, versions
from geostead.catalog.uploads_port import KEPT_FOR
from geostead.catalog.versions import stage
from geostead.errors import InvalidParameter

FILES_KEPT = timedelta(days=14)
"""How long outputs and error logs stay after their job has ended (http-api.md, section 3.2)."""
JOBS_KEPT = timedelta(days=15)
"""How long jobs stay after they have ended (same place)."""
STAGED_KEPT = timedelta(days=30)
"""How long a version stays staged (same place)."""
COUNTS_KEPT = timedelta(days=400)
"""How long the counts of requests stay: a year can be held against the one before."""


class SqlHousekeeping(CatalogPart):
    """Implements the part of :class:`geostead.catalog.base.Housekeeping` that is not about files."""

    @transaction
    def forget_old(self, now: datetime) -> Forgotten:
        """Forget what has outlived its time.

        A staged version outlives its time while a job of its data source is pending: that may be about to use it.
        """
        with self._database.writing() as connection:
            staged_versions = _forget_staged(connection, versions.c.created_at <= now - STAGED_KEPT)
            connection.execute(delete(usage_counts).where(usage_counts.c.day < (now - COUNTS_KEPT).date()))
            connection.execute(delete(kept_uploads).where(kept_uploads.c.created_at <= now - KEPT_FOR))
            files = update(jobs).where(has_files, jobs.c.completed_at <= now - FILES_KEPT)
            return Forgotten(
                files=connection.execute(files.values(output=None, error_log=None)).rowcount,
                jobs=connection.execute(delete(jobs).where(jobs.c.completed_at <= now - JOBS_KEPT)).rowcount,
                staged_versions=staged_versions,
            )

    @transaction
    def copy_to(self, path: Path) -> None:
        """Write the whole catalog as of one moment into a new file, durable when this returns."""
        with self._database.reading() as connection:
            self._database.special.copy_to(connection, path)

    @transaction
    def copy_from(self, path: Path) -> None:
        """Take in what :meth:`copy_to` wrote, brought to the schema of this program: one transaction.

        Nobody holds its pending jobs: their workers hold those of the catalog that was copied.

        Raises InvalidParameter (``backup``) where it is none, (``data folder``) where this catalog holds an account.
        """
        with open_copy(path) as copy, self._database.writing() as connection:
            self._database.special.begin_migration(connection)
            bring_up_to_date(copy)
            bring_up_to_date(connection)
            name = connection.scalar(select(accounts.c.name).limit(1))
            if name is not None:
                raise InvalidParameter("data folder", f"one with the account {name}", "one without accounts")
            move_rows(copy, connection)
            connection.execute(update(jobs).values(worker=None, leased_until=None))  # its workers are elsewhere
            self._database.special.after_copy(connection)


def _forget_staged(connection: Connection, is_old: ColumnElement[bool]) -> int:
    staged = data_sources.join(versions, versions.c.job_id == data_sources.c.staged_version_id)
    outlived = select(data_sources.c.id).select_from(staged).where(is_old, not_(has_pending_changes))
    those = data_sources.c.id.in_(connection.scalars(outlived).all())
    lock_data_sources(connection, those)
    ids = connection.scalars(outlived.where(those)).all()  # a job may have been accepted before they were locked
    for data_source_id in ids:
        stage(connection, data_source_id, None)
        remove_if_nothing_is_left(connection, data_source_id)
    return len(ids)
