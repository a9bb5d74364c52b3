"""Which blobs and snapshots are still needed."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, RowMapping, and_, or_, select

from geostead.catalog.base import NeededFile, NeededFiles
from geostead.catalog.database import CatalogPart, transaction
from geostead.catalog.rows import job_of
from geostead.catalog.tables import accounts, data_sources, has_files, jobs, kept_uploads, versions
from geostead.model.job import DownloadOrder, JobKind, JobStatus, LoadOrder, log_blob, output_blob, snapshots_of_attempt
from geostead.model.kept_upload import blob_of

_is_pending = jobs.c.status == JobStatus.PENDING
_pins_snapshot = and_(jobs.c.kind == JobKind.DOWNLOAD, or_(_is_pending, jobs.c.output.is_not(None)))


class SqlFiles(CatalogPart):
    """Implements the part of :class:`geostead.catalog.base.Housekeeping` that is about files."""

    @transaction
    def used_blobs(self) -> set[str]:
        """Return the names of all blobs that jobs still need: uploads of pending jobs, outputs, error logs.

        Of pending jobs also the output and the log that their attempt may be about to record.
        """
        with self._database.reading() as connection:
            return _blobs_of_pending_jobs(connection) | _blobs_of_ended_jobs(connection) | _blobs_of_uploads(connection)

    @transaction
    def used_snapshots(self) -> set[str]:
        """Return the ids of all snapshots that versions or downloads name or that attempts may be writing.

        An attempt whose lease has run out counts until another begins: its worker may only have been slow.
        """
        with self._database.reading() as connection:
            named = set(connection.scalars(select(versions.c.snapshot_id)))
            orders = connection.scalars(select(jobs.c.order).where(_pins_snapshot))
            pinned = {order.snapshot_id for order in orders if isinstance(order, DownloadOrder)}
            return named | pinned | _snapshots_of_attempts(connection)

    @transaction
    def needed_files(self) -> NeededFiles:
        """Return what has to be there for every version, download and job to be whole."""
        with self._database.reading() as connection:
            snapshots = {file.name: file for file in _snapshots_of_downloads(connection)}
            snapshots |= {file.name: file for file in _snapshots_of_versions(connection)}
            return NeededFiles(tuple(snapshots.values()), tuple(_blobs_to_be_there(connection)))


def _blobs_of_pending_jobs(connection: Connection) -> set[str]:
    names: set[str] = set()
    for job_id, attempt, order in connection.execute(
        select(jobs.c.id, jobs.c.attempt, jobs.c.order).where(_is_pending)
    ):
        names |= {output_blob(job_id, attempt), log_blob(job_id, attempt)}
        if isinstance(order, LoadOrder):
            names.add(order.upload_of(attempt))
    return names


def _blobs_of_ended_jobs(connection: Connection) -> set[str]:
    kept = select(jobs.c.output, jobs.c.error_log).where(has_files)
    return {name for row in connection.execute(kept) for name in row if name is not None}


def _blobs_of_uploads(connection: Connection) -> set[str]:
    return {blob_of(upload_id) for upload_id in connection.scalars(select(kept_uploads.c.id))}


def _snapshots_of_attempts(connection: Connection) -> set[str]:
    attempts = select(jobs.c.id, jobs.c.attempt).where(_is_pending, jobs.c.kind == JobKind.LOAD)
    found = (snapshots_of_attempt(job_id, attempt) for job_id, attempt in connection.execute(attempts))
    return set().union(*found)


def _snapshots_of_versions(connection: Connection) -> Iterator[NeededFile]:
    owned = versions.join(data_sources, data_sources.c.id == versions.c.data_source_id).join(accounts)
    columns = (versions.c.snapshot_id, accounts.c.name, data_sources.c.name, versions.c.job_id)
    for row in connection.execute(select(*columns).select_from(owned).order_by(versions.c.number)):
        yield NeededFile(*row)


def _snapshots_of_downloads(connection: Connection) -> Iterator[NeededFile]:
    owned = select(jobs, accounts.c.name).join_from(jobs, accounts).where(_pins_snapshot).order_by(jobs.c.number)
    for row in connection.execute(owned).mappings():
        order = row[jobs.c.order]
        if isinstance(order, DownloadOrder):
            yield _needed_by(row, order.snapshot_id)


def _blobs_to_be_there(connection: Connection) -> Iterator[NeededFile]:
    owned = select(jobs, accounts.c.name).join_from(jobs, accounts).where(or_(_is_pending, has_files))
    for row in connection.execute(owned.order_by(jobs.c.number)).mappings():
        job = job_of(row)
        names = [job.output, job.error_log]
        if job.status is JobStatus.PENDING and isinstance(job.order, LoadOrder) and job.order.location is None:
            names.append(job.order.upload)
        yield from (_needed_by(row, name) for name in names if name is not None)


def _needed_by(row: RowMapping, name: str) -> NeededFile:
    return NeededFile(name, row[accounts.c.name], row[jobs.c.data_source_name], row[jobs.c.id])
