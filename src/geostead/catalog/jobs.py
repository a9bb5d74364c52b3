"""Jobs as they are accepted and looked at; :mod:`geostead.catalog.leases` is how they are run."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, insert, select, update

from geostead.catalog.accounts import lock_account, lock_live_key
from geostead.catalog.base import NewLoad
from geostead.catalog.data_sources import insert_data_source
from geostead.catalog.database import CatalogPart
from geostead.catalog.rows import account_of, data_source_of, job_of, values_of
from geostead.catalog.tables import accounts, data_sources, jobs
from geostead.errors import AccountFull
from geostead.model.access import Account, check_master
from geostead.model.data_source import DataSource
from geostead.model.job import Job, JobKind, JobStatus

_DAY = timedelta(hours=24)


class SqlJobs(CatalogPart):
    """Implements the half of :class:`geostead.catalog.base.Jobs` that requests use."""

    def check_room(self, account_id: str, data_source_name: str, at: datetime) -> None:
        """Raise AccountFull if :meth:`accept_load` would, as things stand: worth knowing before an upload is read."""
        with self._database.reading() as connection:
            account = account_of(
                connection.execute(select(accounts).where(accounts.c.id == account_id)).mappings().one()
            )
            if connection.execute(_named(account_id, data_source_name)).first() is None:
                _check_data_source_limit(connection, account)
            _check_job_limits(connection, account, at)

    def accept_load(self, load: NewLoad) -> Job:
        """Record a load, and its data source if that is new, in one transaction.

        Raises NotAuthorized (the key is not the master key), AccountFull, CredentialsExpired (revoked just now).
        """
        with self._database.writing() as connection:
            account = lock_account(connection, load.key.account_id)
            lock_live_key(connection, load.key)
            data_source = _data_source_for(connection, load, account)
            _check_job_limits(connection, account, load.accepted_at)
            job = _pending_load(load, data_source)
            _insert_job(connection, job)
        return job

    def accept_download(self, job: Job) -> None:
        """Record a pending download."""
        with self._database.writing() as connection:
            _insert_job(connection, job)

    def get_job(self, job_id: str) -> Job | None:
        """Return the job, or None."""
        with self._database.reading() as connection:
            row = connection.execute(select(jobs).where(jobs.c.id == job_id)).mappings().first()
        return None if row is None else job_of(row)

    def newest_download(self, account_id: str, data_source_name: str) -> Job | None:
        """Return the newest download job of that data source name (in any case)."""
        named = (
            jobs.c.account_id == account_id,
            jobs.c.kind == JobKind.DOWNLOAD,
            jobs.c.data_source_lower_name == data_source_name.lower(),
        )
        with self._database.reading() as connection:
            newest = select(jobs).where(*named).order_by(jobs.c.number.desc()).limit(1)
            row = connection.execute(newest).mappings().first()
        return None if row is None else job_of(row)


def _named(account_id: str, name: str) -> Select[tuple[Any, ...]]:
    return select(data_sources).where(
        data_sources.c.account_id == account_id, data_sources.c.lower_name == name.lower()
    )


def _data_source_for(connection: Connection, load: NewLoad, account: Account) -> DataSource:
    """Return the data source that the load goes into, made or taken over where nobody is its master yet."""
    row = connection.execute(_named(account.id, load.data_source_name)).mappings().first()
    if row is None:
        _check_data_source_limit(connection, account)
        return _create_data_source(connection, load)
    data_source = data_source_of(row)
    if data_source.master_key_id is None:
        taken_over = update(data_sources).where(data_sources.c.id == data_source.id)
        connection.execute(taken_over.values(master_key_id=load.key.id))
    else:
        check_master(load.key, data_source, "load into")
    return data_source


def _create_data_source(connection: Connection, load: NewLoad) -> DataSource:
    data_source = DataSource(
        id=load.data_source_id,
        account_id=load.key.account_id,
        name=load.data_source_name,
        access_id=load.access_id,
        master_key_id=load.key.id,
        query_key_id=None,
        is_public=False,
        description=None,
        created_at=load.accepted_at,
    )
    insert_data_source(connection, data_source, reserved=False)
    return data_source


def _check_data_source_limit(connection: Connection, account: Account) -> None:
    owned = select(func.count()).where(data_sources.c.account_id == account.id)
    _check_room("data sources", connection.execute(owned).scalar_one(), account.limits.data_sources)


def _check_job_limits(connection: Connection, account: Account, at: datetime) -> None:
    pending = _count_jobs(connection, account, jobs.c.status == JobStatus.PENDING)
    _check_room("jobs in process", pending, account.limits.jobs_in_process)
    today = _count_jobs(connection, account, jobs.c.created_at > at - _DAY)
    _check_room("jobs per day", today, account.limits.jobs_per_day)


def _count_jobs(connection: Connection, account: Account, which: ColumnElement[bool]) -> int:
    counted = (jobs.c.account_id == account.id, jobs.c.kind != JobKind.DOWNLOAD, which)
    return connection.execute(select(func.count()).select_from(jobs).where(*counted)).scalar_one()


def _check_room(limit: str, existing: int, maximum: int | None) -> None:
    if maximum is not None and existing >= maximum:
        raise AccountFull(limit, existing + 1, maximum)


def _pending_load(load: NewLoad, data_source: DataSource) -> Job:
    return Job(
        id=load.job_id,
        kind=JobKind.LOAD,
        account_id=data_source.account_id,
        data_source_id=data_source.id,
        data_source_name=data_source.name,
        access_id=data_source.access_id,
        master_key_id=load.key.id,
        order=load.order,
        status=JobStatus.PENDING,
        created_at=load.accepted_at,
        description=load.description,
    )


def _insert_job(connection: Connection, job: Job) -> None:
    added = {"data_source_lower_name": job.data_source_name.lower(), "lost_leases": 0}
    connection.execute(insert(jobs).values(values_of(job) | added))
