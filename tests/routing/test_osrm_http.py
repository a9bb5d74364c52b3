"""What OSRM is asked over HTTP, and what is made of its answers."""

from __future__ import annotations

import json
from contextlib import contextmanager
from urllib.parse import parse_qs, urlsplit

import pytest

from geostead.errors import Unavailable
from geostead.geo.position import Position
from geostead.model.travel import Avoidance, TravelMode, TravelOptions
from geostead.routing.base import Route
from geostead.routing.engine_server import EngineServer
from geostead.routing.engine_url import parse_engine_url
from geostead.routing.osrm_http import OsrmServer
from tests.remote_hosts import Answer, file, reply, running_host

START, END = Position(60.0000004, 24.5), Position(-0.00001, -24.1)
ROAD = {"code": "Ok", "routes": [{"geometry": {"type": "LineString", "coordinates": [[24.51, 60], [-24, 0.5]]}}]}
LINE = (START, Position(60, 24.51), Position(0.5, -24), END)


def answer(document: object, status: str = "200 OK") -> Answer:
    return reply(status, json.dumps(document).encode())


@contextmanager
def osrm(*answers: Answer):
    with running_host(*answers) as host:
        yield OsrmServer(EngineServer(parse_engine_url(f"osrm+http://127.0.0.1:{host.port}"), 10)), host


def test_a_question_names_the_mode_both_ends_and_the_whole_geometry() -> None:
    with osrm(answer(ROAD)) as (router, host):
        assert router.route(START, END, TravelOptions(mode=TravelMode.WALKING)) == Route(LINE)
    target = urlsplit(host.target())
    assert target.path == "/route/v1/walking/24.500000,60.000000;-24.100000,-0.000010"
    assert parse_qs(target.query) == {
        "overview": ["full"],
        "geometries": ["geojson"],
        "generate_hints": ["false"],
        "radiuses": ["10000;10000"],
    }


def test_wishes_become_bearings_and_classes_to_exclude() -> None:
    options = TravelOptions(avoid=frozenset({Avoidance.HIGHWAYS, Avoidance.MINIMIZE_TOLLS}), heading_degrees=270)
    with osrm(answer(ROAD)) as (router, host):
        assert router.route(START, END, options) == Route(LINE)
    assert host.target().endswith("&bearings=270,45;&exclude=motorway,toll")


def test_no_route_and_no_road_nearby_mean_that_no_way_leads_there() -> None:
    for code in ("NoRoute", "NoSegment"):
        with osrm(answer({"code": code, "message": "…"}, "400 Bad Request")) as (router, _):
            assert router.route(START, END, TravelOptions()) is None


def test_a_server_whose_graph_has_no_classes_is_asked_again_without_them() -> None:
    refusal = answer(
        {"code": "InvalidValue", "message": "Exclude flag combination is not supported."}, "400 Bad Request"
    )
    with osrm(refusal, answer(ROAD)) as (router, host):
        route = router.route(START, END, TravelOptions(avoid=frozenset({Avoidance.TOLLS})))
    assert route == Route(LINE, ("travel parameters that did not count for this route: avoid=tolls",))
    assert "exclude" not in host.target()


@pytest.mark.parametrize(
    "garbage",
    [
        b"",
        b"<html>Welcome</html>",
        b"[]",
        b"{}",
        b'"Ok"',
        b'{"code": "Surprise"}',
        b'{"code": "Ok", "routes": []}',
        b'{"code": "Ok", "routes": [{"geometry": "u{~vFvyys@"}]}',
        b'{"code": "Ok", "routes": [{"geometry": {"coordinates": []}}]}',
        b'{"code": "Ok", "routes": [{"geometry": {"coordinates": [[500, 500]]}}]}',
    ],
)
def test_an_answer_that_is_no_route_makes_the_engine_unavailable(garbage: bytes) -> None:
    with osrm(file(garbage)) as (router, _), pytest.raises(Unavailable, match="does not answer"):
        router.route(START, END, TravelOptions())
