"""How somebody wants to travel a route (query-language.md, section 1: ``nearRoute``)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class TravelMode(StrEnum):
    """The means of travel."""

    DRIVING = "driving"
    WALKING = "walking"


class Avoidance(StrEnum):
    """Roads that a driver wants to do without, altogether or as far as possible."""

    HIGHWAYS = "highways"
    TOLLS = "tolls"
    MINIMIZE_HIGHWAYS = "minimizeHighways"
    MINIMIZE_TOLLS = "minimizeTolls"


class Optimization(StrEnum):
    """What makes one route better than another."""

    DISTANCE = "distance"
    TIME = "time"
    TIME_WITH_TRAFFIC = "timeWithTraffic"


@dataclass(frozen=True, slots=True)
class TravelOptions:
    """The travel parameters of a query. The defaults are those of the original service."""

    mode: TravelMode = TravelMode.DRIVING
    avoid: frozenset[Avoidance] = frozenset()
    """Of two values for one kind of road the stricter one is kept."""
    optimize: Optimization = Optimization.TIME
    distance_before_first_turn_m: int | None = None
    """Metres to drive before the first turn, 0 or more; None: any."""
    heading_degrees: int | None = None
    """Direction at the start, 0 to 359 clockwise from north; None: any."""
