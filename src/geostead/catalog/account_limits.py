"""How much an account has of what is limited (http-api.md, section 5)."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, Table, and_, func, select

from geostead.catalog.tables import data_sources, jobs
from geostead.errors import AccountFull
from geostead.model.access import Account
from geostead.model.job import JobKind, JobStatus
from geostead.model.limits import Usage

_DAY = timedelta(hours=24)


def count_usage(connection: Connection, account_id: str, at: datetime) -> Usage:
    """Count what an account has at ``at``.

    Aborted jobs count, downloads do not; so do reserved data sources, and those whose delete job has not run yet.
    """
    counted = and_(jobs.c.account_id == account_id, jobs.c.kind != JobKind.DOWNLOAD)
    return Usage(
        jobs_in_process=_count(connection, jobs, counted, jobs.c.status == JobStatus.PENDING),
        jobs_per_day=_count(connection, jobs, counted, jobs.c.created_at > at - _DAY),
        data_sources=_count(connection, data_sources, data_sources.c.account_id == account_id),
    )


def check_limits(connection: Connection, account: Account, at: datetime, *, new_data_source: bool) -> None:
    """Raise AccountFull unless one more job may be accepted at ``at``, and one more data source if that is new."""
    usage, limits = count_usage(connection, account.id, at), account.limits
    if new_data_source:
        _check_room("data sources", usage.data_sources, limits.data_sources)
    _check_room("jobs in process", usage.jobs_in_process, limits.jobs_in_process)
    _check_room("jobs per day", usage.jobs_per_day, limits.jobs_per_day)


def _count(connection: Connection, table: Table, *which: ColumnElement[bool]) -> int:
    return connection.execute(select(func.count()).select_from(table).where(*which)).scalar_one()


def _check_room(limit: str, existing: int, maximum: int | None) -> None:
    if maximum is not None and existing >= maximum:
        raise AccountFull(limit, existing + 1, maximum)
