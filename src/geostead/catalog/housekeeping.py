"""What is still needed of blobs and snapshots, and what has outlived its time."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, select, update

from geostead.catalog.database import CatalogPart
from geostead.catalog.tables import has_files, jobs, versions
from geostead.model.job import JobStatus, LoadOrder, log_blob, output_blob, snapshot_of

FILES_KEPT = timedelta(days=14)
"""How long outputs and error logs stay after their job has ended (http-api.md, section 3.2)."""


class SqlHousekeeping(CatalogPart):
    """Implements :class:`geostead.catalog.base.Housekeeping`."""

    def used_blobs(self) -> set[str]:
        """Return the names of all blobs that jobs still need: uploads of pending jobs, outputs, error logs.

        Of pending jobs also the output and the log that they may be about to record.
        """
        with self._database.reading() as connection:
            return _blobs_of_pending_jobs(connection) | _blobs_of_ended_jobs(connection)

    def used_snapshots(self) -> set[str]:
        """Return the ids of all snapshots that versions name or that the newest attempts of pending jobs may write.

        An attempt whose lease has run out counts until another begins: its worker may only have been slow.
        """
        with self._database.reading() as connection:
            named = set(connection.scalars(select(versions.c.snapshot_id)))
            attempts = select(jobs.c.id, jobs.c.attempt).where(jobs.c.status == JobStatus.PENDING)
            return named | {snapshot_of(job_id, attempt) for job_id, attempt in connection.execute(attempts)}

    def forget_old(self, now: datetime) -> int:
        """Forget the outputs and logs of jobs that ended 14 days ago or earlier. Return of how many jobs."""
        outlived = (has_files, jobs.c.completed_at <= now - FILES_KEPT)
        with self._database.writing() as connection:
            return connection.execute(update(jobs).where(*outlived).values(output=None, error_log=None)).rowcount


def _blobs_of_pending_jobs(connection: Connection) -> set[str]:
    names: set[str] = set()
    pending = select(jobs.c.id, jobs.c.order).where(jobs.c.status == JobStatus.PENDING)
    for job_id, order in connection.execute(pending):
        names |= {output_blob(job_id), log_blob(job_id)}
        if isinstance(order, LoadOrder):
            names.add(order.upload)
    return names


def _blobs_of_ended_jobs(connection: Connection) -> set[str]:
    kept = select(jobs.c.output, jobs.c.error_log).where(has_files)
    return {name for row in connection.execute(kept) for name in row if name is not None}
