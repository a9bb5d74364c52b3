"""How jobs are run: claimed under a lease, renewed, and ended together with what they made.

A lease belongs to a worker and an attempt; attempts are never counted back, so that no two of them share a number
(their snapshots are named by it). How often a lease ran out is counted beside.
"""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    Connection,
    RowMapping,
    Select,
    and_,
    bindparam,
    delete,
    exists,
    insert,
    not_,
    or_,
    select,
    update,
)

from geostead.catalog.base import Ending
from geostead.catalog.database import CatalogPart
from geostead.catalog.rows import job_of, values_of
from geostead.catalog.tables import data_sources, jobs, versions
from geostead.errors import LeaseLost
from geostead.model.data_source import MAX_PREVIOUS_VERSIONS, Version
from geostead.model.job import Job, JobKind, JobStatus, LoadOrder, Progress

MAX_LOST_LEASES = 3
GIVEN_UP = (
    f"The job was given up after {MAX_LOST_LEASES} attempts: each time the worker that ran it stopped unexpectedly, "
    "perhaps because it ran out of memory."
)


def _next_runnable() -> Select[tuple[Any, ...]]:
    """Return the query for the oldest job that may run at ``now``.

    Loads of one data source run in the order of acceptance; downloads wait for nothing.
    """
    older = jobs.alias("older")
    has_older_load = exists().where(
        older.c.data_source_id == jobs.c.data_source_id,
        older.c.status == JobStatus.PENDING,
        older.c.kind != JobKind.DOWNLOAD,
        older.c.number < jobs.c.number,
    )
    runnable = (
        jobs.c.status == JobStatus.PENDING,
        or_(jobs.c.leased_until.is_(None), jobs.c.leased_until <= bindparam("now")),
        or_(jobs.c.kind == JobKind.DOWNLOAD, not_(has_older_load)),
    )
    return select(jobs).where(*runnable).order_by(jobs.c.number).limit(1)


_NEXT_RUNNABLE = _next_runnable()
"""Built once, because workers ask many times a second."""


class SqlLeases(CatalogPart):
    """Implements the half of :class:`geostead.catalog.base.Jobs` that workers use."""

    def claim(self, worker: str, lease_s: float) -> Job | None:
        """Lease the next runnable job to ``worker``; None if there is none.

        Looks without locking anything first, because most polls find nothing.
        """
        with self._database.reading() as connection:
            if connection.execute(_NEXT_RUNNABLE, {"now": self._now()}).first() is None:
                return None
        with self._database.writing() as connection:
            now = self._now()  # only here: the wait for the lock may have taken longer than the lease lasts
            next_one = _NEXT_RUNNABLE.with_for_update(skip_locked=True)
            while (row := connection.execute(next_one, {"now": now}).mappings().first()) is not None:
                lost_leases = row[jobs.c.lost_leases] + (row[jobs.c.worker] is not None)
                if lost_leases < MAX_LOST_LEASES:
                    return _lease(connection, job_of(row), worker, now + timedelta(seconds=lease_s), lost_leases)
                _give_up(connection, row, now)
        return None

    def renew(self, job: Job, worker: str, lease_s: float, progress: Progress) -> None:
        """Extend the lease and record progress. Raises LeaseLost if the job is no longer this worker's attempt."""
        with self._database.writing() as connection:
            until = self._now() + timedelta(seconds=lease_s)
            _update_own(connection, job, worker, leased_until=until, **asdict(progress))

    def release(self, job: Job, worker: str) -> None:
        """Give a job back unharmed: runnable at once, and no lease counts as lost. Raises LeaseLost."""
        with self._database.writing() as connection:
            _update_own(connection, job, worker, worker=None, leased_until=None)

    def complete_load(self, job: Job, worker: str, version: Version, ending: Ending) -> None:
        """Record the version, publish it, keep at most three previous ones, complete the job: one transaction.

        Also applies what the order says about publicity and query key, and the description. Raises LeaseLost.
        """
        with self._database.writing() as connection:
            _end(connection, job, worker, JobStatus.COMPLETED, ending)
            connection.execute(insert(versions).values(values_of(version)))
            changes = {"published_version_id": version.job_id} | _changes_ordered(job)
            connection.execute(update(data_sources).where(data_sources.c.id == job.data_source_id).values(changes))
            _drop_oldest_versions(connection, job.data_source_id)

    def complete_download(self, job: Job, worker: str, output: str, ending: Ending) -> None:
        """Record what a download wrote and complete it. Raises LeaseLost."""
        with self._database.writing() as connection:
            _end(connection, job, worker, JobStatus.COMPLETED, ending, output=output)

    def abort(self, job: Job, worker: str, reason: str, ending: Ending) -> None:
        """Abort a job with a reason for people. Raises LeaseLost.

        Where the data source has no version and no other pending load, it is removed, or, if it was reserved, has no
        master key again.
        """
        with self._database.writing() as connection:
            _end(connection, job, worker, JobStatus.ABORTED, ending, error_message=reason)
            _undo_failed_beginning(connection, job)


def _lease(connection: Connection, job: Job, worker: str, until: datetime, lost_leases: int) -> Job:
    claimed = replace(job, attempt=job.attempt + 1, total_count=0, processed_count=0, failed_count=0)
    lease = {"worker": worker, "leased_until": until, "lost_leases": lost_leases}
    connection.execute(update(jobs).where(jobs.c.id == job.id).values(values_of(claimed) | lease))
    return claimed


def _give_up(connection: Connection, row: RowMapping, now: datetime) -> None:
    job = job_of(row)
    ending = Ending(Progress(job.total_count, job.processed_count, job.failed_count), now)
    _end(connection, job, row[jobs.c.worker], JobStatus.ABORTED, ending, error_message=GIVEN_UP)
    _undo_failed_beginning(connection, job)


def _end(connection: Connection, job: Job, worker: str, status: JobStatus, ending: Ending, **found: str) -> None:
    values = asdict(ending.progress) | {
        "status": status,
        "completed_at": ending.at,
        "error_log": ending.error_log,
        "worker": None,
        "leased_until": None,
    }
    _update_own(connection, job, worker, **(values | found))


def _update_own(connection: Connection, job: Job, holder: str, /, **values: Any) -> None:
    """Change a job that is pending and this worker's attempt. Raises LeaseLost if it is not."""
    own = (
        jobs.c.id == job.id,
        jobs.c.status == JobStatus.PENDING,
        jobs.c.worker == holder,
        jobs.c.attempt == job.attempt,
    )
    if connection.execute(update(jobs).where(*own).values(values)).rowcount != 1:
        raise LeaseLost(f"The job {job.id} is no longer the one of {holder}, attempt {job.attempt}.")


def _changes_ordered(job: Job) -> dict[str, Any]:
    """Return what a load changes about its data source beside the version; None in the order means as it is."""
    match job.order:
        case LoadOrder(set_public=is_public, query_key_id=query_key_id):
            changes = {"is_public": is_public, "query_key_id": query_key_id, "description": job.description}
            return {name: value for name, value in changes.items() if value is not None}
        case _:
            return {}


def _drop_oldest_versions(connection: Connection, data_source_id: str) -> None:
    pointed_at = select(data_sources.c.published_version_id, data_sources.c.staged_version_id)
    pointers = connection.execute(pointed_at.where(data_sources.c.id == data_source_id)).one()
    previous = select(versions.c.number).where(
        versions.c.data_source_id == data_source_id,
        versions.c.job_id.not_in([pointer for pointer in pointers if pointer is not None]),
    )
    oldest = previous.order_by(versions.c.number.desc()).offset(MAX_PREVIOUS_VERSIONS)
    numbers = connection.scalars(oldest).all()
    connection.execute(delete(versions).where(versions.c.number.in_(numbers)))


def _undo_failed_beginning(connection: Connection, job: Job) -> None:
    """Undo what accepting the load did to its data source, unless anything came of it or still may."""
    nothing_came = and_(
        data_sources.c.id == job.data_source_id,
        not_(exists().where(versions.c.data_source_id == job.data_source_id)),
        not_(
            exists().where(
                jobs.c.data_source_id == job.data_source_id,
                jobs.c.status == JobStatus.PENDING,
                jobs.c.kind != JobKind.DOWNLOAD,
            )
        ),
    )
    connection.execute(delete(data_sources).where(nothing_came, not_(data_sources.c.is_reserved)))
    connection.execute(update(data_sources).where(nothing_came, data_sources.c.is_reserved).values(master_key_id=None))
