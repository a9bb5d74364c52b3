"""Data sources, their versions and the pointers to them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, RowMapping, bindparam, insert, or_, select

from geostead.catalog.accounts import select_key
from geostead.catalog.base import QueryTarget
from geostead.catalog.database import CatalogPart, Database
from geostead.catalog.rows import data_source_of, values_of, version_of
from geostead.catalog.tables import data_sources, versions
from geostead.catalog.target_memo import TargetMemo
from geostead.errors import InvalidParameter
from geostead.model.data_source import DataSource, DataSourceVersions, Version

_published = versions.alias("published")
_staged = versions.alias("staged")

_TARGET = (
    select(data_sources, _published, _staged)
    .select_from(
        data_sources.outerjoin(_published, _published.c.job_id == data_sources.c.published_version_id).outerjoin(
            _staged, _staged.c.job_id == data_sources.c.staged_version_id
        )
    )
    .where(data_sources.c.access_id == bindparam("access_id"), data_sources.c.lower_name == bindparam("lower_name"))
)


class SqlDataSources(CatalogPart):
    """Implements :class:`geostead.catalog.base.DataSources`."""

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        super().__init__(database, now)
        self._targets = TargetMemo(database.watch)

    def reserve(self, data_source: DataSource) -> None:
        """Record a data source without master key and versions.

        Raises InvalidParameter (``name``, ``access_id``) for one that is taken.
        """
        named = (
            data_sources.c.account_id == data_source.account_id,
            data_sources.c.lower_name == data_source.name.lower(),
        )
        with self._database.writing() as connection:
            if connection.scalar(select(data_sources.c.id).where(*named)) is not None:
                raise InvalidParameter("name", data_source.name, "a name that no other data source of the account has")
            taken = select(data_sources.c.id).where(data_sources.c.access_id == data_source.access_id)
            if connection.scalar(taken) is not None:
                raise InvalidParameter(
                    "access_id", data_source.access_id, "an access id that no other data source here has"
                )
            insert_data_source(connection, data_source, reserved=True)

    def find_data_source(self, access_id: str, name: str) -> DataSourceVersions | None:
        """Return the data source with this access id and this name, both in any case."""
        return self._find(data_sources.c.access_id == access_id.lower(), data_sources.c.lower_name == name.lower())

    def find_by_name(self, account_id: str, name: str) -> DataSourceVersions | None:
        """Return the account's data source of that name, in any case, reserved ones included."""
        return self._find(data_sources.c.account_id == account_id, data_sources.c.lower_name == name.lower())

    def list_data_sources(self, account_id: str) -> list[DataSourceVersions]:
        """Return the account's data sources that have a published or staged version, by name."""
        has_version = or_(
            data_sources.c.published_version_id.is_not(None), data_sources.c.staged_version_id.is_not(None)
        )
        with self._database.reading() as connection:
            return _select_with_versions(connection, data_sources.c.account_id == account_id, has_version)

    def query_target(self, access_id: str, name: str, key_digest: str) -> QueryTarget:
        """Look up what a query needs, always as of now. What was looked up before is remembered until a commit."""
        asked = (access_id.lower(), name.lower(), key_digest)
        known = self._targets.current()
        target = known.get(asked)
        if target is None:
            target = self._look_up_target(*asked)
            known[asked] = target
        return target

    def _look_up_target(self, access_id: str, lower_name: str, key_digest: str) -> QueryTarget:
        with self._database.reading() as connection:
            row = connection.execute(_TARGET, {"access_id": access_id, "lower_name": lower_name}).mappings().first()
            key = select_key(connection, key_digest)
        if row is None:
            return QueryTarget(key, None)
        return QueryTarget(
            key, DataSourceVersions(data_source_of(row), version_of(row, _published), version_of(row, _staged))
        )

    def _find(self, *which: ColumnElement[bool]) -> DataSourceVersions | None:
        with self._database.reading() as connection:
            return next(iter(_select_with_versions(connection, *which)), None)


def insert_data_source(connection: Connection, data_source: DataSource, *, reserved: bool) -> None:
    """Add a data source; ``reserved`` ones were made by the operator and outlive failed loads."""
    added = {"lower_name": data_source.name.lower(), "is_reserved": reserved}
    connection.execute(insert(data_sources).values(values_of(data_source) | added))


def _select_with_versions(connection: Connection, *which: ColumnElement[bool]) -> list[DataSourceVersions]:
    """Return data sources with all their versions, by name."""
    rows = connection.execute(select(data_sources).where(*which).order_by(data_sources.c.lower_name)).mappings().all()
    ids = select(data_sources.c.id).where(*which)
    made = select(versions).where(versions.c.data_source_id.in_(ids)).order_by(versions.c.number.desc())
    by_data_source: dict[str, list[Version]] = defaultdict(list)
    for version in map(version_of, connection.execute(made).mappings()):
        if version is not None:
            by_data_source[version.data_source_id].append(version)
    return [_assemble(row, by_data_source[row[data_sources.c.id]]) for row in rows]


def _assemble(row: RowMapping, newest_first: Iterable[Version]) -> DataSourceVersions:
    by_id = {version.job_id: version for version in newest_first}
    published = by_id.pop(row[data_sources.c.published_version_id], None)
    staged = by_id.pop(row[data_sources.c.staged_version_id], None)
    return DataSourceVersions(data_source_of(row), published, staged, tuple(by_id.values()))
