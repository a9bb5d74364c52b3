"""Find the version that a query is about, and open its snapshot (http-api.md, sections 2 and 3.2)."""

from __future__ import annotations

from typing import NamedTuple

from geostead.errors import NotFound, SnapshotDamaged, SnapshotMissing, Unavailable
from geostead.model.access import Key, check_query
from geostead.model.data_source import DataSource, DataSourceVersions, Version
from geostead.model.referrer import check_referrer
from geostead.operations.authenticate import checked, required_digest
from geostead.operations.find_data_source import no_data_source
from geostead.operations.services import Services
from geostead.snapshots.base import Snapshot


class EntitySetAddress(NamedTuple):
    """Where a query goes: names in any case, as they stand in its URL."""

    access_id: str
    data_source_name: str
    entity_type_name: str
    staged: bool = False
    """True for the staged version, False for the published one."""


class Target(NamedTuple):
    """A version that a key may query."""

    data_source: DataSource
    version: Version
    key: Key
    max_query_points: int
    """How many points a shape of a query may have, by the limits of the account that owns the data source."""


class OpenVersion(NamedTuple):
    """A version that the key of a request may query, and its entities."""

    target: Target
    snapshot: Snapshot

    @property
    def data_source(self) -> DataSource:
        """The data source of the version."""
        return self.target.data_source

    @property
    def version(self) -> Version:
        """The version."""
        return self.target.version


def open_version(
    services: Services, key_value: str | None, address: EntitySetAddress, page: str | None = None
) -> OpenVersion | Target:
    """Return the version that is published (or staged) now: open, or to be opened where that may be waited for.

    ``page`` is the one that the request says it comes from; a key that is restricted to some takes one of them.

    Raises NoCredentials, InvalidCredentials, CredentialsExpired, NotFound, NotAuthorized; Unavailable if the snapshot
    cannot be opened.
    """
    try:
        return open_target(services, find_target(services, key_value, address, page))
    except (SnapshotMissing, SnapshotDamaged):
        pass  # perhaps replaced, and its files removed, since the look-up: look again
    target = find_target(services, key_value, address, page)
    try:
        return open_target(services, target)
    except (SnapshotMissing, SnapshotDamaged) as error:
        raise unreadable(target) from error


def open_target(services: Services, target: Target) -> OpenVersion | Target:
    """Open a version unless that has to wait. Raises SnapshotMissing or SnapshotDamaged."""
    snapshot = services.snapshots.open_at_once(target.version.snapshot_id)
    return target if snapshot is None else OpenVersion(target, snapshot)


def find_target(
    services: Services, key_value: str | None, address: EntitySetAddress, page: str | None = None
) -> Target:
    """Return the version that is published (or staged) now. Raises what :func:`open_version` raises."""
    digest = required_digest(key_value)
    target = services.catalog.query_target(address.access_id, address.data_source_name, digest)
    key = checked(target.key, digest, services.now())
    check_referrer(key, page)
    if target.versions is None or target.owner is None:
        raise no_data_source(address.access_id, address.data_source_name)
    data_source = target.versions.data_source
    check_query(key, data_source, staged=address.staged)
    version = _version(target.versions, address)
    return Target(data_source, version, key, target.owner.limits.query_points)


def unreadable(target: Target) -> Unavailable:
    """Return the error that says that a version cannot be opened."""
    return Unavailable(f"The data source {target.data_source.name} cannot be read right now.")


def _version(versions: DataSourceVersions, address: EntitySetAddress) -> Version:
    name = versions.data_source.name
    version = versions.staged if address.staged else versions.published
    if version is None:
        raise NotFound(f"The data source {name} has no {'staged' if address.staged else 'published'} version.")
    if version.entity_type.name.lower() != address.entity_type_name.lower():
        raise NotFound(
            f"The data source {name} has no entity type {address.entity_type_name}; it has {version.entity_type.name}."
        )
    return version
