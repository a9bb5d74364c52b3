"""The port to routing engines (query-language.md, section 1: ``nearRoute``)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from geostead.geo.position import Position
from geostead.model.travel import TravelOptions


@dataclass(frozen=True, slots=True)
class Route:
    """A way from one place to another."""

    line: tuple[Position, ...]
    """The places that it leads through, start and end included; one or more. Between two of them it is straight."""
    remarks: tuple[str, ...] = ()
    """What whoever asked should know, a sentence each: that this is no road, which travel parameters did not count."""


class Router(Protocol):
    """Finds routes. Threads may share it."""

    def route(self, start: Position, end: Position, options: TravelOptions) -> Route | None:
        """Return the best route, None where no way leads from start to end.

        Raises Unavailable if the engine does not answer in time.
        """
