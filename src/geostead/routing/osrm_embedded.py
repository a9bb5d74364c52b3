"""OSRM in process, over graphs in the data folder that ``geostead routing build`` made.

The package ``osrm-bindings`` is an optional extra and needs Python 3.12. A graph is mapped into memory, so all
processes that have it open share it. While OSRM looks for a route no other thread of the process runs: the package does
not give way to them. So it is only asked for what it answers in a moment, and far ends get the great circle.
"""

from __future__ import annotations

import logging
import threading
from functools import cache, partial
from pathlib import Path
from types import ModuleType
from typing import Any

from geostead.errors import Unavailable
from geostead.geo.position import Position
from geostead.model.travel import TravelMode, TravelOptions
from geostead.routing.base import Followed, Route, RoutingGraph
from geostead.routing.ends import MAX_TO_ROAD_M, degrees_apart
from geostead.routing.graphs import Graph, graphs
from geostead.routing.osrm import HEADING_RANGE_DEGREES, Answer, Question, find_route, osrm_road, refusal_of
from geostead.routing.straight import GreatCircles, great_circle

MAX_APART_DEGREES = 9.0
"""How far from each other start and end may be: 1,000 km, more than one travels in a day. An answer takes some 5 µs for
each place of its line; there are about 30 of them in a kilometre of road, so this bounds it to some 0.2 s."""
_TOO_FAR = "start and end are more than 1,000 km apart, too far for the routing graph"

_log = logging.getLogger(__name__)


class EmbeddedOsrm:
    """Finds routes on the graphs of one installation; where there are none, great circles. Threads may share it."""

    def __init__(self, folder: Path) -> None:
        self._opened = {mode: _OpenGraph(folder, mode) for mode in TravelMode}

    def route(self, start: Position, end: Position, options: TravelOptions) -> Route | None:
        """Implement :meth:`geostead.routing.base.Router.route`."""
        engine = self._opened[options.mode].engine()
        if engine is None:
            return GreatCircles().route(start, end, options)
        if degrees_apart(start, end) > MAX_APART_DEGREES:
            return great_circle(start, end, _TOO_FAR)
        return find_route(partial(_ask, engine), start, end, options)

    def followed(self, mode: TravelMode) -> Followed:
        """Implement :meth:`geostead.routing.base.DescribedRouter.followed`."""
        graph = self._opened[mode].newest()
        if graph is None:
            return None
        return RoutingGraph(graph.source_name(), graph.built_at, graph.size_bytes(), is_usable=osrm() is not None)


class _OpenGraph:
    """The newest graph of a mode, opened when it is first asked for, and anew when another one has taken its place."""

    def __init__(self, folder: Path, mode: TravelMode) -> None:
        self._folder = folder
        self._mode = mode
        self._lock = threading.Lock()
        self._graph: Graph | None = None
        self._damaged: Graph | None = None
        self._engine: Any = None

    def engine(self) -> Any:
        """Return OSRM with the graph, None where there is none.

        Raises Unavailable where the graph cannot be opened. It is tried again each time, since what is missing may be
        memory, but the log says it once.
        """
        with self._lock:
            newest = self.newest()
            if newest is None or not _can_open():
                return None
            if newest != self._graph:
                self._open(newest)
            return self._engine

    def newest(self) -> Graph | None:
        """Return the graph that counts now, None where there is none."""
        return next(reversed(graphs(self._folder, self._mode)), None)

    def _open(self, graph: Graph) -> None:
        try:
            self._engine, self._graph = _open(graph), graph
        except RuntimeError as error:
            successor = self.newest()
            if successor is not None and successor != graph:  # which deleted the one that was to be opened
                self._open(successor)
                return
            if graph != self._damaged:
                self._damaged = graph
                _log.warning("The routing graph in %s cannot be opened: %s. Build it again.", graph.folder, error)
            raise Unavailable(f"The routing graph for {self._mode} cannot be opened.") from error


@cache
def osrm() -> ModuleType | None:
    """Return the package, None where it is not installed."""
    try:
        import osrm as package
    except ImportError:
        return None
    module: ModuleType = package
    return module


@cache
def _can_open() -> bool:
    """Tell whether graphs can be opened here; log it once where not."""
    if osrm() is None:
        _log.warning("There are routing graphs, but osrm-bindings is not installed here: routes are great circles.")
    return osrm() is not None


def _open(graph: Graph) -> Any:
    """Open a graph. Raises RuntimeError."""
    package = osrm()
    assert package is not None
    return package.OSRM(algorithm="MLD", storage_config=str(graph.files), use_shared_memory=False, use_mmap=True)


def _ask(engine: Any, question: Question) -> Answer:
    package = osrm()
    assert package is not None
    ends = [(place.longitude, place.latitude) for place in (question.start, question.end)]
    heading = question.heading_degrees
    parameters = package.RouteParameters(
        coordinates=ends,
        radiuses=[float(MAX_TO_ROAD_M)] * 2,
        bearings=[None if heading is None else (heading, HEADING_RANGE_DEGREES), None],
        exclude=list(question.excluded),
        geometries="geojson",
        overview="full",
        generate_hints=False,
    )
    try:
        return osrm_road(engine.Route(parameters)["routes"][0]["geometry"]["coordinates"])
    except RuntimeError as error:
        refusal = refusal_of(str(error).partition(" ")[0])
        if refusal is None:
            raise _unavailable(f"it failed of {error}") from error
        return refusal
    except (ValueError, TypeError, LookupError) as error:
        raise _unavailable("what it answered is no route") from error


def _unavailable(why: str) -> Unavailable:
    """Log what is wrong, for the operator, and return what callers are told, as of a server."""
    _log.warning("OSRM in process does not answer: %s.", why)
    return Unavailable("The routing engine does not answer; try again later.")
