"""Routes through Helsinki as real engines find them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from shutil import copytree

import numpy as np
import pytest
import shapely

from geostead.geo.distance import haversine_km
from geostead.geo.position import Position
from geostead.model.travel import Avoidance, Optimization, TravelMode, TravelOptions
from geostead.routing.base import Route, Router
from geostead.routing.graphs import graphs
from geostead.settings import load_settings
from geostead.wiring.installation import build_services
from tests.routing_engines import (
    BULEVARDI,
    MARKET_SQUARE,
    EmbeddedProcess,
    build_graphs,
    needs_engines,
    osrm_routed,
    valhalla_service,
)

pytestmark = needs_engines

DRIVING, WALKING = TravelOptions(), TravelOptions(mode=TravelMode.WALKING)
AT_SEA, PORVOO, STOCKHOLM = Position(60.12, 24.9), Position(60.39, 25.66), Position(59.33, 18.06)
ENGINES = ("osrm in process", "osrm-routed", "valhalla_service")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("routing")
    build_graphs(folder)
    return folder


@pytest.fixture(scope="module")
def routers(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Router]]:
    """Every engine, all of them running."""
    tiles = tmp_path_factory.mktemp("valhalla") / "tiles"
    driving, walking = (graphs(folder, mode)[-1].files for mode in TravelMode)
    embedded = EmbeddedProcess(folder)
    with (
        osrm_routed(driving) as url,
        osrm_routed(walking) as walking_url,
        valhalla_service(tiles, allow_hard_exclusions=True) as valhalla_url,
    ):
        yield {
            "osrm in process": embedded,
            "osrm-routed": router(GEOSTEAD_ROUTING_URL=url, GEOSTEAD_ROUTING_WALKING_URL=walking_url),
            "valhalla_service": router(GEOSTEAD_ROUTING_URL=valhalla_url),
        }
    embedded.stop()


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest, routers: dict[str, Router]) -> Router:
    return routers[request.param]


def router(**variables: str) -> Router:
    return build_services(load_settings(variables)).router


def found(route: Route | None) -> Route:
    assert route is not None
    return route


def km(a: Position, b: Position) -> float:
    return float(haversine_km(*a, np.array(b.latitude), np.array(b.longitude)))


def length_km(line: tuple[Position, ...]) -> float:
    return sum(km(a, b) for a, b in pairwise(line))


def length_of(engine: Router, options: TravelOptions) -> float:
    return length_km(found(engine.route(BULEVARDI, MARKET_SQUARE, options)).line)


@pytest.mark.parametrize("options", [DRIVING, WALKING])
def test_a_route_follows_streets_from_start_to_end(engine: Router, options: TravelOptions) -> None:
    route = found(engine.route(BULEVARDI, MARKET_SQUARE, options))

    assert route.remarks == ()
    assert (route.line[0], route.line[-1]) == (BULEVARDI, MARKET_SQUARE)
    assert len(route.line) > 50
    assert max(km(a, b) for a, b in pairwise(route.line)) < 0.3
    assert 1.2 * km(BULEVARDI, MARKET_SQUARE) < length_km(route.line) < 4
    latitudes, longitudes = zip(*route.line, strict=True)
    assert 60.14 < min(latitudes) < max(latitudes) < 60.20
    assert 24.92 < min(longitudes) < max(longitudes) < 24.98


def test_drivers_go_a_longer_way_than_those_on_foot(engine: Router) -> None:
    assert length_of(engine, DRIVING) > length_of(engine, WALKING)


@pytest.mark.parametrize("options", [DRIVING, WALKING])
def test_osrm_as_a_server_goes_the_way_that_it_goes_in_process(
    routers: dict[str, Router], options: TravelOptions
) -> None:
    embedded, served = (routers[name].route(BULEVARDI, MARKET_SQUARE, options) for name in ENGINES[:2])

    assert embedded == served


def test_two_engines_walk_much_the_same_way(routers: dict[str, Router]) -> None:
    osrm, valhalla = (
        shapely.LineString(
            [(p.longitude, p.latitude) for p in found(routers[name].route(BULEVARDI, MARKET_SQUARE, WALKING)).line]
        )
        for name in ENGINES[1:]
    )

    assert osrm.hausdorff_distance(valhalla) < 0.005  # degrees of longitude: 280 m
    assert osrm.length == pytest.approx(valhalla.length, rel=0.1)


def test_a_heading_changes_where_a_drive_begins(routers: dict[str, Router]) -> None:
    engine = routers["osrm-routed"]
    east, south = (
        found(engine.route(BULEVARDI, MARKET_SQUARE, TravelOptions(heading_degrees=degrees))) for degrees in (90, 160)
    )

    assert (east.remarks, south.remarks) == ((), ())
    assert east.line[1].latitude > BULEVARDI.latitude
    assert south.line[2].latitude < south.line[1].latitude


def test_a_heading_in_which_no_street_leads_away_is_given_up(routers: dict[str, Router]) -> None:
    route = found(routers["osrm in process"].route(BULEVARDI, MARKET_SQUARE, TravelOptions(heading_degrees=0)))

    assert route.remarks == ("travel parameters that did not count for this route: heading",)
    assert route.line == found(routers["osrm in process"].route(BULEVARDI, MARKET_SQUARE, DRIVING)).line


@pytest.mark.parametrize(
    "avoid", [{Avoidance.HIGHWAYS}, {Avoidance.TOLLS}, {Avoidance.HIGHWAYS, Avoidance.MINIMIZE_TOLLS}]
)
def test_highways_and_tolls_can_be_avoided_alone_and_together(engine: Router, avoid: set[Avoidance]) -> None:
    route = found(engine.route(BULEVARDI, MARKET_SQUARE, TravelOptions(avoid=frozenset(avoid))))

    assert route.remarks == ()


def test_a_valhalla_that_allows_no_exclusions_is_said_to_avoid_nothing(tmp_path: Path) -> None:
    with valhalla_service(tmp_path / "tiles", allow_hard_exclusions=False) as url:
        options = TravelOptions(avoid=frozenset({Avoidance.HIGHWAYS}))
        route = found(router(GEOSTEAD_ROUTING_URL=url).route(BULEVARDI, MARKET_SQUARE, options))

    assert route.remarks == ("travel parameters that did not count for this route: avoid=highways",)


def test_valhalla_finds_a_shorter_way_where_distance_counts(routers: dict[str, Router]) -> None:
    options = TravelOptions(optimize=Optimization.DISTANCE)

    assert length_of(routers["valhalla_service"], options) < length_of(routers["valhalla_service"], DRIVING)
    assert found(routers["valhalla_service"].route(BULEVARDI, MARKET_SQUARE, options)).remarks == ()


def test_a_place_off_the_road_is_joined_to_it_straight(engine: Router) -> None:
    route = found(engine.route(AT_SEA, MARKET_SQUARE, DRIVING))

    assert route.line[0] == AT_SEA
    assert km(*route.line[:2]) > 4.9
    assert max(km(a, b) for a, b in pairwise(route.line[1:])) < 0.3


@pytest.mark.parametrize("far", [PORVOO, STOCKHOLM])
def test_no_way_leads_to_a_place_that_is_more_than_10_km_from_any_road(engine: Router, far: Position) -> None:
    assert engine.route(BULEVARDI, far, DRIVING) is None
    assert engine.route(far, BULEVARDI, WALKING) is None


def test_a_route_that_ends_where_it_begins_is_one_place(routers: dict[str, Router]) -> None:
    assert found(routers["osrm-routed"].route(BULEVARDI, BULEVARDI, DRIVING)).line == (BULEVARDI,)


def test_a_process_that_has_a_graph_open_takes_the_next_one_when_it_is_complete(folder: Path, tmp_path: Path) -> None:
    copytree(folder / "driving", tmp_path / "driving")
    (first,) = graphs(tmp_path, TravelMode.DRIVING)
    embedded = EmbeddedProcess(tmp_path)
    before = embedded.route(BULEVARDI, MARKET_SQUARE, DRIVING)
    build_graphs(tmp_path, [TravelMode.DRIVING])
    still_mapped = {path.parent for path in embedded.mapped_files()}

    assert embedded.route(BULEVARDI, MARKET_SQUARE, DRIVING) == before
    (second,) = graphs(tmp_path, TravelMode.DRIVING)
    assert first.folder in still_mapped
    assert second.folder in {path.parent for path in embedded.mapped_files()}
    embedded.stop()


def test_a_graph_is_mapped_into_memory_so_that_processes_share_it(routers: dict[str, Router], folder: Path) -> None:
    embedded = routers["osrm in process"]
    assert isinstance(embedded, EmbeddedProcess)
    found(embedded.route(BULEVARDI, MARKET_SQUARE, DRIVING))

    assert graphs(folder, TravelMode.DRIVING)[-1].folder in {path.parent for path in embedded.mapped_files()}


def test_threads_of_a_process_get_the_same_route(routers: dict[str, Router]) -> None:
    embedded = routers["osrm in process"]
    assert isinstance(embedded, EmbeddedProcess)
    options = {"mode": "driving", "avoid": [], "optimize": "time", "heading": None}

    together = embedded.tell({"start": BULEVARDI, "end": MARKET_SQUARE, "options": options, "threads": 16})

    assert together == embedded.tell({"start": BULEVARDI, "end": MARKET_SQUARE, "options": options})


def test_a_mode_without_a_graph_gets_the_great_circle(folder: Path, tmp_path: Path) -> None:
    copytree(folder / "driving", tmp_path / "driving")
    embedded = EmbeddedProcess(tmp_path)

    assert len(found(embedded.route(BULEVARDI, MARKET_SQUARE, DRIVING)).line) > 50
    walk = found(embedded.route(BULEVARDI, MARKET_SQUARE, WALKING))
    assert walk.line == (BULEVARDI, MARKET_SQUARE)
    assert walk.remarks[0].startswith("no routing engine is configured for walking")
    embedded.stop()
