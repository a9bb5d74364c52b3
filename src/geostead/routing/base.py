"""The port to routing engines (query-language.md, section 1: ``nearRoute``)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from geostead.geo.position import Position
from geostead.model.travel import TravelMode, TravelOptions


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


@dataclass(frozen=True, slots=True)
class RoutingServer:
    """A server that finds routes."""

    engine: str
    url: str
    """Without its query string, which may hold a key."""


@dataclass(frozen=True, slots=True)
class RoutingGraph:
    """A graph in the data folder that routes follow."""

    source: str
    """Name of the map file that it was built from."""
    built_at: datetime
    size_bytes: int
    is_usable: bool
    """Whether what opens it is installed; without that routes are great circles."""


Followed = RoutingServer | RoutingGraph | None
"""What the routes of a mode of travel follow; None: the great circle."""


class DescribedRouter(Router, Protocol):
    """A router that tells the operator what it works with."""

    def followed(self, mode: TravelMode) -> Followed:
        """Return what the routes of a mode follow; it is not tried out."""
