"""Searching a snapshot's table: one statement for a page where that will do, its rows as columns.

A search for the nearest looks into small circles before large ones, as in :mod:`geostead.snapshots.search`: an index
of places in degrees cannot tell who is nearest on the sphere, but who is in a box.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from psycopg import sql

from geostead.model.entity_type import INTERSECTED_GEOM, EntityType
from geostead.query.bound import BoundQuery, Intersects, Nearby, NearRoute
from geostead.snapshots.columns import Columns
from geostead.snapshots.postgis.arguments import Arguments
from geostead.snapshots.postgis.clauses import matching, ordering
from geostead.snapshots.postgis.fetching import Connection, as_batch, fetch, fetch_by_id
from geostead.snapshots.postgis.layout import Layout
from geostead.snapshots.postgis.registry import Registered
from geostead.snapshots.postgis.route_search import find_near_route
from geostead.snapshots.postgis.shape_search import find_intersecting
from geostead.snapshots.search import distances_from_center
from geostead.snapshots.shape_search import intersections

_FIRST_CIRCLE_KM = 25.0
_GROWTH = 4.0
"""How much larger the next circle is: each one costs a statement, and most of what it looks at is not shown."""


class Found(NamedTuple):
    """A page."""

    rows: pa.RecordBatch
    """The properties that the reply shows, and the entity id."""
    distances_km: list[float] | None
    total_count: int | None
    intersections: pa.BinaryArray | None


def search(query: BoundQuery, connection: Connection, layout: Layout, known: Registered) -> Found:
    """Evaluate a bound query."""
    names = _names_to_read(query, layout.entity_type)
    distances: list[float] | None = None
    match query.spatial:
        case NearRoute():
            near = find_near_route(query, query.spatial, connection, layout)
            rows, distances, count = (
                fetch_by_id(connection, layout, near.ids, names),
                near.distances_km,
                near.total_count,
            )
        case Intersects():
            found = find_intersecting(query, query.spatial, connection, layout, known.largest_bytes)
            rows, count = fetch_by_id(connection, layout, found.ids, names), found.total_count or 0
        case _:
            rows = _page(query, names, connection, layout)
            count = _count(query, connection, layout, known) if query.count else 0
    if query.distance and distances is None:
        distances = _distances(query, rows, layout.entity_type)
    return Found(
        rows,
        distances if query.distance else None,
        count if query.count else None,
        _intersections(query, rows, layout.entity_type),
    )


def _names_to_read(query: BoundQuery, entity_type: EntityType) -> list[str]:
    """Return the properties that the reply needs, the entity id first."""
    wanted = [entity_type.key_name]
    wanted += entity_type.names if query.names is None else (n for n in query.names if n != INTERSECTED_GEOM)
    if query.distance or query.intersection is not None:
        wanted += (entity_type.latitude_name, entity_type.longitude_name)
    if query.intersection is not None and entity_type.geography_name is not None:
        wanted.append(entity_type.geography_name)
    return list(dict.fromkeys(wanted))


def _page(query: BoundQuery, names: Sequence[str], connection: Connection, layout: Layout) -> pa.RecordBatch:
    circle = query.spatial
    if isinstance(circle, Nearby) and not query.order:
        radius_km = _FIRST_CIRCLE_KM
        while radius_km < circle.radius_km / 2:
            smaller = replace(query, spatial=circle._replace(radius_km=radius_km))
            rows = _select(smaller, names, connection, layout)
            if rows.num_rows == query.top:
                return rows
            radius_km *= _GROWTH
    return _select(query, names, connection, layout)


def _select(query: BoundQuery, names: Sequence[str], connection: Connection, layout: Layout) -> pa.RecordBatch:
    arguments = Arguments()
    statement = sql.SQL("SELECT {} FROM {} WHERE {} ORDER BY {} LIMIT {} OFFSET {}").format(
        layout.values(names),
        layout.table,
        matching(query, layout, arguments),
        ordering(query, layout, arguments),
        arguments.count(query.top),
        arguments.count(query.skip),
    )
    return as_batch(fetch(connection, statement, arguments), names, layout)


def _count(query: BoundQuery, connection: Connection, layout: Layout, known: Registered) -> int:
    if query.spatial is None and query.predicate is None:
        return known.entity_count
    arguments = Arguments()
    statement = sql.SQL("SELECT count(*) FROM {} WHERE {}").format(layout.table, matching(query, layout, arguments))
    ((count,),) = fetch(connection, statement, arguments)
    return int(count)


def _distances(query: BoundQuery, rows: pa.RecordBatch, entity_type: EntityType) -> list[float] | None:
    """Return the great-circle distances in km from the centre of the spatial filter."""
    if query.spatial is None:
        return None
    columns = Columns(rows, entity_type)
    distances_km: list[float] = distances_from_center(query.spatial, np.arange(rows.num_rows), columns).tolist()
    return distances_km


def _intersections(query: BoundQuery, rows: pa.RecordBatch, entity_type: EntityType) -> pa.BinaryArray | None:
    if query.intersection is None:
        return None
    return intersections(query.intersection, np.arange(rows.num_rows), Columns(rows, entity_type))
