"""How much an account has of what is limited (http-api.md, section 5)."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, func, select

from geostead.catalog.tables import data_sources, jobs
from geostead.errors import AccountFull
from geostead.model.access import Account
from geostead.model.job import JobKind, JobStatus

_DAY = timedelta(hours=24)


def check_data_source_limit(connection: Connection, account: Account) -> None:
    """Raise AccountFull unless the account may have one more data source; reserved ones count."""
    owned = select(func.count()).where(data_sources.c.account_id == account.id)
    _check_room("data sources", connection.execute(owned).scalar_one(), account.limits.data_sources)


def check_job_limits(connection: Connection, account: Account, at: datetime) -> None:
    """Raise AccountFull unless one more job may be accepted at ``at``; downloads do not count, aborted jobs do."""
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
