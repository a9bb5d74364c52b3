"""How much there is: what the metrics of an installation tell."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, case, func, or_, select

from geostead.catalog.base import Statistics
from geostead.catalog.database import CatalogPart, transaction
from geostead.catalog.jobs import has_its_turn
from geostead.catalog.tables import data_sources, jobs, versions
from geostead.model.job import JobKind, JobStatus


class SqlStatistics(CatalogPart):
    """Implements the part of :class:`geostead.catalog.base.Catalog` that counts."""

    @transaction
    def statistics(self) -> Statistics:
        """Count what there is, all of it at one moment."""
        now = self._now()
        with self._database.reading(quickly=True) as connection:
            waiting, running = _pending_jobs(connection, now)
            versions_by_state = _versions(connection)
            return Statistics(
                waiting_jobs=waiting,
                running_jobs=running,
                oldest_runnable_age_s=_oldest_age_s(connection, now),
                data_sources=_counts(connection.execute(_DATA_SOURCES)),
                versions={state: count for state, count, _ in versions_by_state},
                entities={state: int(entities) for state, _, entities in versions_by_state},
            )


_DATA_SOURCES = (
    select(case((data_sources.c.is_public, "public"), else_="private").label("access"), func.count())
    .where(or_(data_sources.c.published_version_id.is_not(None), data_sources.c.staged_version_id.is_not(None)))
    .group_by("access")
)


def _counts(rows: Iterable[Any]) -> dict[str, int]:
    return {row[0]: row[1] for row in rows}


def _pending_jobs(connection: Connection, now: datetime) -> tuple[dict[JobKind, int], dict[JobKind, int]]:
    """Return how many jobs of each kind wait, and how many run."""
    state = case((jobs.c.leased_until > now, "running"), else_="waiting").label("state")
    counted: Select[Any] = select(jobs.c.kind, state, func.count()).where(jobs.c.status == JobStatus.PENDING)
    found: dict[str, dict[JobKind, int]] = {"waiting": {}, "running": {}}
    for kind, word, count in connection.execute(counted.group_by(jobs.c.kind, "state")):
        found[word][kind] = count
    return found["waiting"], found["running"]


def _oldest_age_s(connection: Connection, now: datetime) -> float:
    """Return the age of the oldest job that could run at ``now`` if there were a worker; 0 if there is none."""
    oldest = select(func.min(jobs.c.created_at)).where(
        jobs.c.status == JobStatus.PENDING,
        or_(jobs.c.leased_until.is_(None), jobs.c.leased_until <= now),
        has_its_turn,
    )
    created_at = connection.scalar(oldest)
    return 0.0 if created_at is None else max(0.0, (now - created_at).total_seconds())


def _versions(connection: Connection) -> list[tuple[str, int, int]]:
    """Return how many versions of each state there are, and how many entities they have together."""
    published, staged = data_sources.alias("published"), data_sources.alias("staged")
    state = case((published.c.id.is_not(None), "published"), (staged.c.id.is_not(None), "staged"), else_="previous")
    counted = (
        select(state.label("state"), func.count(), func.sum(versions.c.entity_count))
        .outerjoin(published, published.c.published_version_id == versions.c.job_id)
        .outerjoin(staged, staged.c.staged_version_id == versions.c.job_id)
        .group_by("state")
    )
    return [(word, count, entities) for word, count, entities in connection.execute(counted)]
