"""nearRoute on a real server with a real routing engine behind it."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from geostead.geo.position import Position
from geostead.model.travel import TravelMode, TravelOptions
from geostead.routing.graphs import graphs
from geostead.settings import load_settings
from geostead.wiring.installation import build_services
from tests.routing_engines import BULEVARDI, MARKET_SQUARE, build_graphs, needs_engines, osrm_routed
from tests.servers import Server, administer, create_account, start_server

pytestmark = needs_engines

ACCESS_ID = "5709ab" + 26 * "0"
FAR = Position(60.205, 24.94)
ENDS = f"nearRoute('{BULEVARDI.latitude},{BULEVARDI.longitude}','{MARKET_SQUARE.latitude},{MARKET_SQUARE.longitude}')"


@pytest.fixture(scope="module")
def engine_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("routing")
    build_graphs(folder, [TravelMode.DRIVING])
    with osrm_routed(graphs(folder, TravelMode.DRIVING)[-1].files) as url:
        yield url


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, engine_url: str) -> Iterator[Server]:
    data_dir = tmp_path_factory.mktemp("installation") / "data"
    with start_server(data_dir, environment={"GEOSTEAD_ROUTING_URL": engine_url}) as server:
        yield server


@pytest.fixture(scope="module")
def key(server: Server, engine_url: str) -> str:
    """Load stops beside the way of a car, and one far from it; their ids go against the order along the way."""
    key = create_account(server.data_dir, "Ann")["master"]
    administer(server.data_dir, "datasource", "reserve", "Ann", "Stops", "--access-id", ACCESS_ID)
    line = way(engine_url)
    stops = [(f"stop{9 - at}", line[len(line) * (2 * at + 1) // 10]) for at in range(5)] + [("afar", FAR)]
    rows = [f"{name}|{place.latitude}|{place.longitude}" for name, place in stops]
    header = [
        "Bing Spatial Data Services, 1.0, Stop",
        "Id(Edm.String,primaryKey)|Latitude(Edm.Double)|Longitude(Edm.Double)",
    ]
    job = server.load(key, "Stops", "\n".join([*header, *rows]).encode())
    assert server.finished(key, job["id"])["status"] == "Completed", job
    return key


def way(engine_url: str) -> tuple[Position, ...]:
    router = build_services(load_settings({"GEOSTEAD_ROUTING_URL": engine_url})).router
    route = router.route(BULEVARDI, MARKET_SQUARE, TravelOptions())
    assert route is not None
    return route.line


def query(server: Server, key: str, **parameters: str) -> httpx.Response:
    url = f"/REST/v1/data/{ACCESS_ID}/Stops/Stop"
    return server.client.get(url, params={"spatialFilter": ENDS, "$format": "json", "key": key, **parameters})


def test_entities_come_in_the_order_in_which_a_car_passes_them(server: Server, key: str) -> None:
    reply = query(server, key, **{"$select": "Id,__Distance"})

    assert reply.status_code == 200, reply.text
    found = reply.json()["d"]["results"]
    assert [entity["Id"] for entity in found] == ["stop9", "stop8", "stop7", "stop6", "stop5"]
    assert max(entity["__Distance"] for entity in found) < 0.001
    assert "warning" not in reply.headers


def test_a_warning_names_the_wishes_that_did_not_count(server: Server, key: str) -> None:
    reply = query(server, key, optimize="distance")

    assert "did not count for this route: optimize=distance" in reply.headers["warning"]


def test_those_on_foot_go_straight_where_the_engine_only_drives(server: Server, key: str) -> None:
    reply = query(server, key, travelMode="walking")

    assert "no routing engine is configured for walking" in reply.headers["warning"]


def test_a_place_that_no_road_leads_to_is_a_400(server: Server, key: str) -> None:
    reply = query(server, key, spatialFilter="nearRoute('60.164199,24.93666','60.39,25.66')")

    assert reply.status_code == 400
    assert "two places that a route connects" in reply.text
