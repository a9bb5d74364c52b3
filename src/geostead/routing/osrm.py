"""What OSRM is asked, and what its answers mean, whether over HTTP or in process.

OSRM knows classes of roads to leave out, in the combinations that its graph was made for; a direction at the start; and
one measure, time. It refuses what it does not know and finds nothing where a wish cannot be fulfilled, so wishes are
given up one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import Any

from geostead.errors import Unavailable
from geostead.geo.position import Position
from geostead.model.travel import Avoidance, Optimization, TravelMode, TravelOptions
from geostead.routing.base import Route
from geostead.routing.ends import line_through, road_of
from geostead.routing.remarks import not_counted, unknown_to_every_engine

HEADING_RANGE_DEGREES = 45
"""How far a road may deviate from the wanted heading, to either side."""

_CLASSES = {
    Avoidance.HIGHWAYS: "motorway",
    Avoidance.MINIMIZE_HIGHWAYS: "motorway",
    Avoidance.TOLLS: "toll",
    Avoidance.MINIMIZE_TOLLS: "toll",
}
"""The classes that OSRM's profile of cars gives to roads."""
_SOFT = frozenset({Avoidance.MINIMIZE_HIGHWAYS, Avoidance.MINIMIZE_TOLLS})


class Refusal(Enum):
    """Why OSRM gives no route."""

    NO_WAY = auto()
    NOT_SUPPORTED = auto()


_REFUSALS = {
    "NoRoute": Refusal.NO_WAY,
    "NoSegment": Refusal.NO_WAY,
    "InvalidValue": Refusal.NOT_SUPPORTED,
    "InvalidOptions": Refusal.NOT_SUPPORTED,
    "InvalidQuery": Refusal.NOT_SUPPORTED,
}


@dataclass(frozen=True, slots=True)
class Question:
    """One request to OSRM, without its spelling."""

    start: Position
    end: Position
    avoided: tuple[Avoidance, ...]
    heading_degrees: int | None

    @property
    def excluded(self) -> tuple[str, ...]:
        """The classes of roads to leave out."""
        return tuple(_CLASSES[avoidance] for avoidance in self.avoided)


Answer = Sequence[Position] | Refusal
"""The road from the one end to the other, or why there is none."""


def refusal_of(code: object) -> Refusal | None:
    """Return what a ``code`` of OSRM means; None for one that is no answer."""
    return _REFUSALS.get(code) if isinstance(code, str) else None


def osrm_road(coordinates: Iterable[Sequence[Any]]) -> list[Position]:
    """Return the places of a GeoJSON LineString as OSRM gives it. Raises ValueError, TypeError."""
    return road_of((latitude, longitude) for longitude, latitude in coordinates)


def find_route(
    ask: Callable[[Question], Answer], start: Position, end: Position, options: TravelOptions
) -> Route | None:
    """Ask for a route, with fewer wishes each time until there is one. Raises Unavailable."""
    wished = _first_question(start, end, options)
    question: Question | None = wished
    while question is not None:
        match ask(question):
            case Refusal() as refusal:
                question = _eased(question, refusal)
            case road:
                return Route(line_through(start, road, end), not_counted(_given_up(options, wished, question)))
    if refusal is Refusal.NOT_SUPPORTED:
        raise Unavailable("The routing engine does not understand what it is asked.")
    return None


def _first_question(start: Position, end: Position, options: TravelOptions) -> Question:
    """Ask for everything; those on foot keep off highways and pay no tolls anyway."""
    avoided = tuple(avoidance for avoidance in Avoidance if avoidance in options.avoid)
    return Question(start, end, avoided if options.mode is TravelMode.DRIVING else (), options.heading_degrees)


def _eased(question: Question, refusal: Refusal) -> Question | None:
    """Give up the least of the wishes that the refusal may be about; None where there is none left."""
    if refusal is Refusal.NOT_SUPPORTED:
        return replace(question, avoided=question.avoided[:-1]) if question.avoided else None
    if question.heading_degrees is not None:
        return replace(question, heading_degrees=None)
    strict = tuple(avoidance for avoidance in question.avoided if avoidance not in _SOFT)
    return replace(question, avoided=strict) if strict != question.avoided else None


def _given_up(options: TravelOptions, wished: Question, asked: Question) -> list[str]:
    wishes = [f"avoid={avoidance}" for avoidance in wished.avoided if avoidance not in asked.avoided]
    if options.optimize is Optimization.DISTANCE:
        wishes.append("optimize=distance")
    if wished.heading_degrees != asked.heading_degrees:
        wishes.append("heading")
    return wishes + unknown_to_every_engine(options)
