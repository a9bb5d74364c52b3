"""Query the entities of a version (query-language.md).

A query that has nothing to look up and no shape to read is ready at once (:func:`query_at_once`). Any other one is
read (:func:`read_query`), which may take a processor's time, and then located (:func:`locate_query`), which may mean
to wait for somebody else's server.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

from geostead.model.entity import EntityPage
from geostead.model.travel import TravelOptions
from geostead.operations.open_version import OpenVersion
from geostead.operations.resolve_spatial import resolve_spatial
from geostead.operations.services import Services
from geostead.query.bind import bind_query
from geostead.query.bound import BoundQuery
from geostead.query.options import QueryText
from geostead.query.spatial import parse_spatial, read_plain_spatial
from geostead.query.written import AlongRoute, NearbyAddress, WrittenSpatialFilter
from geostead.snapshots.base import Snapshot
from geostead.telemetry.trace import span


class EntityQuery(NamedTuple):
    """A query that is in order; :meth:`run` answers it."""

    snapshot: Snapshot
    bound: BoundQuery
    remarks: tuple[str, ...] = ()
    """What whoever asked should know about how the query was understood, a sentence each."""
    is_lasting: bool = True
    """Whether the same text always means this query; False where a geocoder or a router was asked."""

    def run_at_once(self) -> EntityPage | None:
        """Return the page of entities, None where that takes so long that it is worth handing it to a thread."""
        return self.snapshot.search_at_once(self.bound)  # too short for a span

    def run(self) -> EntityPage:
        """Return the page of entities."""
        with span("search"):
            return self.snapshot.search(self.bound)


@dataclass(frozen=True, slots=True)
class ReadQuery:
    """A query that is in order but for the places that its spatial filter names."""

    query: EntityQuery
    written: WrittenSpatialFilter | None

    @property
    def is_along_route(self) -> bool:
        """Whether it matters how one travels."""
        return isinstance(self.written, AlongRoute)

    @property
    def names_places(self) -> bool:
        """Whether anything has to be looked up."""
        return isinstance(self.written, AlongRoute | NearbyAddress)


def query_at_once(opened: OpenVersion, text: QueryText) -> EntityQuery | None:
    """Hold the options of a query against the entity type; None where that takes longer than it may here.

    Raises InvalidParameter.
    """
    spatial = None
    if text.spatial_filter is not None:
        spatial = read_plain_spatial(text.spatial_filter)
        if spatial is None:
            return None
    if text.select is not None and "(" in text.select:
        return None
    return EntityQuery(
        opened.snapshot, bind_query(text, opened.version.entity_type, spatial, opened.target.max_query_points)
    )


def read_query(opened: OpenVersion, text: QueryText) -> ReadQuery:
    """Read any query and hold it against the entity type. Raises InvalidParameter, LimitExceeded."""
    written = (
        None if text.spatial_filter is None else parse_spatial(text.spatial_filter, opened.target.max_query_points)
    )
    bound = bind_query(text, opened.version.entity_type, None, opened.target.max_query_points)
    return ReadQuery(EntityQuery(opened.snapshot, bound), written)


def locate_query(services: Services, read: ReadQuery, travel: TravelOptions) -> EntityQuery:
    """Look up what a query names. Raises InvalidSpatialFilter for what cannot be found, Unavailable."""
    if read.written is None:
        return read.query
    located = resolve_spatial(services, read.written, travel)
    return EntityQuery(
        read.query.snapshot,
        replace(read.query.bound, spatial=located.spatial),
        located.remarks,
        is_lasting=not read.names_places,
    )
