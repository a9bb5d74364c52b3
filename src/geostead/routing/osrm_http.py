"""OSRM as a server (``osrm-routed``), over HTTP."""

from __future__ import annotations

from functools import partial
from urllib.parse import urlencode

import orjson

from geostead.deadline import Deadline
from geostead.geo.position import Position
from geostead.model.travel import TravelMode, TravelOptions
from geostead.routing.base import Followed, Route
from geostead.routing.ends import MAX_TO_ROAD_M
from geostead.routing.engine_server import EngineServer
from geostead.routing.osrm import HEADING_RANGE_DEGREES, Answer, Question, find_route, osrm_road, refusal_of


class OsrmServer:
    """Finds routes with one OSRM server. Threads may share it.

    A server has one graph and does not say for which mode; the mode is in the path for those that stand behind a proxy.
    """

    def __init__(self, server: EngineServer) -> None:
        self._server = server

    def route(self, start: Position, end: Position, options: TravelOptions) -> Route | None:
        """Implement :meth:`geostead.routing.base.Router.route`."""
        return find_route(partial(self._ask, options.mode, self._server.deadline()), start, end, options)

    def followed(self, mode: TravelMode) -> Followed:  # noqa: ARG002  the server does not say
        """Implement :meth:`geostead.routing.base.DescribedRouter.followed`."""
        return self._server.described()

    def _ask(self, mode: TravelMode, deadline: Deadline, question: Question) -> Answer:
        reply = self._server.ask(_path(mode, question), _query(question), deadline)
        try:
            return _answer(reply)
        except (ValueError, TypeError, LookupError) as error:
            raise self._server.unavailable("what it answered is no route") from error


def _path(mode: TravelMode, question: Question) -> str:
    ends = ";".join(f"{place.longitude:.6f},{place.latitude:.6f}" for place in (question.start, question.end))
    return f"/route/v1/{mode}/{ends}"


def _query(question: Question) -> str:
    wanted = {
        "overview": "full",
        "geometries": "geojson",
        "generate_hints": "false",
        "radiuses": f"{MAX_TO_ROAD_M};{MAX_TO_ROAD_M}",
    }
    if question.heading_degrees is not None:
        wanted["bearings"] = f"{question.heading_degrees},{HEADING_RANGE_DEGREES};"
    if question.excluded:
        wanted["exclude"] = ",".join(question.excluded)
    return urlencode(wanted, safe=";,")


def _answer(reply: bytes) -> Answer:
    document = orjson.loads(reply)
    if document["code"] == "Ok":
        return osrm_road(document["routes"][0]["geometry"]["coordinates"])
    if (refusal := refusal_of(document["code"])) is None:
        raise ValueError("a code that is known")
    return refusal
