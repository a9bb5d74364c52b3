"""Query the entities of a version (query-language.md)."""

from __future__ import annotations

from dataclasses import dataclass

from geostead.model.entity import EntityPage
from geostead.operations.open_version import OpenVersion
from geostead.query.bind import bind_query
from geostead.query.bound import BoundQuery
from geostead.query.options import QueryText
from geostead.snapshots.base import Snapshot


@dataclass(frozen=True, slots=True)
class EntityQuery:
    """A query that is in order; :meth:`run` answers it."""

    snapshot: Snapshot
    bound: BoundQuery

    @property
    def is_cheap(self) -> bool:
        """Whether the answer takes less time than handing the query to a thread would be worth."""
        return self.snapshot.is_cheap(self.bound)

    def run(self) -> EntityPage:
        """Return the page of entities."""
        return self.snapshot.search(self.bound)


def query_entities(opened: OpenVersion, text: QueryText) -> EntityQuery:
    """Hold the options of a query against the entity type. Raises InvalidParameter, LimitExceeded."""
    return EntityQuery(opened.snapshot, bind_query(text, opened.version.entity_type))
