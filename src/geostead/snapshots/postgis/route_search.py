"""Searching along a route: PostgreSQL finds points in boxes around it, and the snapshots' own code measures them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from psycopg import sql

from geostead.geo.route import RouteLine
from geostead.query.bound import BoundQuery, NearRoute, OrderTerm
from geostead.snapshots.matches import Matches
from geostead.snapshots.postgis.arguments import Arguments
from geostead.snapshots.postgis.clauses import all_of, satisfying
from geostead.snapshots.postgis.fetching import Connection, fetch
from geostead.snapshots.postgis.layout import POINT, Layout, column_of
from geostead.snapshots.route_search import near_route
from geostead.snapshots.spatial_index import SpatialIndex


class FoundNearRoute(NamedTuple):
    """The entities of a page along a route."""

    ids: list[str]
    distances_km: list[float]
    total_count: int


def find_near_route(query: BoundQuery, near: NearRoute, connection: Connection, layout: Layout) -> FoundNearRoute:
    """Return the entities of a page, in order, with how far from the route each is."""
    candidates = _candidates(query, near, connection, layout)
    if not candidates:
        return FoundNearRoute([], [], 0)
    ids, latitudes, longitudes, *ranks = zip(*candidates, strict=True)
    matches = near_route(near, SpatialIndex.of_points(latitudes=_numbers(latitudes), longitudes=_numbers(longitudes)))
    ordered = _by_terms(query.order, matches, ranks) if query.order else matches.along_the_route()
    rows = ordered[query.skip : query.skip + query.top]
    distances_km = matches.nearness_of(rows).tolist()
    return FoundNearRoute([ids[row] for row in rows], distances_km, len(matches.rows))


def _candidates(query: BoundQuery, near: NearRoute, connection: Connection, layout: Layout) -> list[tuple[Any, ...]]:
    """Return id, latitude, longitude, and the rank by each property of the order, of what may be near; by id."""
    line, arguments = RouteLine(near.line), Arguments()
    boxes = chain.from_iterable(line.rectangles(run, near.width_km) for run in range(len(line.radii_km)))
    ranks = [
        sql.SQL(", dense_rank() OVER (ORDER BY {} ASC NULLS FIRST) AS __rank").format(column_of(term.property.name))
        for term in query.order
        if term.property is not None
    ]
    # Each place once, however many boxes it lies in.
    statement = sql.SQL("""
        SELECT {key}, {latitude}, {longitude} {ranks} FROM {table} WHERE ctid IN (
            SELECT __entity.ctid FROM unnest({sides}) AS __box (__west, __south, __east, __north)
            JOIN {table} AS __entity ON __entity.{point} && ST_MakeEnvelope(__west, __south, __east, __north, 4326)
        ) AND {condition} ORDER BY {key}
    """).format(
        key=layout.key,
        latitude=column_of(layout.entity_type.latitude_name),
        longitude=column_of(layout.entity_type.longitude_name),
        ranks=sql.SQL("").join(ranks),
        table=layout.table,
        sides=sql.SQL(", ").join(map(arguments.numbers, zip(*boxes, strict=True))),
        point=POINT,
        condition=all_of(satisfying(query, arguments)),
    )
    return fetch(connection, statement, arguments)


def _by_terms(order: Sequence[OrderTerm], matches: Matches, ranks: Sequence[Sequence[int]]) -> npt.NDArray[np.int64]:
    """Return the rows in the order of the terms, ties by row. ``ranks`` are of all candidates, for each property."""
    assert matches.nearness is not None
    keys: list[npt.NDArray[Any]] = [matches.rows]
    left = list(ranks)
    for term in reversed(order):
        key = matches.nearness if term.property is None else np.array(left.pop())[matches.rows]
        keys.append(-key if term.descending else key)
    return matches.rows[np.lexsort(keys)]


def _numbers(values: Sequence[float]) -> npt.NDArray[np.float64]:
    return np.array(values, dtype=np.float64)
