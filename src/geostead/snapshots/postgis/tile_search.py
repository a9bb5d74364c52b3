"""Which entities of a snapshot's table are in a tile of a map: few of them one by one, many gathered by PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from psycopg import sql

from geostead.geo.box import Rectangle
from geostead.geo.tiles import MAX_LATITUDE, Tile
from geostead.model.drawn_tile import Clusters, Floats
from geostead.query.bound import BoundQuery, Intersects, NearRoute
from geostead.snapshots.gathering import CELLS, MOST_SINGLE, NO_CLUSTERS, gather, places_in
from geostead.snapshots.postgis.arguments import Arguments
from geostead.snapshots.postgis.clauses import all_of, matching, touching
from geostead.snapshots.postgis.fetching import Connection, fetch
from geostead.snapshots.postgis.layout import POINT, Layout, column_of
from geostead.snapshots.postgis.route_search import find_near_route
from geostead.snapshots.postgis.shape_search import find_intersecting

_EVERY_ROW = 2**31


class FoundIds(NamedTuple):
    """What is in a tile, as :class:`geostead.snapshots.gathering.Gathered` has it, the singles by id."""

    ids: list[str]
    x: Floats
    y: Floats
    clusters: Clusters


class TableTiles:
    """Finds what satisfies the filters of a query in tiles, over one connection."""

    def __init__(self, query: BoundQuery, connection: Connection, layout: Layout, largest_bytes: int) -> None:
        self._query = query
        self._connection = connection
        self._layout = layout
        self._ids = _looked_up(query, connection, layout, largest_bytes)

    def gather(self, tile: Tile) -> FoundIds:
        """Return what lies in a tile."""
        few = self._few(tile)
        return self._many(tile) if few is None else few

    def shapes(self, rectangles: Sequence[Rectangle], most: int) -> list[str] | None:
        """Return the ids of what has a geography whose envelope touches a rectangle; None: more than ``most``."""
        if self._layout.geography is None:
            return []
        arguments = Arguments()
        statement = sql.SQL("SELECT {} FROM {} WHERE {} LIMIT {}").format(
            self._layout.key,
            self._layout.table,
            all_of([self._filters(arguments), touching(self._layout.geography, rectangles, arguments)]),
            arguments.count(most + 1),
        )
        ids = sorted(entity_id for (entity_id,) in fetch(self._connection, statement, arguments))
        return None if len(ids) > most else ids

    def _filters(self, arguments: Arguments) -> sql.Composable:
        if self._ids is None:
            return matching(self._query, self._layout, arguments)
        return sql.SQL("{} = ANY ({})").format(self._layout.key, arguments.texts(self._ids))

    def _few(self, tile: Tile) -> FoundIds | None:
        """Return the places one by one; None if they are too many for that."""
        arguments, layout = Arguments(), self._layout
        statement = sql.SQL("SELECT {}, {}, {} FROM {} WHERE {} LIMIT {}").format(
            layout.key,
            column_of(layout.entity_type.latitude_name),
            column_of(layout.entity_type.longitude_name),
            layout.table,
            all_of([self._filters(arguments), touching(POINT, tile.rectangles(), arguments)]),
            arguments.count(MOST_SINGLE + 1),
        )
        rows = sorted(fetch(self._connection, statement, arguments))
        if len(rows) > MOST_SINGLE:
            return None
        ids, latitudes, longitudes = zip(*rows, strict=True) if rows else ((), (), ())
        places = places_in(tile, latitudes=np.array(latitudes, float), longitudes=np.array(longitudes, float))
        singles, clusters = gather(places)
        return FoundIds([ids[row] for row in places.kept[singles]], places.x[singles], places.y[singles], clusters)

    def _many(self, tile: Tile) -> FoundIds:
        """Return the places gathered in the cells of the grid."""
        arguments = Arguments()
        cells = fetch(self._connection, self._gathering(tile, arguments), arguments)
        alone = sorted((entity_id, x, y) for count, x, y, entity_id, *_ in cells if count == 1)
        crowded = [(count, x, y, *bounds) for count, x, y, _, *bounds in cells if count > 1]
        numbers = np.array(crowded, dtype=np.float64).reshape(-1, 7)
        clusters = Clusters(numbers[:, 1], numbers[:, 2], numbers[:, 0].astype(np.int64), numbers[:, 3:])
        ids, xs, ys = zip(*alone, strict=True) if alone else ((), (), ())
        return FoundIds(list(ids), np.array(xs, float), np.array(ys, float), clusters if crowded else NO_CLUSTERS)

    def _gathering(self, tile: Tile, arguments: Arguments) -> sql.Composed:
        """Return the statement; what it computes is what :mod:`geostead.geo.tiles` does."""
        latitude = column_of(self._layout.entity_type.latitude_name)
        longitude = column_of(self._layout.entity_type.longitude_name)
        return sql.SQL("""
            SELECT count(*), avg(__tile_x), avg(__tile_y), min(__id),
                min(__east), min(__north), max(__east), max(__north)
            FROM (
                SELECT __id, __east, __north, __x * {count} - {column} AS __tile_x, __y * {count} - {row} AS __tile_y
                FROM (
                    SELECT {key} AS __id, {longitude} AS __east, {latitude} AS __north,
                        ({longitude} + 180) / 360 - floor(({longitude} + 180) / 360) AS __x,
                        least(greatest(0.5 - atanh(sin(radians(
                            least(greatest({latitude}, -{edge}), {edge})
                        ))) / (2 * pi()), 0), {below_one}) AS __y
                    FROM {table} WHERE {condition}
                ) AS __on_map
            ) AS __within
            WHERE __tile_x >= 0 AND __tile_x < 1 AND __tile_y >= 0 AND __tile_y < 1
            GROUP BY floor(__tile_x * {cells}), floor(__tile_y * {cells})
        """).format(
            count=arguments.number(tile.side),
            column=arguments.number(tile.column),
            row=arguments.number(tile.row),
            key=self._layout.key,
            longitude=longitude,
            latitude=latitude,
            edge=arguments.number(MAX_LATITUDE),
            below_one=arguments.number(np.nextafter(1.0, 0.0)),
            table=self._layout.table,
            condition=all_of([self._filters(arguments), touching(POINT, tile.rectangles(), arguments)]),
            cells=arguments.number(CELLS),
        )


def _looked_up(query: BoundQuery, connection: Connection, layout: Layout, largest_bytes: int) -> list[str] | None:
    """Return the ids of what satisfies a query whose spatial filter PostgreSQL does not decide; None for others."""
    every = replace(query, order=(), count=True, skip=0, top=_EVERY_ROW)
    match query.spatial:
        case NearRoute():
            return find_near_route(every, query.spatial, connection, layout).ids
        case Intersects():
            return find_intersecting(every, query.spatial, connection, layout, largest_bytes).ids
        case _:
            return None
