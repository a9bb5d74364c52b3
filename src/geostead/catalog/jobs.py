"""Jobs as they are looked at; :mod:`geostead.catalog.acceptance` records them, the others run them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, exists, func, insert, not_, or_, select, true

from geostead.catalog.database import CatalogPart, transaction
from geostead.catalog.rows import job_of, values_of
from geostead.catalog.tables import data_sources, jobs
from geostead.model.job import Job, JobKind, JobStatus

changes_data_source = jobs.c.kind != JobKind.DOWNLOAD
"""Whether a job is one of the queue of its data source."""

has_pending_changes: ColumnElement[bool] = exists().where(
    jobs.c.data_source_id == data_sources.c.id, jobs.c.status == JobStatus.PENDING, changes_data_source
)
"""Whether a data source has a pending job that changes it."""

_older = jobs.alias("older")
has_its_turn: ColumnElement[bool] = or_(
    jobs.c.kind == JobKind.DOWNLOAD,
    not_(
        exists().where(
            _older.c.data_source_id == jobs.c.data_source_id,
            _older.c.status == JobStatus.PENDING,
            _older.c.kind != JobKind.DOWNLOAD,
            _older.c.number < jobs.c.number,
        )
    ),
)
"""Whether a pending job waits for no other: those that change one data source run in the order of acceptance."""


class SqlJobs(CatalogPart):
    """Implements the part of :class:`geostead.catalog.base.Jobs` that only looks."""

    @transaction
    def get_job(self, job_id: str) -> Job | None:
        """Return the job, or None."""
        with self._database.reading() as connection:
            return find_job(connection, job_id)

    @transaction
    def list_jobs(self, account_id: str, since: datetime, *, with_downloads: bool = False) -> list[Job]:
        """Return the jobs of an account: the pending ones, then those accepted after ``since``.

        Each part newest first by the date of acceptance, of one moment the one first that was recorded last.
        """
        is_pending = jobs.c.status == JobStatus.PENDING
        kinds = true() if with_downloads else changes_data_source
        listed = (jobs.c.account_id == account_id, kinds, or_(is_pending, jobs.c.created_at > since))
        # A load is recorded after its date was taken, so that another one may come between.
        newest_first = (is_pending.desc(), jobs.c.created_at.desc(), jobs.c.number.desc())
        in_order = select(jobs).where(*listed).order_by(*newest_first)
        with self._database.reading() as connection:
            return [job_of(row) for row in connection.execute(in_order).mappings()]

    @transaction
    def newest_downloads(self, account_id: str, data_source_name: str) -> list[Job]:
        """Return download jobs of that data source name (in any case), newest first.

        Of those with one data source and one master key only the newest: who may see one may see the others.
        """
        named = (
            jobs.c.account_id == account_id,
            jobs.c.kind == JobKind.DOWNLOAD,
            jobs.c.data_source_lower_name == data_source_name.lower(),
        )
        newest = select(func.max(jobs.c.number)).where(*named).group_by(jobs.c.data_source_id, jobs.c.master_key_id)
        in_order = select(jobs).where(jobs.c.number.in_(newest)).order_by(jobs.c.number.desc())
        with self._database.reading() as connection:
            return [job_of(row) for row in connection.execute(in_order).mappings()]


def find_job(connection: Connection, job_id: str) -> Job | None:
    """Return the job of that id, or None."""
    row = connection.execute(select(jobs).where(jobs.c.id == job_id)).mappings().first()
    return None if row is None else job_of(row)


def insert_job(connection: Connection, job: Job) -> None:
    """Record a job behind all others."""
    added = {"data_source_lower_name": job.data_source_name.lower(), "lost_leases": 0}
    connection.execute(insert(jobs).values(values_of(job) | added))


def pending_changes(connection: Connection, data_source_id: str) -> Sequence[Job]:
    """Return the queue of a data source: the pending jobs that change it, in the order of acceptance."""
    queued = (jobs.c.data_source_id == data_source_id, jobs.c.status == JobStatus.PENDING, changes_data_source)
    return [job_of(row) for row in connection.execute(select(jobs).where(*queued).order_by(jobs.c.number)).mappings()]
