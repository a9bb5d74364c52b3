"""What the scripts of the explorer are told: entities as rows, by id and as tiles, for those who may see them."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import mapbox_vector_tile
import pytest

from geostead.model.person import Role
from tests.consoles import Console, Team, running_console

HEADER = "Bing Spatial Data Services, 1.0, Shop\r\nShopId(Edm.String,primaryKey)|Name(Edm.String)|Seats(Edm.Int64)"
SHOPS = f"""{HEADER}|Latitude(Edm.Double)|Longitude(Edm.Double)|Geom(Edm.Geography)
1|Al's|5|47.5|-122.5|
2|Bäcker "am" Eck|7|47.5|-122.4|
3|Nowhere||||
4|Park||||"POLYGON ((10 50, 11 50, 11 51, 10 51, 10 50))"
"""


@pytest.fixture(scope="module")
def team(console: Console) -> Team:
    team = console.new_team()
    team.load("Shops", SHOPS.encode(), input="pipe")
    return team


@pytest.fixture(scope="module")
def viewer(team: Team) -> Iterator[httpx.Client]:
    with client_of(team, Role.VIEWER) as client:
        yield client


def client_of(team: Team, role: Role) -> httpx.Client:
    cookies = {cookie["name"]: cookie["value"] for cookie in team.cookies(role)}
    return httpx.Client(base_url=f"{team.url}/data-sources/Shops/", cookies=cookies)


def tile(client: httpx.Client, path: str, **query: str) -> dict[str, list[dict[str, object]]]:
    reply = client.get(f"tiles/{path}.mvt", params=query).raise_for_status()
    decoded = mapbox_vector_tile.decode(reply.content) if reply.content else {}
    return {name: [feature["properties"] for feature in layer["features"]] for name, layer in decoded.items()}


def test_rows_are_filtered_ordered_and_counted(viewer: httpx.Client) -> None:
    query = {"filter": "Seats gt 1", "order": "Name desc", "top": "1"}
    found = viewer.get("entities/rows", params=query).raise_for_status().json()
    assert (found["count"], found["skip"], found["top"]) == (2, 0, 1)
    assert found["rows"] == [
        {
            "id": "2",
            "latitude": 47.5,
            "longitude": -122.4,
            "values": ["2", 'Bäcker "am" Eck', "7", "47.5", "-122.4", ""],
        }
    ]
    assert found["columns"][0] == {"name": "ShopId", "type": "Edm.String", "isKey": True, "isOrderable": True}


@pytest.mark.parametrize(
    ("query", "parameter", "position"),
    [
        ({"filter": "Seats gt"}, "filter", 9),
        ({"filter": "Name eq 'a' and Sets eq 1"}, "filter", 17),
        ({"spatial": "nearby(91,0,5)"}, "spatial", 8),
        ({"spatial": "intersects('POLYGON ((1 1, 2')"}, "spatial", 29),
        ({"order": "Latitude"}, "order", 1),
    ],
)
def test_a_fault_in_a_query_is_told_with_its_place(
    viewer: httpx.Client, query: dict[str, str], parameter: str, position: int
) -> None:
    for path in ("entities/rows", "entities/extent", "tiles/0/0/0.mvt"):
        if parameter != "order" or path == "entities/rows":
            reply = viewer.get(path, params=query)
            assert (reply.status_code, reply.json()["parameter"]) == (400, parameter)
            assert reply.json()["position"] == position, reply.json()


def test_one_entity_comes_with_every_value_as_text_and_its_geography(viewer: httpx.Client) -> None:
    found = viewer.get("entities/one", params={"id": "4"}).raise_for_status().json()
    assert found["values"]["Geom"] == "POLYGON ((10 50, 11 50, 11 51, 10 51, 10 50))"
    assert (found["latitude"], found["longitude"], found["geography"]["type"]) == (50.5, 10.5, "Polygon")
    assert viewer.get("entities/one", params={"id": "5"}).status_code == 404


def test_the_extent_is_of_what_the_filter_lets_through(viewer: httpx.Client) -> None:
    assert viewer.get("entities/extent").json() == {"bounds": [-122.5, 47.5, 10.5, 50.5], "located": 3, "count": 4}
    filtered = viewer.get("entities/extent", params={"filter": "Name eq 'Nowhere'"}).json()
    assert filtered == {"bounds": None, "located": 0, "count": 1}


def test_every_example_of_the_help_is_a_filter_that_works(viewer: httpx.Client) -> None:
    told = viewer.get("entities/help").raise_for_status().json()
    assert [described["name"] for described in told["properties"]] == ["ShopId", "Name", "Seats", "Geom"]
    for text in [*told["examples"], *(described["example"] for described in told["properties"])]:
        assert viewer.get("entities/rows", params={"filter": text}).json()["count"] > 0, text


def test_values_are_offered_as_they_are_typed(viewer: httpx.Client) -> None:
    assert viewer.get("entities/values", params={"property": "name", "prefix": "B"}).json() == {
        "values": ['Bäcker "am" Eck']
    }
    assert viewer.get("entities/values", params={"property": "Seats"}).json() == {"values": []}


def test_a_tile_has_places_with_their_labels_and_shapes(viewer: httpx.Client) -> None:
    assert tile(viewer, "0/0/0") == {
        "entities": [
            {"id": "1", "key": "=1", "label": "Al's"},
            {"id": "2", "key": "=2", "label": 'Bäcker "am" Eck'},
            {"id": "4", "key": "=4", "label": "Park"},
        ],
        "shapes": [{"id": "4", "key": "=4"}],
    }
    assert tile(viewer, "1/0/0", filter="Seats ge 7") == {
        "entities": [{"id": "2", "key": "=2", "label": 'Bäcker "am" Eck'}]
    }
    assert tile(viewer, "1/0/1") == {}


def test_a_tile_that_the_browser_has_is_not_drawn_again(viewer: httpx.Client) -> None:
    version = viewer.get("entities/rows").json()["version"]
    first = viewer.get("tiles/0/0/0.mvt", params={"version": version})
    assert "immutable" in first.headers["cache-control"]
    again = viewer.get("tiles/0/0/0.mvt", params={"version": version}, headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    other = viewer.get("tiles/0/0/0.mvt", params={"filter": "Seats gt 6"})
    assert other.headers["etag"] != first.headers["etag"]
    assert "no-cache" in other.headers["cache-control"]


@pytest.mark.parametrize("path", ["0/0/1", "23/0/0", "1/-1/0", "1/2/0", "1/a/0", "1/0/99999999999999999999"])
def test_there_are_no_tiles_outside_the_map(viewer: httpx.Client, path: str) -> None:
    assert viewer.get(f"tiles/{path}.mvt").status_code == 404


def test_what_is_of_another_account_is_not_there(console: Console, viewer: httpx.Client) -> None:
    other = console.new_team()
    other.load("Theirs", SHOPS.encode(), input="pipe")
    for path in ("entities", "entities/rows", "tiles/0/0/0.mvt"):
        assert viewer.get(f"../Theirs/{path}").status_code == 404
        assert viewer.get(f"{other.url}/data-sources/Theirs/{path}").status_code == 404


def test_what_cannot_be_read_right_now_is_told_logged_with_its_path_and_counted(tmp_path: Path) -> None:
    with running_console(tmp_path / "data") as console:
        team = console.new_team()
        team.load("Shops", SHOPS.encode(), input="pipe")
        (tmp_path / "data" / "snapshots").rename(tmp_path / "away")
        with client_of(team, Role.VIEWER) as viewer:
            refused = viewer.get("entities/rows")
        assert refused.status_code == 503
        assert "cannot be read right now" in refused.json()["message"]
        metrics = httpx.get(f"{console.server.url}/metrics").text
        assert 'geostead_unavailable_total{cause="snapshots"} 1.0' in metrics
        assert "GET /console/accounts/{account}/data-sources/{name}/entities/rows: " in console.server.log.read_text()


def test_scripts_are_told_as_json_what_a_role_does_not_allow(viewer: httpx.Client) -> None:
    refused = viewer.post("draft/delete", data={"id": "1"})
    assert refused.status_code == 403
    assert refused.headers["content-type"] == "application/json"
    assert "role" in refused.json()["message"]
