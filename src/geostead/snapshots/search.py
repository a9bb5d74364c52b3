"""Searching an open snapshot: which rows, in which order, at which distance.

The plan: space first, where it leaves few candidates; else the predicate over whole columns first. A search for the
nearest looks into small circles before large ones. Only rows that the reply shows are ever fully sorted, measured or
decoded.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple, assert_never

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from geostead.geo.box import Rectangle, center_of_box, rectangles_of_box, rectangles_of_circle
from geostead.geo.distance import haversine_km, squared_chord, unit_vector
from geostead.geo.position import Position
from geostead.geo.whereabouts import centroid
from geostead.query.bound import BoundQuery, InBox, Intersects, Nearby, NearRoute, OrderTerm, SpatialFilter
from geostead.snapshots.columns import Columns, Rows
from geostead.snapshots.geography_index import GeographyIndex
from geostead.snapshots.matches import Matches
from geostead.snapshots.predicate import holds
from geostead.snapshots.route_search import find_near_route
from geostead.snapshots.shape_search import Places, find_intersecting
from geostead.snapshots.spatial_index import SpatialIndex

Chords = npt.NDArray[np.float64]

_FIRST_CIRCLE_KM = 25.0
"""Radius of the first circle of a search for the nearest; each next one has twice the radius of the last."""
_FEW = 200
"""So many rows are sorted as fast as the first ones of them are found."""
_MOST = 0.1
"""From this share of matches on, picking them out of a whole order is faster than sorting them."""
_WHOLE_COLUMN_SHARE = 0.25
"""From this share of candidates on, a predicate is evaluated over whole columns: gathering values costs more."""


class Found(NamedTuple):
    """The rows of a page in reply order."""

    rows: Rows
    distances_km: npt.NDArray[np.float64] | None
    total_count: int | None
    """Matches before paging, where the query asks for it."""


def search(query: BoundQuery, columns: Columns, index: SpatialIndex, geographies: GeographyIndex) -> Found:
    """Evaluate a query; ties and orderless queries come by row, which is entity id order."""
    if query.spatial is None and query.predicate is None and not query.order:
        last = min(len(columns), query.skip + query.top)
        return Found(np.arange(min(query.skip, last), last), None, len(columns) if query.count else None)
    if isinstance(query.spatial, Nearby) and not query.order and not query.count:
        matches = _nearest_matches(query, query.spatial, columns, index)
    else:
        matches = _all_matches(query, columns, index, geographies)
    rows = _page(query, matches, columns)
    distances = _distances(query.spatial, rows, matches, columns) if query.distance and query.spatial else None
    return Found(rows, distances, len(matches.rows) if query.count else None)


def find_all(query: BoundQuery, columns: Columns, index: SpatialIndex, geographies: GeographyIndex) -> Rows:
    """Return all rows that satisfy the filters of a query that counts, in no order."""
    return _all_matches(query, columns, index, geographies).rows


def _all_matches(query: BoundQuery, columns: Columns, index: SpatialIndex, geographies: GeographyIndex) -> Matches:
    match query.spatial:
        case Intersects():
            return find_intersecting(query, query.spatial, Places(columns, index, geographies))
        case NearRoute():
            return find_near_route(query, query.spatial, columns, index)
        case _:
            return _matches(query, columns, index)


def in_first_circle(query: BoundQuery) -> BoundQuery | None:
    """Return a query of the nearest with a small circle in place of a large one; None for any other query.

    Both have the same answer if the small circle has enough for the page.
    """
    if isinstance(query.spatial, Nearby) and query.spatial.radius_km > _FIRST_CIRCLE_KM and not query.order:
        return None if query.count else replace(query, spatial=query.spatial._replace(radius_km=_FIRST_CIRCLE_KM))
    return None


def _nearest_matches(query: BoundQuery, circle: Nearby, columns: Columns, index: SpatialIndex) -> Matches:
    """Return the matches within the smallest of some circles that has enough of them for the page."""
    radius_km = _FIRST_CIRCLE_KM
    while radius_km < circle.radius_km / 2:
        matches = _matches(replace(query, spatial=circle._replace(radius_km=radius_km)), columns, index)
        if len(matches.rows) >= query.skip + query.top:
            return matches
        radius_km *= 2
    return _matches(query, columns, index)


def _matches(query: BoundQuery, columns: Columns, index: SpatialIndex) -> Matches:
    if query.spatial is None:
        if query.predicate is None:
            return Matches(np.arange(len(columns)))
        return Matches(np.flatnonzero(holds(query.predicate, columns, None)))
    matches = _within(query, index)
    if query.predicate is None:
        return matches
    if len(matches.rows) > len(columns) * _WHOLE_COLUMN_SHARE:
        return matches.keep(holds(query.predicate, columns, None)[matches.rows])
    return matches.keep(holds(query.predicate, columns, matches.rows))


def _within(query: BoundQuery, index: SpatialIndex) -> Matches:
    """Return the rows that the spatial filter lets through."""
    match query.spatial:
        case Nearby(latitude, longitude, radius_km):
            positions = index.find(rectangles_of(query.spatial))
            chords = index.squared_chords(positions, unit_vector(latitude, longitude))
            inside = chords <= squared_chord(radius_km)
            return Matches(index.rows_at(positions[inside]), chords[inside])
        case InBox(south, west, north, east):
            positions = index.find(rectangles_of(query.spatial))
            if not any(term.property is None for term in query.order):
                return Matches(index.rows_at(positions))
            center = center_of_box(south=south, west=west, north=north, east=east)
            return Matches(index.rows_at(positions), index.squared_chords(positions, unit_vector(*center)))
        case None | Intersects() | NearRoute():
            raise AssertionError(f"{query.spatial} is no circle or box to look in")
        case _:
            assert_never(query.spatial)


@lru_cache(maxsize=64)  # whether a search is cheap is asked just before it runs, with the same spatial filter
def rectangles_of(spatial: Nearby | InBox) -> tuple[Rectangle, ...]:
    """Return rectangles that hold all that a spatial filter lets through; for a box nothing else."""
    match spatial:
        case Nearby(latitude, longitude, radius_km):
            return rectangles_of_circle(latitude=latitude, longitude=longitude, radius_km=radius_km)
        case InBox(south, west, north, east):
            return rectangles_of_box(south=south, west=west, north=north, east=east)
        case _:
            assert_never(spatial)


def _page(query: BoundQuery, matches: Matches, columns: Columns) -> Rows:
    """Return the rows between skip and skip + top of the order asked for."""
    wanted = query.skip + query.top
    if query.order:
        ordered = _by_terms(query.order, matches, columns, wanted)
    elif isinstance(query.spatial, Nearby):
        assert matches.nearness is not None
        ordered = _nearest(matches.rows, matches.nearness, wanted)
    elif matches.along_km is not None:
        ordered = matches.along_the_route()
    else:
        ordered = _smallest(matches.rows, wanted)
    return ordered[query.skip : wanted]


def _smallest(rows: Rows, wanted: int) -> Rows:
    """Return the ``wanted`` smallest rows, ascending."""
    if wanted < len(rows) > _FEW:
        rows = np.partition(rows, wanted - 1)[:wanted]
    return np.sort(rows)[:wanted]


def _nearest(rows: Rows, chords: Chords, wanted: int) -> Rows:
    """Return the ``wanted`` nearest rows, nearest first, equal chords by row."""
    if wanted < len(rows) > _FEW:
        # All that are as near as the last one wanted stay in, so that the tie at the end is broken by row as well.
        near = chords <= np.partition(chords, wanted - 1)[wanted - 1]
        rows, chords = rows[near], chords[near]
    return rows[np.lexsort((rows, chords))[:wanted]]


def _by_terms(order: tuple[OrderTerm, ...], matches: Matches, columns: Columns, wanted: int) -> Rows:
    """Return the ``wanted`` first rows in the order of the terms."""
    if len(order) == 1 and len(matches.rows) > len(columns) * _MOST:
        ordered = _by_one_term(order[0], matches, columns, wanted)
        if ordered is not None:
            return ordered
    keys: list[pa.Array] = []
    directions: list[str] = []
    for term in order:
        for key in _sort_keys(term, matches, columns):
            keys.append(key)
            directions.append("descending" if term.descending else "ascending")
    keys.append(pa.array(matches.rows))
    directions.append("ascending")
    table = pa.table(keys, names=[str(i) for i in range(len(keys))])
    sort_keys = [(str(i), direction) for i, direction in enumerate(directions)]
    if wanted < len(matches.rows) // 8:
        chosen = pc.select_k_unstable(table, k=wanted, sort_keys=sort_keys)
    else:
        chosen = pc.sort_indices(table, sort_keys=sort_keys)
    first: npt.NDArray[np.int64] = chosen.to_numpy()[:wanted]
    return matches.rows[first]


def _by_one_term(term: OrderTerm, matches: Matches, columns: Columns, wanted: int) -> Rows | None:
    """Pick what matches out of a whole order; None if that is not there and making it is not worth it yet."""
    if term.property is None:
        return None
    is_deep = wanted > len(matches.rows) // 8
    whole = columns.orderings.find(term.property.name, descending=term.descending, is_deep=is_deep)
    if whole is None:
        return None
    if len(matches.rows) < len(columns):
        is_match = np.zeros(len(columns), dtype=np.bool_)
        is_match[matches.rows] = True
        whole = whole[is_match[whole]]
    return whole[:wanted].astype(np.int64)


def _sort_keys(term: OrderTerm, matches: Matches, columns: Columns) -> list[pa.Array]:
    """Return the arrays to sort by for one term: whether there is a value, then the value."""
    if term.property is None:
        return [pa.array(matches.nearness)]
    column = columns.stored(term.property.name)
    if pa.types.is_dictionary(column.type):
        return [pa.array(column.indices.to_numpy()[matches.rows])]
    values = column.take(pa.array(matches.rows))
    if pa.types.is_boolean(values.type):
        values = values.cast(pa.uint8())
    return [values.is_valid().cast(pa.uint8()), values] if values.null_count else [values]


def _distances(spatial: SpatialFilter, rows: Rows, matches: Matches, columns: Columns) -> npt.NDArray[np.float64]:
    """Return the great-circle distances in km of located rows from the centre of the spatial filter, or from a line."""
    if isinstance(spatial, NearRoute):
        return matches.nearness_of(rows)
    return distances_from_center(spatial, rows, columns)


def distances_from_center(spatial: SpatialFilter, rows: Rows, columns: Columns) -> npt.NDArray[np.float64]:
    """Return the great-circle distances in km of located rows from the centre of a spatial filter that is no line."""
    center = center_of(spatial)
    if center is None:  # the shape is empty, and so is the page
        return np.empty(0)
    return haversine_km(*center, *columns.places(rows))


def center_of(spatial: SpatialFilter | None) -> Position | None:
    """Return the place that ``__Distance`` is measured from; None where there is none, or it is a line."""
    match spatial:
        case Nearby(latitude, longitude, _):
            return Position(latitude, longitude)
        case InBox(south, west, north, east):
            return Position(*center_of_box(south=south, west=west, north=north, east=east))
        case Intersects(shape):
            return centroid(shape)
        case None | NearRoute():
            return None
        case _:
            assert_never(spatial)
