"""The ends of a route: a place beside the road, and the straight way from it to the road."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from geostead.geo.position import Position

MAX_TO_ROAD_M = 10_000
"""How far a start or an end may lie from the nearest road. Beyond, no way leads there: a graph of one country would
otherwise answer for places in another."""


def line_through(start: Position, road: Sequence[Position], end: Position) -> tuple[Position, ...]:
    """Return the whole line, without places that follow themselves. Raises ValueError for a road of no places."""
    if not road:
        raise ValueError("a road of at least one place")
    return tuple(place for place, _ in groupby((start, *road, end)))


def position_of(*, latitude: object, longitude: object) -> Position:
    """Check what a routing engine gave for a position. Raises ValueError."""
    if isinstance(latitude, int | float) and isinstance(longitude, int | float):  # noqa: SIM102  # NaN fails below
        if -90 <= latitude <= 90 and -180 <= longitude <= 180:
            return Position(latitude, longitude)
    raise ValueError("a latitude and a longitude")
