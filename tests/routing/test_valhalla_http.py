"""What Valhalla is asked over HTTP, and what is made of its answers."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit

import polyline
import pytest

from geostead.errors import Unavailable
from geostead.geo.position import Position
from geostead.model.travel import Avoidance, Optimization, TravelMode, TravelOptions
from geostead.routing.base import Route
from geostead.routing.engine_server import EngineServer
from geostead.routing.engine_url import parse_engine_url
from geostead.routing.valhalla_http import ValhallaServer
from tests.remote_hosts import Answer, Host, file, reply, running_host

START, END = Position(60.0, 24.5), Position(-0.00001, -24.1)
SHAPE = polyline.encode([(60.0, 24.51), (0.5, -24.000001)], 6)
TRIP = {"trip": {"status": 0, "legs": [{"shape": SHAPE}]}}
LINE = (START, Position(60.0, 24.51), Position(0.5, -24.000001), END)
NOT_ALLOWED = [{"code": 208, "text": "Hard exclusions are not allowed on this server, ignoring hard excludes"}]


def answer(document: object, status: str = "200 OK") -> Answer:
    return reply(status, json.dumps(document).encode())


@contextmanager
def valhalla(*answers: Answer):
    with running_host(*answers) as host:
        yield ValhallaServer(EngineServer(parse_engine_url(f"valhalla+http://127.0.0.1:{host.port}/v1"), 10)), host


def question(host: Host) -> Any:
    """Return the document that the engine was asked with."""
    target = urlsplit(host.target())
    assert target.path == "/v1/route"
    return json.loads(parse_qs(target.query)["json"][0])


def routed(document: object = TRIP, **options: Any) -> tuple[Route | None, Any]:
    with valhalla(answer(document)) as (router, host):
        return router.route(START, END, TravelOptions(**options)), question(host)


def remark(*wishes: str) -> tuple[str, ...]:
    return (f"travel parameters that did not count for this route: {', '.join(wishes)}",)


def test_a_question_names_the_costing_and_both_ends() -> None:
    route, asked = routed(mode=TravelMode.WALKING, heading_degrees=90)

    assert route == Route(LINE)
    assert asked == {
        "locations": [
            {"lat": 60.0, "lon": 24.5, "search_cutoff": 10_000, "heading": 90},
            {"lat": -0.00001, "lon": -24.1, "search_cutoff": 10_000},
        ],
        "costing": "pedestrian",
        "costing_options": {"pedestrian": {}},
        "directions_type": "none",
    }


def test_what_is_to_be_avoided_is_excluded_and_what_is_to_be_minimized_is_costly() -> None:
    avoid = frozenset({Avoidance.HIGHWAYS, Avoidance.MINIMIZE_TOLLS})
    route, asked = routed(avoid=avoid)

    assert route == Route(LINE)
    assert asked["costing_options"] == {"auto": {"exclude_highways": True, "use_highways": 0, "use_tolls": 0}}


def test_the_shortest_way_minimizes_nothing_else() -> None:
    avoid = frozenset({Avoidance.HIGHWAYS, Avoidance.MINIMIZE_TOLLS})
    route, asked = routed(avoid=avoid, optimize=Optimization.DISTANCE)

    assert route == Route(LINE, remark("avoid=minimizeTolls"))
    assert asked["costing_options"]["auto"]["shortest"] is True


def test_a_server_that_ignores_exclusions_says_so_and_the_route_does() -> None:
    trip = {"trip": {**TRIP["trip"], "warnings": NOT_ALLOWED}}
    avoid = frozenset({Avoidance.TOLLS, Avoidance.MINIMIZE_HIGHWAYS})

    assert routed(trip, avoid=avoid)[0] == Route(LINE, remark("avoid=tolls"))


def test_those_on_foot_avoid_nothing() -> None:
    route, asked = routed(avoid=frozenset({Avoidance.TOLLS}), mode=TravelMode.WALKING, distance_before_first_turn_m=9)

    assert route == Route(LINE)
    assert asked["costing_options"] == {"pedestrian": {}}


def test_wishes_that_valhalla_does_not_know_are_named() -> None:
    route, _ = routed(optimize=Optimization.TIME_WITH_TRAFFIC, distance_before_first_turn_m=500)

    assert route == Route(LINE, remark("distanceBeforeFirstTurn", "optimize=timeWithTraffic"))


def test_the_legs_of_a_trip_are_one_line() -> None:
    legs = [{"shape": polyline.encode(leg, 6)} for leg in ([(1, 1), (2, 2)], [(2, 2), (3, 3)])]
    route, _ = routed({"trip": {"legs": legs}})

    assert route == Route((START, Position(1, 1), Position(2, 2), Position(3, 3), END))


@pytest.mark.parametrize("code", [154, 170, 171, 442])
def test_codes_that_mean_that_no_way_leads_there(code: int) -> None:
    with valhalla(answer({"error_code": code, "error": "…"}, "400 Bad Request")) as (router, _):
        assert router.route(START, END, TravelOptions()) is None


@pytest.mark.parametrize(
    "garbage",
    [
        b"",
        b"<html>Welcome</html>",
        b"[]",
        b"5",
        b"{}",
        b'{"error_code": 101, "error": "Try a POST or GET request instead"}',
        b'{"trip": {}}',
        b'{"trip": {"legs": []}}',
        b'{"trip": {"legs": [{"shape": 5}]}}',
        b'{"trip": {"legs": [{"shape": "~~~~"}]}}',
        b'{"trip": {"legs": [{"shape": "~~~~~~~~~~~~~~~~~A~~~~~~~~~A"}]}}',
        b'{"trip": {"legs": [{"shape": "AA"}], "warnings": 5}}',
    ],
)
def test_an_answer_that_is_no_route_makes_the_engine_unavailable(garbage: bytes) -> None:
    with valhalla(file(garbage)) as (router, _), pytest.raises(Unavailable, match="does not answer"):
        router.route(START, END, TravelOptions())
