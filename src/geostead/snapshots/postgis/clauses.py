"""The parts of a statement that a bound query comes to: what is near, in which order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import assert_never

from psycopg import sql

from geostead.geo.box import Rectangle
from geostead.geo.distance import squared_chord, unit_vector
from geostead.geo.position import Position
from geostead.query.bound import BoundQuery, InBox, Intersects, Nearby, NearRoute, SpatialFilter
from geostead.snapshots.postgis.arguments import Arguments
from geostead.snapshots.postgis.layout import POINT, VECTOR_COLUMNS, Layout, column_of
from geostead.snapshots.postgis.predicate import condition
from geostead.snapshots.search import center_of, rectangles_of

_ALL = sql.SQL("TRUE")


def matching(query: BoundQuery, layout: Layout, arguments: Arguments) -> sql.Composable:
    """Return the condition of a query whose spatial filter is a circle, a box or nothing."""
    return all_of([*_within(query.spatial, layout, arguments), *satisfying(query, arguments)])


def satisfying(query: BoundQuery, arguments: Arguments) -> list[sql.Composable]:
    """Return the condition that properties have to satisfy; no more than one."""
    return [] if query.predicate is None else [condition(query.predicate, arguments)]


def all_of(conditions: Sequence[sql.Composable]) -> sql.Composable:
    """Return what is true where all conditions are."""
    return sql.SQL(" AND ").join(conditions) if conditions else _ALL


def _within(spatial: SpatialFilter | None, layout: Layout, arguments: Arguments) -> Iterator[sql.Composable]:
    match spatial:
        case None:
            return
        case Nearby(latitude, longitude, radius_km):
            yield touching(POINT, rectangles_of(spatial), arguments)
            chord = chord_from(Position(latitude, longitude), arguments)
            yield sql.SQL("{} <= {}").format(chord, arguments.number(squared_chord(radius_km)))
        case InBox():
            yield _in_rectangles(rectangles_of(spatial), layout, arguments)
        case Intersects() | NearRoute():
            raise AssertionError(f"{spatial} is no circle or box to look in")
        case _:
            assert_never(spatial)


def touching(column: sql.Composable, rectangles: Sequence[Rectangle], arguments: Arguments) -> sql.Composable:
    """Return the condition that the envelope of a geometry touches a rectangle; to six digits, rounded outward."""
    parts = [sql.SQL("{} && {}").format(column, _envelope(rectangle, arguments)) for rectangle in rectangles]
    return sql.SQL("({})").format(sql.SQL(" OR ").join(parts))


def _in_rectangles(rectangles: Sequence[Rectangle], layout: Layout, arguments: Arguments) -> sql.Composable:
    """Return the condition that a point lies in a rectangle, exactly, edges included."""
    longitude, latitude = column_of(layout.entity_type.longitude_name), column_of(layout.entity_type.latitude_name)
    parts = [
        sql.SQL("({} && {} AND {} BETWEEN {} AND {} AND {} BETWEEN {} AND {})").format(
            POINT,
            _envelope(rectangle, arguments),
            longitude,
            arguments.number(rectangle.min_x),
            arguments.number(rectangle.max_x),
            latitude,
            arguments.number(rectangle.min_y),
            arguments.number(rectangle.max_y),
        )
        for rectangle in rectangles
    ]
    return sql.SQL("({})").format(sql.SQL(" OR ").join(parts))


def _envelope(rectangle: Rectangle, arguments: Arguments) -> sql.Composable:
    return sql.SQL("ST_MakeEnvelope({}, 4326)").format(sql.SQL(", ").join(map(arguments.number, rectangle)))


def chord_from(place: Position, arguments: Arguments) -> sql.Composable:
    """Return the squared straight distance from a place, on the unit sphere; null for an entity without a place."""
    squares = [
        sql.SQL("({0} - {1}) * ({0} - {1})").format(sql.Identifier(name), arguments.number(number))
        for name, number in zip(VECTOR_COLUMNS, unit_vector(*place), strict=True)
    ]
    return sql.SQL("({})").format(sql.SQL(" + ").join(squares))


def ordering(query: BoundQuery, layout: Layout, arguments: Arguments) -> sql.Composable:
    """Return what to order by: missing values least, ties by entity id."""
    keys: list[sql.Composable] = []
    for term in query.order:
        key = column_of(term.property.name) if term.property is not None else _distance(query, arguments)
        keys.append(sql.SQL("{} DESC NULLS LAST" if term.descending else "{} ASC NULLS FIRST").format(key))
    if isinstance(query.spatial, Nearby) and not query.order:
        keys.append(_distance(query, arguments))
    return sql.SQL(", ").join([*keys, layout.key])


def _distance(query: BoundQuery, arguments: Arguments) -> sql.Composable:
    """Return what grows with ``__Distance``."""
    center = center_of(query.spatial)
    return sql.SQL("0") if center is None else chord_from(center, arguments)
