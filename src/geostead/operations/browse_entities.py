"""Look at the entities of a version, for a member of the account that owns it: no key is asked for."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from geostead.errors import NotFound, SnapshotDamaged, SnapshotMissing, Unavailable
from geostead.geo.box import narrowest_span
from geostead.geo.tiles import Tile
from geostead.model.access import Account
from geostead.model.data_source import DataSource, DataSourceVersions, Version
from geostead.model.entity_type import Property
from geostead.model.travel import TravelOptions
from geostead.operations.query_entities import EntityQuery
from geostead.operations.resolve_spatial import resolve_spatial
from geostead.operations.services import Services
from geostead.query.bind import bind_query
from geostead.query.bound import BoundQuery, IsMissing, Not, TestText, TextTest
from geostead.query.options import QueryText
from geostead.query.spatial import parse_spatial
from geostead.snapshots.base import Snapshot

PUBLISHED, STAGED = "published", "staged"
MOST_OFFERED = 20
_LOOKED_AT = 2_000


class Browsed(NamedTuple):
    """A version of a data source, its entities open."""

    account: Account
    versions: DataSourceVersions
    version: Version
    snapshot: Snapshot

    @property
    def data_source(self) -> DataSource:
        """The data source."""
        return self.versions.data_source


class Extent(NamedTuple):
    """Where entities are, and how many there are."""

    bounds: tuple[float, float, float, float] | None
    """West, south, east, north in degrees; ``west > east`` crosses the antimeridian. None if nothing has a place."""
    located_count: int
    entity_count: int


def find_browsed(
    services: Services, account: Account, name: str, which: str = ""
) -> tuple[DataSourceVersions, Version]:
    """Return the account's data source of that name, and the version to look at.

    ``which`` is 'published', 'staged', the load job id of any version, or '': published if there is such a version,
    else staged. Raises NotFound.
    """
    found = services.catalog.find_by_name(account.id, name)
    if found is None:
        raise NotFound(f"There is no data source {name}.")
    version = _chosen(found, which)
    if version is None:
        wanted = f"version {which[:50]}" if which else "version yet"
        raise NotFound(f"The data source {found.data_source.name} has no {wanted}.")
    return found, version


def open_browsed(services: Services, account: Account, name: str, which: str = "") -> Browsed:
    """Return what :func:`find_browsed` finds, open. Raises NotFound; Unavailable if it cannot be read."""
    found, version = find_browsed(services, account, name, which)
    return Browsed(account, found, version, open_entities(services, version))


def open_entities(services: Services, version: Version) -> Snapshot:
    """Open the entities of a version. Raises Unavailable if they cannot be read (any more)."""
    try:
        return services.snapshots.open(version.snapshot_id)
    except (SnapshotMissing, SnapshotDamaged) as error:
        raise Unavailable("The entities of this version cannot be read right now.") from error


def bind_browsed(services: Services, browsed: Browsed, text: QueryText) -> EntityQuery:
    """Hold a query against the version that is looked at, and look up what it names.

    Raises InvalidParameter, with positions; LimitExceeded, Unavailable.
    """
    max_points = browsed.account.limits.query_points
    written = None if text.spatial_filter is None else parse_spatial(text.spatial_filter, max_points)
    bound = bind_query(text, browsed.version.entity_type, None, max_points)
    if written is None:
        return EntityQuery(browsed.snapshot, bound)
    located = resolve_spatial(services, written, TravelOptions())
    return EntityQuery(browsed.snapshot, replace(bound, spatial=located.spatial), located.remarks)


def find_extent(browsed: Browsed, query: BoundQuery) -> Extent:
    """Return where the entities are that satisfy the filters of a query."""
    gathered = browsed.snapshot.gather(query, Tile(0, 0, 0))
    count = browsed.snapshot.search(replace(query, order=(), top=1, skip=0, count=True)).total_count or 0
    entity_type = browsed.version.entity_type
    singles = gathered.singles.columns([entity_type.longitude_name, entity_type.latitude_name])
    lon, lat = (column.to_numpy(zero_copy_only=False).astype(np.float64) for column in singles.columns)
    boxes = np.concatenate((np.column_stack((lon, lat, lon, lat)), gathered.clusters.bounds))
    if not len(boxes):
        return Extent(None, 0, count)
    west, east = narrowest_span(boxes[:, 0], boxes[:, 2])
    south, north = float(boxes[:, 1].min()), float(boxes[:, 3].max())
    return Extent((west, south, east, north), gathered.entity_count, count)


def offer_values(browsed: Browsed, declared: Property, prefix: str) -> list[str]:
    """Return values of a string property that begin with ``prefix``, in order: of the first entities that have one."""
    wanted = TestText(declared, TextTest.STARTS_WITH, prefix) if prefix else Not(IsMissing(declared))
    query = BoundQuery(predicate=wanted, top=_LOOKED_AT, names=(declared.name,))
    values = browsed.snapshot.search(query).rows.columns([declared.name]).column(0)
    return sorted(values.unique().to_pylist())[:MOST_OFFERED]


def _chosen(found: DataSourceVersions, which: str) -> Version | None:
    if not which:
        return found.published or found.staged
    named = {PUBLISHED: found.published, STAGED: found.staged}
    return named[which] if which in named else found.find(which)
