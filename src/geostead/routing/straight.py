"""Routes of an installation without routing engine."""

from __future__ import annotations

from geostead.geo.position import Position
from geostead.model.travel import TravelOptions
from geostead.routing.base import Route

REMARK = "no routing engine is configured: the route is the great circle, and travel parameters do not count"


class GreatCircles:
    """The shortest way over the sphere, whatever lies between."""

    def route(self, start: Position, end: Position, options: TravelOptions) -> Route:  # noqa: ARG002  # the port's
        """Return the great circle from start to end."""
        return Route((start, end), (REMARK,))
