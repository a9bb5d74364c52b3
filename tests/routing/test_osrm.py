"""How wishes are given up, one by one, until OSRM finds a route."""

from __future__ import annotations

import pytest

from geostead.errors import Unavailable
from geostead.geo.position import Position
from geostead.model.travel import Avoidance, Optimization, TravelMode, TravelOptions
from geostead.routing.base import Route
from geostead.routing.osrm import Answer, Question, Refusal, find_route, osrm_road, refusal_of

START, END = Position(60.0, 24.0), Position(60.1, 24.1)
ROAD = [Position(60.01, 24.01), Position(60.02, 24.02)]
LINE = (START, *ROAD, END)
HIGHWAYS, TOLLS = Avoidance.HIGHWAYS, Avoidance.TOLLS
FEWER_HIGHWAYS, FEWER_TOLLS = Avoidance.MINIMIZE_HIGHWAYS, Avoidance.MINIMIZE_TOLLS


class Engine:
    """An engine that knows some combinations of classes, and has roads for some wishes."""

    def __init__(self, *known: tuple[str, ...], headings: bool = True, without: tuple[str, ...] = ()) -> None:
        self.known = {(), *known}
        self.headings = headings
        self.needed = set(without)
        self.questions: list[Question] = []

    def __call__(self, question: Question) -> Answer:
        self.questions.append(question)
        if question.excluded not in self.known:
            return Refusal.NOT_SUPPORTED
        if self.needed & set(question.excluded) or (question.heading_degrees is not None and not self.headings):
            return Refusal.NO_WAY
        return ROAD


def asked(engine: Engine, **options: object) -> Route | None:
    return find_route(engine, START, END, TravelOptions(**options))  # type: ignore[arg-type]


def remark(*wishes: str) -> tuple[str, ...]:
    return (f"travel parameters that did not count for this route: {', '.join(wishes)}",)


def test_a_route_without_wishes_takes_one_question() -> None:
    engine = Engine()

    assert asked(engine) == Route(LINE)
    assert engine.questions == [Question(START, END, (), None)]


def test_what_the_engine_knows_counts() -> None:
    engine = Engine(("motorway", "toll"))

    assert asked(engine, avoid=frozenset({TOLLS, HIGHWAYS}), heading_degrees=90) == Route(LINE)
    assert [(q.excluded, q.heading_degrees) for q in engine.questions] == [(("motorway", "toll"), 90)]


def test_of_two_kinds_of_road_that_cannot_be_avoided_at_once_one_is() -> None:
    engine = Engine(("motorway",), ("toll",))

    assert asked(engine, avoid=frozenset({TOLLS, HIGHWAYS})) == Route(LINE, remark("avoid=tolls"))


def test_a_graph_without_classes_avoids_nothing_and_the_route_says_so() -> None:
    assert asked(Engine(), avoid=frozenset({FEWER_TOLLS})) == Route(LINE, remark("avoid=minimizeTolls"))


def test_where_no_road_leads_in_the_heading_it_is_given_up() -> None:
    assert asked(Engine(headings=False), heading_degrees=0) == Route(LINE, remark("heading"))


def test_what_is_only_to_be_minimized_is_used_where_no_other_way_leads() -> None:
    engine = Engine(("motorway",), without=("motorway",))

    assert asked(engine, avoid=frozenset({FEWER_HIGHWAYS})) == Route(LINE, remark("avoid=minimizeHighways"))


def test_what_is_to_be_avoided_is_never_used() -> None:
    engine = Engine(("motorway",), ("motorway", "toll"), headings=False, without=("motorway",))

    assert asked(engine, avoid=frozenset({HIGHWAYS, FEWER_TOLLS}), heading_degrees=5) is None


def test_wishes_that_osrm_does_not_know_are_named() -> None:
    route = asked(Engine(), optimize=Optimization.DISTANCE, distance_before_first_turn_m=500)

    assert route == Route(LINE, remark("optimize=distance", "distanceBeforeFirstTurn"))
    assert asked(Engine(), optimize=Optimization.TIME_WITH_TRAFFIC) == Route(LINE, remark("optimize=timeWithTraffic"))


def test_wishes_of_drivers_are_none_of_those_on_foot() -> None:
    engine = Engine()
    wishes = {"avoid": frozenset({HIGHWAYS, TOLLS}), "distance_before_first_turn_m": 500}

    assert asked(engine, mode=TravelMode.WALKING, **wishes) == Route(LINE)
    assert engine.questions == [Question(START, END, (), None)]


def test_an_engine_that_understands_nothing_is_unavailable() -> None:
    with pytest.raises(Unavailable, match="does not understand"):
        find_route(lambda _: Refusal.NOT_SUPPORTED, START, END, TravelOptions())


@pytest.mark.parametrize(
    ("code", "refusal"),
    [("NoRoute", Refusal.NO_WAY), ("NoSegment", Refusal.NO_WAY), ("InvalidValue", Refusal.NOT_SUPPORTED)],
)
def test_codes_mean_refusals(code: str, refusal: Refusal) -> None:
    assert refusal_of(code) is refusal


@pytest.mark.parametrize("code", ["Ok", "TooBig", "", None, 5, ["NoRoute"]])
def test_other_codes_are_no_refusals(code: object) -> None:
    assert refusal_of(code) is None


@pytest.mark.parametrize(
    "coordinates",
    [[[24.0, 91.0]], [[181, 60]], [["24", "60"]], [[24.0]], [24.0], [[float("nan"), 60.0]], [[None, 1]], []],
)
def test_coordinates_that_are_none_are_refused(coordinates: object) -> None:
    with pytest.raises((ValueError, TypeError)):
        osrm_road(coordinates)
