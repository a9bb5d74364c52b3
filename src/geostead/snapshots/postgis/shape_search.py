"""Searching by shape: PostgreSQL finds what may intersect it, in reply order, and the snapshots' own rules decide.

GEOS in PostGIS is another release than the one here, and knows nothing of ±180° being one meridian: two engines that
decide by different rules would differ on edges.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import shapely
from psycopg import sql

from geostead.geo.box import Rectangle
from geostead.geo.relate import RelatedShape
from geostead.query.bound import BoundQuery, Intersects
from geostead.snapshots.postgis.arguments import Arguments
from geostead.snapshots.postgis.clauses import all_of, ordering, satisfying, touching
from geostead.snapshots.postgis.fetching import Connection, fetch
from geostead.snapshots.postgis.layout import POINT, Layout, column_of

_FIRST_BLOCK_ROWS, _BLOCK_ROWS = 256, 65_536
_SHAPES_AT_ONCE, _SHAPE_BYTES = 2_048, 2**22

_Candidate = tuple[str, float | None, float | None, bool]
"""Entity id, latitude, longitude, and whether there is a geography."""


class FoundIds(NamedTuple):
    """The ids of a page."""

    ids: list[str]
    total_count: int | None
    """Matches before paging, where the query asks for it."""


def find_intersecting(
    query: BoundQuery, filter_: Intersects, connection: Connection, layout: Layout, largest_bytes: int
) -> FoundIds:
    """Return the entities of a page, in order. Only as many candidates are looked at as page or count need."""
    related = RelatedShape(filter_.shape)
    wanted, count = query.skip + query.top, 0
    found: list[str] = []
    for block in _candidates(query, related.rectangles, connection, layout):
        meets = _meets(related, block, _Shapes(connection, layout, max(1, _SHAPE_BYTES // largest_bytes)))
        count += int(meets.sum())
        if len(found) < wanted:
            found += [block[row][0] for row in np.flatnonzero(meets)]
        if not query.count and count >= wanted:
            break
    return FoundIds(found[query.skip : wanted], count if query.count else None)


def _candidates(
    query: BoundQuery, rectangles: Sequence[Rectangle], connection: Connection, layout: Layout
) -> Iterator[list[_Candidate]]:
    """Return what satisfies the rest of the query and may intersect the shape, in reply order, in growing blocks."""
    if not rectangles:
        return
    arguments = Arguments()
    statement = sql.SQL("SELECT {}, {}, {}, {} AS __has_geography FROM {} WHERE {} ORDER BY {}").format(
        layout.key,
        column_of(layout.entity_type.latitude_name),
        column_of(layout.entity_type.longitude_name),
        sql.SQL("FALSE") if layout.geography is None else sql.SQL("{} IS NOT NULL").format(layout.geography),
        layout.table,
        all_of([_may_intersect(rectangles, layout, arguments), *satisfying(query, arguments)]),
        ordering(query, layout, arguments),
    )
    size = _FIRST_BLOCK_ROWS
    with connection.transaction(), connection.cursor("geostead_candidates", binary=True) as cursor:
        cursor.execute(statement, arguments.values)
        while block := cursor.fetchmany(size):
            yield block
            size = min(2 * size, _BLOCK_ROWS)


def _may_intersect(rectangles: Sequence[Rectangle], layout: Layout, arguments: Arguments) -> sql.Composable:
    points = touching(POINT, rectangles, arguments)
    if layout.geography is None:
        return points
    geographies = touching(layout.geography, rectangles, arguments)
    return sql.SQL("({} OR ({} IS NULL AND {}))").format(geographies, layout.geography, points)


class _Shapes(NamedTuple):
    """Reads geographies, cut at ±180°, as many at once as memory should hold."""

    connection: Connection
    layout: Layout
    most: int

    def read(self, ids: Sequence[str]) -> Iterator[npt.NDArray[np.object_]]:
        step = min(self.most, _SHAPES_AT_ONCE)
        for start in range(0, len(ids), step):
            some, arguments = ids[start : start + step], Arguments()
            statement = sql.SQL("SELECT {}, ST_AsBinary({}, 'NDR') FROM {} WHERE {} = ANY ({})").format(
                self.layout.key, self.layout.geography, self.layout.table, self.layout.key, arguments.texts(some)
            )
            found: dict[str, Any] = dict(fetch(self.connection, statement, arguments))
            yield shapely.from_wkb(np.array([found[entity_id] for entity_id in some], dtype=object))


def _meets(related: RelatedShape, block: Sequence[_Candidate], shapes: _Shapes) -> npt.NDArray[np.bool_]:
    ids, latitudes, longitudes, has_geography = zip(*block, strict=True)
    found = np.zeros(len(block), dtype=np.bool_)
    with_shape = np.flatnonzero(has_geography)
    if len(with_shape):
        parts = [related.meets(part) for part in shapes.read([ids[row] for row in with_shape])]
        found[with_shape] = np.concatenate(parts)
    points = np.flatnonzero(~np.array(has_geography))
    found[points] = related.meets_points(
        latitudes=np.array([latitudes[row] for row in points], dtype=np.float64),
        longitudes=np.array([longitudes[row] for row in points], dtype=np.float64),
    )
    return found
