"""What is still needed of blobs and snapshots, what has outlived its time, and copies of the whole catalog."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import ColumnElement, Connection, and_, delete, insert, not_, or_, select, update

from geostead.catalog.base import Forgotten
from geostead.catalog.database import CatalogPart
from geostead.catalog.endings import remove_if_nothing_is_left
from geostead.catalog.jobs import has_pending_changes
from geostead.catalog.migrations import bring_up_to_date
from geostead.catalog.tables import accounts, data_sources, has_files, jobs, metadata, versions
from geostead.catalog.versions import stage
from geostead.errors import InvalidParameter
from geostead.model.job import DownloadOrder, JobKind, JobStatus, LoadOrder, log_blob, output_blob, snapshot_of

FILES_KEPT = timedelta(days=14)
"""How long outputs and error logs stay after their job has ended (http-api.md, section 3.2)."""
JOBS_KEPT = timedelta(days=15)
"""How long jobs stay after they have ended (same place)."""
STAGED_KEPT = timedelta(days=30)
"""How long a version stays staged (same place)."""


class SqlHousekeeping(CatalogPart):
    """Implements :class:`geostead.catalog.base.Housekeeping`."""

    def used_blobs(self) -> set[str]:
        """Return the names of all blobs that jobs still need: uploads of pending jobs, outputs, error logs.

        Of pending jobs also the output and the log that their attempt may be about to record.
        """
        with self._database.reading() as connection:
            return _blobs_of_pending_jobs(connection) | _blobs_of_ended_jobs(connection)

    def used_snapshots(self) -> set[str]:
        """Return the ids of all snapshots that versions or downloads name or that attempts may be writing.

        An attempt whose lease has run out counts until another begins: its worker may only have been slow.
        """
        with self._database.reading() as connection:
            named = set(connection.scalars(select(versions.c.snapshot_id)))
            return named | _snapshots_of_attempts(connection) | _snapshots_of_downloads(connection)

    def forget_old(self, now: datetime) -> Forgotten:
        """Forget what has outlived its time.

        A staged version outlives its time while a job of its data source is pending: that may be about to use it.
        """
        with self._database.writing() as connection:
            files = update(jobs).where(has_files, jobs.c.completed_at <= now - FILES_KEPT)
            return Forgotten(
                files=connection.execute(files.values(output=None, error_log=None)).rowcount,
                jobs=connection.execute(delete(jobs).where(jobs.c.completed_at <= now - JOBS_KEPT)).rowcount,
                staged_versions=_forget_staged(connection, versions.c.created_at <= now - STAGED_KEPT),
            )

    def copy_to(self, path: Path) -> None:
        """Write the whole catalog as of one moment into a new file, durable when this returns."""
        with self._database.reading() as connection:
            self._database.special.copy_to(connection, path)

    def copy_from(self, path: Path) -> None:
        """Take in what :meth:`copy_to` wrote, brought to the schema of this program: one transaction.

        Raises InvalidParameter (``backup``) where it is none, (``data folder``) where this catalog holds an account.
        """
        with self._database.special.open_copy(path) as copy, self._database.writing() as connection:
            bring_up_to_date(copy)
            bring_up_to_date(connection)
            name = connection.scalar(select(accounts.c.name).limit(1))
            if name is not None:
                raise InvalidParameter("data folder", f"one with the account {name}", "one without accounts")
            for table in metadata.sorted_tables:
                for rows in copy.execute(select(table)).mappings().partitions(1000):
                    connection.execute(insert(table), [dict(row) for row in rows])


def _blobs_of_pending_jobs(connection: Connection) -> set[str]:
    names: set[str] = set()
    pending = select(jobs.c.id, jobs.c.attempt, jobs.c.order).where(jobs.c.status == JobStatus.PENDING)
    for job_id, attempt, order in connection.execute(pending):
        names |= {output_blob(job_id), log_blob(job_id, attempt)}
        if isinstance(order, LoadOrder):
            names.add(order.upload)
    return names


def _blobs_of_ended_jobs(connection: Connection) -> set[str]:
    kept = select(jobs.c.output, jobs.c.error_log).where(has_files)
    return {name for row in connection.execute(kept) for name in row if name is not None}


def _snapshots_of_attempts(connection: Connection) -> set[str]:
    loads = (jobs.c.status == JobStatus.PENDING, jobs.c.kind == JobKind.LOAD)
    attempts = connection.execute(select(jobs.c.id, jobs.c.attempt).where(*loads))
    return {snapshot_of(job_id, attempt) for job_id, attempt in attempts}


def _snapshots_of_downloads(connection: Connection) -> set[str]:
    pending = and_(jobs.c.status == JobStatus.PENDING, jobs.c.kind == JobKind.DOWNLOAD)
    orders = connection.scalars(select(jobs.c.order).where(or_(pending, jobs.c.output.is_not(None))))
    return {order.snapshot_id for order in orders if isinstance(order, DownloadOrder)}


def _forget_staged(connection: Connection, is_old: ColumnElement[bool]) -> int:
    staged = data_sources.join(versions, versions.c.job_id == data_sources.c.staged_version_id)
    outlived = select(data_sources.c.id).select_from(staged).where(is_old, not_(has_pending_changes))
    ids = connection.scalars(outlived).all()
    for data_source_id in ids:
        stage(connection, data_source_id, None)
        remove_if_nothing_is_left(connection, data_source_id)
    return len(ids)
