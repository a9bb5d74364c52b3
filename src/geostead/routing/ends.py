"""The ends of a route: a place beside the road, and the straight way from it to the road."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

from geostead.geo.position import Position

MAX_TO_ROAD_M = 10_000
"""How far a start or an end may lie from the nearest road. Beyond, no way leads there: a graph of one country would
otherwise answer for places in another."""


def line_through(start: Position, road: Sequence[Position], end: Position) -> tuple[Position, ...]:
    """Return the whole line, without places that follow themselves."""
    return tuple(place for place, _ in groupby((start, *road, end)))


def road_of(latitudes_and_longitudes: Iterable[Sequence[Any]]) -> list[Position]:
    """Check what a routing engine gave for a road, one place or more. Raises ValueError, TypeError."""
    road = [Position(latitude, longitude) for latitude, longitude in latitudes_and_longitudes]
    if not road or not all(-90 <= place.latitude <= 90 and -180 <= place.longitude <= 180 for place in road):
        raise ValueError("one place or more, each with a latitude and a longitude")
    return road
