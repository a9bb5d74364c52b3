"""Different routers for different modes of travel."""

from __future__ import annotations

from collections.abc import Mapping

from geostead.geo.position import Position
from geostead.model.travel import TravelMode, TravelOptions
from geostead.routing.base import Route, Router


class ByMode:
    """Hands a question to the router of its mode."""

    def __init__(self, routers: Mapping[TravelMode, Router], otherwise: Router) -> None:
        self._routers = routers
        self._otherwise = otherwise

    def route(self, start: Position, end: Position, options: TravelOptions) -> Route | None:
        """Implement :meth:`geostead.routing.base.Router.route`."""
        return self._routers.get(options.mode, self._otherwise).route(start, end, options)
