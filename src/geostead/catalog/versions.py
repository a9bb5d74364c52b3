"""Versions of data sources, and the pointers that say which one is published and which one is staged."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from sqlalchemy import ColumnElement, Connection, RowMapping, delete, func, insert, select, true, update

from geostead.catalog.rows import data_source_of, values_of, version_of
from geostead.catalog.tables import data_sources, versions
from geostead.model.data_source import MAX_PREVIOUS_VERSIONS, DataSourceVersions, Version


def select_with_versions(
    connection: Connection, *which: ColumnElement[bool], as_jobs_see: bool = False
) -> list[DataSourceVersions]:
    """Return data sources with all their versions, by name, then access id.

    What an accepted delete job will delete is left out, unless ``as_jobs_see``: its turn may not have come.
    """
    shown = (*which, true() if as_jobs_see else data_sources.c.is_deleting.is_(False))
    ordered = select(data_sources).where(*shown).order_by(data_sources.c.lower_name, data_sources.c.access_id)
    rows = connection.execute(ordered).mappings().all()
    ids = select(data_sources.c.id).where(*shown)
    made = select(versions).where(versions.c.data_source_id.in_(ids)).order_by(versions.c.publication.desc())
    by_data_source: dict[str, list[Version]] = defaultdict(list)
    for version in map(version_of, connection.execute(made).mappings()):
        if version is not None:
            by_data_source[version.data_source_id].append(version)
    return [_assemble(row, by_data_source[row[data_sources.c.id]], as_jobs_see=as_jobs_see) for row in rows]


def find_with_versions(
    connection: Connection, *which: ColumnElement[bool], as_jobs_see: bool = False
) -> DataSourceVersions | None:
    """Return the one data source that there may be, as :func:`select_with_versions` does."""
    return next(iter(select_with_versions(connection, *which, as_jobs_see=as_jobs_see)), None)


def insert_version(connection: Connection, version: Version) -> None:
    """Record a version that nothing points to yet."""
    connection.execute(insert(versions).values(values_of(version)))


def publish(connection: Connection, data_source_id: str, version_id: str) -> None:
    """Make a version the published one; if it was staged it is so no longer.

    The one that was published becomes a previous one, of which those that were published last stay.
    """
    last = select(func.coalesce(func.max(versions.c.publication), 0)).where(versions.c.data_source_id == data_source_id)
    next_publication = connection.execute(last).scalar_one() + 1
    connection.execute(update(versions).where(versions.c.job_id == version_id).values(publication=next_publication))
    data_source = update(data_sources).where(data_sources.c.id == data_source_id)
    connection.execute(data_source.where(data_sources.c.staged_version_id == version_id).values(staged_version_id=None))
    connection.execute(data_source.values(published_version_id=version_id))
    _drop_oldest(connection, data_source_id)


def stage(connection: Connection, data_source_id: str, version_id: str | None) -> None:
    """Make a version the staged one, or none, and drop the one that was staged."""
    which = data_sources.c.id == data_source_id
    replaced = connection.scalar(select(data_sources.c.staged_version_id).where(which))
    connection.execute(update(data_sources).where(which).values(staged_version_id=version_id))
    connection.execute(delete(versions).where(versions.c.job_id == replaced))


def delete_with_versions(connection: Connection, data_source_id: str) -> None:
    """Remove a data source, reserved or not, and its versions."""
    connection.execute(delete(data_sources).where(data_sources.c.id == data_source_id))
    connection.execute(delete(versions).where(versions.c.data_source_id == data_source_id))


def _assemble(row: RowMapping, last_published_first: Iterable[Version], *, as_jobs_see: bool) -> DataSourceVersions:
    by_id = {version.job_id: version for version in last_published_first}
    published = by_id.pop(row[data_sources.c.published_version_id], None)
    staged = by_id.pop(row[data_sources.c.staged_version_id], None)
    if row[data_sources.c.is_staged_deleting] and not as_jobs_see:
        staged = None
    return DataSourceVersions(data_source_of(row), published, staged, tuple(by_id.values()))


def _drop_oldest(connection: Connection, data_source_id: str) -> None:
    pointed_at = select(data_sources.c.published_version_id, data_sources.c.staged_version_id)
    pointers = connection.execute(pointed_at.where(data_sources.c.id == data_source_id)).one()
    previous = select(versions.c.number).where(
        versions.c.data_source_id == data_source_id,
        versions.c.job_id.not_in([pointer for pointer in pointers if pointer is not None]),
    )
    oldest = previous.order_by(versions.c.publication.desc()).offset(MAX_PREVIOUS_VERSIONS)
    connection.execute(delete(versions).where(versions.c.number.in_(oldest)))
