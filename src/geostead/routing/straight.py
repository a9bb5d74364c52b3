"""Routes where no routing engine is configured."""

from __future__ import annotations

from geostead.geo.position import Position
from geostead.model.travel import TravelMode, TravelOptions
from geostead.routing.base import Route


def remark(mode: TravelMode) -> str:
    """Return what is said about a route for which there is no engine."""
    return _remark(f"no routing engine is configured for {mode}")


def great_circle(start: Position, end: Position, why: str) -> Route:
    """Return the great circle from start to end; ``why`` tells in a few words why it follows no road."""
    return Route((start, end), (_remark(why),))


def _remark(why: str) -> str:
    return f"{why}: the route is the great circle, and travel parameters do not count"


class GreatCircles:
    """The shortest way over the sphere, whatever lies between."""

    def route(self, start: Position, end: Position, options: TravelOptions) -> Route:
        """Return the great circle from start to end."""
        return Route((start, end), (remark(options.mode),))
