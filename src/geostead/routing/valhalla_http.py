"""Valhalla as a server (``valhalla_service``), over HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain
from typing import Any
from urllib.parse import urlencode

import orjson
import polyline

from geostead.geo.position import Position
from geostead.model.travel import Avoidance, Optimization, TravelMode, TravelOptions
from geostead.routing.base import Followed, Route
from geostead.routing.ends import MAX_TO_ROAD_M, line_through, road_of
from geostead.routing.engine_server import EngineServer
from geostead.routing.remarks import not_counted, unknown_to_every_engine

_COSTINGS = {TravelMode.DRIVING: "auto", TravelMode.WALKING: "pedestrian"}
_COSTING_OPTIONS: Mapping[Avoidance, Mapping[str, object]] = {
    Avoidance.HIGHWAYS: {"exclude_highways": True, "use_highways": 0},
    Avoidance.TOLLS: {"exclude_tolls": True, "use_tolls": 0},
    Avoidance.MINIMIZE_HIGHWAYS: {"use_highways": 0},
    Avoidance.MINIMIZE_TOLLS: {"use_tolls": 0},
}
_STRICT = frozenset({Avoidance.HIGHWAYS, Avoidance.TOLLS})

_NO_WAY = frozenset({154, 170, 171, 442, 445})
"""Codes of errors: farther than the server allows, unconnected, no road nearby, no path."""
_EXCLUSIONS_NOT_ALLOWED = 208
"""Code of the warning of a server whose ``service_limits.allow_hard_exclusions`` is off, as it is by default."""


class ValhallaServer:
    """Finds routes with one Valhalla server. Threads may share it."""

    def __init__(self, server: EngineServer) -> None:
        self._server = server

    def route(self, start: Position, end: Position, options: TravelOptions) -> Route | None:
        """Implement :meth:`geostead.routing.base.Router.route`."""
        query = urlencode({"json": orjson.dumps(_question(start, end, options))})
        reply = self._server.ask("/route", query, self._server.deadline())
        try:
            trip = _trip(orjson.loads(reply))
            if trip is None:
                return None
            return Route(line_through(start, _road(trip), end), not_counted(_given_up(options, trip)))
        except (ValueError, TypeError, LookupError) as error:
            raise self._server.unavailable("what it answered is no route") from error

    def followed(self, mode: TravelMode) -> Followed:  # noqa: ARG002  one is for both
        """Implement :meth:`geostead.routing.base.DescribedRouter.followed`."""
        return self._server.described()


def _question(start: Position, end: Position, options: TravelOptions) -> dict[str, Any]:
    costing = _COSTINGS[options.mode]
    first, last = _location(start), _location(end)
    if options.heading_degrees is not None:
        first["heading"] = options.heading_degrees
    return {
        "locations": [first, last],
        "costing": costing,
        "costing_options": {costing: _costing_options(options)},
        "directions_type": "none",
    }


def _location(place: Position) -> dict[str, Any]:
    return {"lat": place.latitude, "lon": place.longitude, "search_cutoff": MAX_TO_ROAD_M}


def _costing_options(options: TravelOptions) -> dict[str, object]:
    wanted: dict[str, object] = {"shortest": True} if options.optimize is Optimization.DISTANCE else {}
    for avoidance in _avoided(options):
        wanted |= _COSTING_OPTIONS[avoidance]
    return wanted


def _avoided(options: TravelOptions) -> list[Avoidance]:
    """Return what a driver avoids, in a stable order; those on foot keep off highways and pay no tolls anyway."""
    return [a for a in Avoidance if a in options.avoid and options.mode is TravelMode.DRIVING]


def _trip(document: Any) -> dict[str, Any] | None:
    """Return the trip of an answer, None where it says that there is none. Raises LookupError, ValueError."""
    if "error_code" not in document:
        trip: dict[str, Any] = document["trip"]
        return trip
    if document["error_code"] not in _NO_WAY:
        raise ValueError("a code that is known")
    return None


def _road(trip: Mapping[str, Any]) -> list[Position]:
    return road_of(chain.from_iterable(polyline.decode(leg["shape"], 6) for leg in trip["legs"]))


def _given_up(options: TravelOptions, trip: Mapping[str, Any]) -> list[str]:
    """Return the wishes that did not count: where the shortest way is wanted Valhalla minimizes nothing else."""
    may_exclude = all(warning["code"] != _EXCLUSIONS_NOT_ALLOWED for warning in trip.get("warnings", ()))
    is_shortest = options.optimize is Optimization.DISTANCE
    kept = _STRICT if may_exclude else frozenset[Avoidance]()
    lost = [a for a in _avoided(options) if a not in kept and (is_shortest or a in _STRICT)]
    return [f"avoid={avoidance}" for avoidance in lost] + unknown_to_every_engine(options)
