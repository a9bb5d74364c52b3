"""The ends of a route: a place beside the road, and the straight way from it to the road."""

from __future__ import annotations

import math
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


def degrees_apart(start: Position, end: Position) -> float:
    """Return how far start and end are from each other, as an arc of the great circle: 1 degree is 111 km."""
    half_latitude = math.radians(end.latitude - start.latitude) / 2
    half_longitude = math.radians(end.longitude - start.longitude) / 2
    cosines = math.cos(math.radians(start.latitude)) * math.cos(math.radians(end.latitude))
    squared = math.sin(half_latitude) ** 2 + cosines * math.sin(half_longitude) ** 2
    return math.degrees(2 * math.asin(math.sqrt(min(squared, 1.0))))


def road_of(latitudes_and_longitudes: Iterable[Sequence[Any]]) -> list[Position]:
    """Check what a routing engine gave for a road, one place or more. Raises ValueError, TypeError."""
    road = [Position(latitude, longitude) for latitude, longitude in latitudes_and_longitudes]
    if not road or not all(-90 <= place.latitude <= 90 and -180 <= place.longitude <= 180 for place in road):
        raise ValueError("one place or more, each with a latitude and a longitude")
    return road
