"""How jobs are given to workers: claimed under a lease, renewed, given back.

A lease belongs to a worker and an attempt; attempts are never counted back, so that no two of them share a number
(their snapshots are named by it). How often a lease ran out is counted beside.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Select, or_, select, update

from geostead.catalog.base import Ending
from geostead.catalog.clock import LeaseClock
from geostead.catalog.database import CatalogPart, transaction
from geostead.catalog.endings import abort_job, columns_of, update_own
from geostead.catalog.jobs import has_its_turn
from geostead.catalog.locks import lock_data_sources
from geostead.catalog.rows import job_of, values_of
from geostead.catalog.tables import data_sources, jobs
from geostead.model.job import Job, JobStatus, Progress

MAX_LOST_LEASES = 3
GIVEN_UP = (
    f"The job was given up after {MAX_LOST_LEASES} attempts that came to no end: its worker stopped (perhaps for want "
    "of memory), or what keeps its data failed; the operator finds more in the log of the server."
)


@lru_cache(maxsize=8)
def _next_runnable(clock: LeaseClock, *, with_lapsed: bool = True) -> Select[tuple[Any, ...]]:
    """Return the query for the oldest job that may run now, and for now. Built once: workers ask many times a second.

    Jobs that change one data source run in the order of acceptance; downloads wait for nothing.
    """
    is_free = jobs.c.leased_until.is_(None)
    runnable = (
        jobs.c.status == JobStatus.PENDING,
        or_(is_free, jobs.c.leased_until <= clock.now) if with_lapsed else is_free,
        has_its_turn,
    )
    return select(jobs, clock.now.label("now")).where(*runnable).order_by(jobs.c.number).limit(1)


class SqlLeases(CatalogPart):
    """Implements the part of :class:`geostead.catalog.base.Jobs` with which workers get and hold jobs."""

    @transaction
    def claim(self, worker: str, lease_s: float, *, with_lapsed: bool = True) -> Job | None:
        """Lease the next runnable job to ``worker``; None if there is none.

        Looks without locking anything first, because most polls find nothing.
        """
        clock = self._database.clock
        next_one = _next_runnable(clock, with_lapsed=with_lapsed)
        with self._database.looking() as connection:
            if connection.execute(next_one, clock.parameters()).first() is None:
                return None
        while True:
            with self._database.writing() as connection:
                # The time is read only here: the wait for the lock may have taken longer than the lease lasts.
                locked = next_one.with_for_update(skip_locked=True, key_share=True)
                row = connection.execute(locked, clock.parameters()).mappings().first()
                if row is None:
                    return None
                lost_leases = row[jobs.c.lost_leases] + (row[jobs.c.worker] is not None)
                if lost_leases < MAX_LOST_LEASES:
                    until = row["now"] + timedelta(seconds=lease_s)
                    return _lease(connection, job_of(row), worker, until, lost_leases)
            self._give_up(job_of(row), row[jobs.c.worker])

    @transaction
    def renew(self, job: Job, worker: str, lease_s: float, progress: Progress) -> None:
        """Extend the lease and record progress. Raises LeaseLost if the job is no longer this worker's attempt."""
        with self._database.writing() as connection:
            until = self._database.clock.after(lease_s)
            update_own(connection, job, worker, leased_until=until, **columns_of(progress))

    @transaction
    def release(self, job: Job, worker: str) -> None:
        """Give a job back unharmed: runnable at once, and no lease counts as lost. Raises LeaseLost."""
        with self._database.writing() as connection:
            update_own(connection, job, worker, worker=None, leased_until=None)

    def _give_up(self, job: Job, worker: str) -> None:
        """Abort a job whose lease has run out too often, unless its worker or somebody else came first."""
        clock = self._database.clock
        still = _next_runnable(clock).where(jobs.c.id == job.id, jobs.c.worker == worker, jobs.c.attempt == job.attempt)
        with self._database.writing() as connection:
            lock_data_sources(connection, data_sources.c.id == job.data_source_id)
            row = connection.execute(still.with_for_update(key_share=True), clock.parameters()).mappings().first()
            if row is not None:
                ending = Ending(Progress(job.total_count, job.processed_count, job.failed_count), row["now"])
                abort_job(connection, job, worker, GIVEN_UP, ending)


def _lease(connection: Connection, job: Job, worker: str, until: datetime, lost_leases: int) -> Job:
    attempt = job.attempt + 1
    claimed = replace(job, attempt=attempt, total_count=0, processed_count=0, failed_count=0, fetched_bytes=None)
    lease = {"worker": worker, "leased_until": until, "lost_leases": lost_leases}
    connection.execute(update(jobs).where(jobs.c.id == job.id).values(values_of(claimed) | lease))
    return claimed
