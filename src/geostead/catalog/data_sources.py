"""Data sources, their versions and the pointers to them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, bindparam, insert, literal, or_, select, update

from geostead.catalog.accounts import required_key
from geostead.catalog.base import QueryTarget
from geostead.catalog.database import CatalogPart, transaction
from geostead.catalog.locks import lock_data_sources, lock_keys
from geostead.catalog.rows import account_of, data_source_of, key_of, values_of, version_of
from geostead.catalog.tables import accounts, data_sources, keys, versions
from geostead.catalog.versions import find_with_versions, select_with_versions
from geostead.errors import InvalidParameter, NotFound
from geostead.model.access import Key
from geostead.model.data_source import DataSource, DataSourceVersions
from geostead.model.engine import EntityEngine

_published = versions.alias("published")
_staged = versions.alias("staged")

_asked = select(literal(1).label("one")).subquery("asked")
_TARGET = select(keys, data_sources, accounts, _published, _staged).select_from(
    _asked.outerjoin(keys, keys.c.digest == bindparam("digest"))
    .outerjoin(
        data_sources,
        and_(
            data_sources.c.access_id == bindparam("access_id"),
            data_sources.c.lower_name == bindparam("lower_name"),
            data_sources.c.is_deleting.is_(False),
        ),
    )
    .outerjoin(accounts, accounts.c.id == data_sources.c.account_id)
    .outerjoin(_published, _published.c.job_id == data_sources.c.published_version_id)
    .outerjoin(
        _staged,
        and_(_staged.c.job_id == data_sources.c.staged_version_id, data_sources.c.is_staged_deleting.is_(False)),
    )
)
"""All that a query needs in one statement: to ask twice would take twice as long where the database is elsewhere."""


class SqlDataSources(CatalogPart):
    """Implements :class:`geostead.catalog.base.DataSources`."""

    @transaction
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

    @transaction
    def find_data_source(self, access_id: str, name: str) -> DataSourceVersions | None:
        """Return the data source with this access id and this name, both in any case."""
        return self._find(data_sources.c.access_id == access_id.lower(), data_sources.c.lower_name == name.lower())

    @transaction
    def find_by_name(self, account_id: str, name: str) -> DataSourceVersions | None:
        """Return the account's data source of that name, in any case, reserved ones included."""
        return self._find(data_sources.c.account_id == account_id, data_sources.c.lower_name == name.lower())

    @transaction
    def find_by_access_id(self, access_id: str) -> DataSourceVersions | None:
        """Return the data source with this access id, in any case, of whatever account, reserved ones included."""
        return self._find(data_sources.c.access_id == access_id.lower())

    @transaction
    def versions_of(self, data_source_id: str) -> DataSourceVersions | None:
        """Return a data source as its jobs see it: in the order of acceptance, no delete job ahead of its turn."""
        with self._database.reading() as connection:
            return find_with_versions(connection, data_sources.c.id == data_source_id, as_jobs_see=True)

    @transaction
    def list_data_sources(self, account_id: str) -> list[DataSourceVersions]:
        """Return the account's data sources that have a published or staged version, by name."""
        has_staged = and_(data_sources.c.staged_version_id.is_not(None), data_sources.c.is_staged_deleting.is_(False))
        has_version = or_(data_sources.c.published_version_id.is_not(None), has_staged)
        with self._database.reading() as connection:
            return select_with_versions(connection, data_sources.c.account_id == account_id, has_version)

    @transaction
    def list_every(self, account_id: str) -> list[DataSourceVersions]:
        """Return the account's data sources, by name, reserved ones and ones being loaded too."""
        with self._database.reading() as connection:
            return select_with_versions(connection, data_sources.c.account_id == account_id)

    @transaction
    def list_public(self) -> list[DataSourceVersions]:
        """Return the public data sources of all accounts that have a published version, by name, then access id."""
        listed = (data_sources.c.is_public.is_(True), data_sources.c.published_version_id.is_not(None))
        with self._database.reading() as connection:
            return select_with_versions(connection, *listed)

    @transaction
    def set_master_key(self, account_id: str, data_source_name: str, key_name: str, at: datetime) -> DataSource:
        """Make another live key of the account the master key; a query key that is the same one is no more.

        Raises NotFound (data source, key); InvalidParameter (``key``) for a key that is revoked or expired at ``at``.
        """
        named = (data_sources.c.account_id == account_id, data_sources.c.lower_name == data_source_name.lower())
        key_named = (keys.c.account_id == account_id, keys.c.name == key_name)
        with self._database.writing() as connection:
            lock_keys(connection, *key_named)
            lock_data_sources(connection, *named)
            key = _live_key(connection, account_id, key_name, at)
            found = find_with_versions(connection, *named)
            if found is None:
                raise NotFound(f"The account has no data source of the name {data_source_name}.")
            return _with_master(connection, found.data_source, key)

    @transaction
    def move_masters(self, account_id: str, from_name: str, to_name: str, at: datetime) -> list[DataSource]:
        """Make one key the master key of all data sources of which another one is, as with :meth:`set_master_key`.

        Returns them as they are now, by name. Raises NotFound (keys); InvalidParameter (``key``) where the key to move
        to is revoked or expired at ``at``, or is the same one.
        """
        with self._database.writing() as connection:
            lock_keys(connection, keys.c.account_id == account_id, keys.c.name.in_((from_name, to_name)))
            old = required_key(connection, account_id, from_name)
            new = _live_key(connection, account_id, to_name, at)
            if old.id == new.id:
                raise InvalidParameter("key", to_name, "another key of the account")
            mastered = data_sources.c.master_key_id == old.id
            lock_data_sources(connection, mastered)
            found = connection.execute(select(data_sources).where(mastered).order_by(data_sources.c.lower_name))
            return [_with_master(connection, data_source_of(row), new) for row in found.mappings().all()]

    @transaction
    def set_engine(self, account_id: str, data_source_name: str, engine: EntityEngine | None) -> DataSource:
        """Say what keeps the entities of the next versions; None: what the installation says. Raises NotFound."""
        named = (data_sources.c.account_id == account_id, data_sources.c.lower_name == data_source_name.lower())
        with self._database.writing() as connection:
            lock_data_sources(connection, *named)
            found = find_with_versions(connection, *named)
            if found is None:
                raise NotFound(f"The account has no data source of the name {data_source_name}.")
            connection.execute(update(data_sources).where(*named).values(engine=engine))
        return replace(found.data_source, engine=engine)

    @transaction
    def query_target(self, access_id: str, name: str, key_digest: str) -> QueryTarget:
        """Look up what a query needs, as of now: four look-ups by an index."""
        asked = {"access_id": access_id.lower(), "lower_name": name.lower(), "digest": key_digest}
        with self._database.looking() as connection:
            row = connection.execute(_TARGET, asked).mappings().one()
        key = None if row[keys.c.id] is None else key_of(row)
        if row[data_sources.c.id] is None:
            return QueryTarget(key, None, None)
        versions = DataSourceVersions(data_source_of(row), version_of(row, _published), version_of(row, _staged))
        return QueryTarget(key, versions, account_of(row))

    def _find(self, *which: ColumnElement[bool]) -> DataSourceVersions | None:
        with self._database.reading() as connection:
            return find_with_versions(connection, *which)


def _live_key(connection: Connection, account_id: str, name: str, at: datetime) -> Key:
    key = required_key(connection, account_id, name)
    if not key.is_live(at):
        raise InvalidParameter("key", name, "a key that is neither revoked nor expired")
    return key


def _with_master(connection: Connection, data_source: DataSource, key: Key) -> DataSource:
    query_key_id = None if data_source.query_key_id == key.id else data_source.query_key_id
    changed = replace(data_source, master_key_id=key.id, query_key_id=query_key_id)
    connection.execute(update(data_sources).where(data_sources.c.id == changed.id).values(values_of(changed)))
    return changed


def insert_data_source(connection: Connection, data_source: DataSource, *, reserved: bool) -> None:
    """Add a data source; ``reserved`` ones were made by the operator and outlive failed loads."""
    added = {"lower_name": data_source.name.lower(), "is_reserved": reserved}
    connection.execute(insert(data_sources).values(values_of(data_source) | added))
