"""Different routers for different modes of travel."""

from __future__ import annotations

from collections.abc import Mapping

from geostead.geo.position import Position
from geostead.model.travel import TravelMode, TravelOptions
from geostead.routing.base import DescribedRouter, Followed, Route


class ByMode:
    """Hands a question to the router of its mode."""

    def __init__(self, routers: Mapping[TravelMode, DescribedRouter], otherwise: DescribedRouter) -> None:
        self._routers = routers
        self._otherwise = otherwise

    def route(self, start: Position, end: Position, options: TravelOptions) -> Route | None:
        """Implement :meth:`geostead.routing.base.Router.route`."""
        return self._of(options.mode).route(start, end, options)

    def followed(self, mode: TravelMode) -> Followed:
        """Implement :meth:`geostead.routing.base.DescribedRouter.followed`."""
        return self._of(mode).followed(mode)

    def _of(self, mode: TravelMode) -> DescribedRouter:
        return self._routers.get(mode, self._otherwise)
