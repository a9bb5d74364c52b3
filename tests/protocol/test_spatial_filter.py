"""query-language.md sections 1 and 4: nearby, bbox and distances."""

from __future__ import annotations

import pytest

from tests.protocol.api import Source
from tests.protocol.cafes import CAFES, distance_km, near

PLACED = {cafe["EntityID"]: cafe for cafe in CAFES if cafe["Latitude"] is not None}


def in_box(south: float, west: float, north: float, east: float) -> list[str]:
    def holds(longitude: float) -> bool:
        return west <= longitude <= east if west <= east else longitude >= west or longitude <= east

    return [i for i, cafe in PLACED.items() if south <= cafe["Latitude"] <= north and holds(cafe["Longitude"])]


@pytest.mark.parametrize(
    ("latitude", "longitude", "radius_km"),
    [(46.948, 7.4474, 1), (46.948, 7.4474, 100), (47, 8, 1000), (-16, 180, 1000), (-16, -180, 1000), (90, 123, 5)],
)
def test_nearby_returns_what_lies_within_the_radius_nearest_first(
    cafes: Source, latitude: float, longitude: float, radius_km: float
) -> None:
    found = cafes.ids(f"spatialFilter=nearby({latitude},{longitude},{radius_km})")
    assert found
    assert found == near(latitude, longitude, radius_km)


@pytest.mark.parametrize(
    "form",
    [
        "NEARBY(46.948,7.4474,100)",
        "nearby( 46.948 , 7.4474 , 100 )",
        "nearBy(46.948,7.4474,1e2)",
        "nearby('46.948,7.4474',100)",
        "nearby('46.948, 7.4474', 100)",
    ],
)
def test_nearby_is_read_in_every_documented_form(cafes: Source, form: str) -> None:
    assert cafes.ids(f"spatialFilter={form}") == near(46.948, 7.4474, 100)


@pytest.mark.parametrize("radius_km", ["0.16", "1000"])
def test_the_ends_of_the_range_of_radii_are_allowed(cafes: Source, radius_km: str) -> None:
    assert cafes.ids(f"spatialFilter=nearby(46.948,7.4474,{radius_km})") == near(46.948, 7.4474, float(radius_km))


@pytest.mark.parametrize(
    ("box", "corners"),
    [
        ("bbox(46,7,47,8)", (46, 7, 47, 8)),
        ("BBOX( 46 , 7 , 48 , 9 )", (46, 7, 48, 9)),
        ("bbox(-90,-180,90,180)", (-90, -180, 90, 180)),
        ("bbox(-20,170,-10,-170)", (-20, 170, -10, -170)),
        ("bbox(46.948,7.4474,46.95,7.45)", (46.948, 7.4474, 46.95, 7.45)),
        ("bbox(46.948,7.4474,46.948,7.4474)", (46.948, 7.4474, 46.948, 7.4474)),
        ("bbox(89,-180,90,180)", (89, -180, 90, 180)),
    ],
)
def test_bbox_returns_what_lies_inside_or_on_the_edge_by_entity_id(
    cafes: Source, box: str, corners: tuple[float, float, float, float]
) -> None:
    found = cafes.ids(f"spatialFilter={box}")
    assert found
    assert found == in_box(*corners)


def test_entities_without_coordinates_match_no_spatial_filter_but_are_returned_without_one(cafes: Source) -> None:
    assert "B2" in cafes.ids()
    assert "B2" not in cafes.ids("spatialFilter=bbox(-90,-180,90,180)")


@pytest.mark.parametrize(
    "form",
    [
        "nearby(47,63674,-122,30413,3)",
        "nearby(47,8)",
        "nearby(47,8,0.15)",
        "nearby(47,8,1000.1)",
        "nearby(47,8,-1)",
        "nearby(90.1,8,5)",
        "nearby(47,180.1,5)",
        "nearby(47,8,NaN)",
        "nearby(47,eight,5)",
        "nearby(47,8,5",
        "nearby 47,8,5",
        "bbox(48,7,46,8)",
        "bbox(46,7,47)",
        "bbox(46,7,47,8,9)",
        "bbox(-91,7,47,8)",
        "bbox(46,-181,47,8)",
        "around(47,8,5)",
        "nonsense",
    ],
)
def test_a_wrong_spatial_filter_is_400_and_says_what_was_expected(cafes: Source, form: str) -> None:
    reply = cafes.get(f"$format=json&spatialFilter={form}")
    assert reply.status_code == 400, reply.text
    error = reply.json()["error"]
    assert error["code"] == "InvalidSpatialFilter"
    assert "spatialFilter" in error["message"]["value"]
    assert "expected" in error["message"]["value"]


def test_an_address_is_looked_up_and_a_warning_says_what_it_was_taken_for(cafes: Source) -> None:
    reply = cafes.get("$format=json&spatialFilter=nearby('Bern, Switzerland',10)")
    assert {entity["EntityID"] for entity in reply.json()["d"]["results"]} >= {"A1", "B1", "a1"}
    assert "'Bern, Switzerland' was taken for Bern" in reply.headers["warning"]


@pytest.mark.parametrize(("form", "position"), [("nearby('Qwxzzkj',5)", 9), ("nearRoute('47,8', 'Qwxzzkj')", 20)])
def test_an_address_that_nobody_knows_is_400_with_its_position(cafes: Source, form: str, position: int) -> None:
    message = cafes.refusal(f"spatialFilter={form}")
    assert f"spatialFilter: found 'Qwxzzkj' at position {position}; expected an address" in message


def test_distance_from_the_point_of_nearby_agrees_to_a_billionth(cafes: Source) -> None:
    found = cafes.results("spatialFilter=nearby(47,8,1000)&$select=EntityID,__Distance")
    assert found
    for cafe in found:
        assert cafe["__Distance"] == pytest.approx(distance_km(47, 8, PLACED[cafe["EntityID"]]), rel=1e-9)


@pytest.mark.parametrize(
    ("box", "centre"), [("46,7,48,9", (47, 8)), ("-20,170,-10,-170", (-15, 180)), ("-20,160,-10,-170", (-15, 175))]
)
def test_distance_in_a_bbox_is_from_its_centre(cafes: Source, box: str, centre: tuple[float, float]) -> None:
    found = cafes.results(f"spatialFilter=bbox({box})&$select=EntityID,__Distance")
    assert found
    for cafe in found:
        assert cafe["__Distance"] == pytest.approx(distance_km(*centre, PLACED[cafe["EntityID"]]), rel=1e-9)


def test_the_distance_of_the_very_place_is_zero(cafes: Source) -> None:
    assert cafes.results("spatialFilter=nearby(46.948,7.4474,1)&$select=__Distance&$top=1")[0]["__Distance"] == 0


def test_a_filter_and_a_spatial_filter_both_hold(cafes: Source) -> None:
    found = cafes.ids("spatialFilter=nearby(46.948,7.4474,100)&$filter=City eq 'Bern'")
    assert found == [i for i in near(46.948, 7.4474, 100) if PLACED[i]["City"] == "Bern"]


def test_coordinates_computed_from_a_geography_are_found(parks: Source) -> None:
    found = parks.results("spatialFilter=nearby(41,11,1)&$select=ParkId,__Distance")
    assert [(park["ParkId"], park["__Distance"]) for park in found] == [("square", 0)]
    found = parks.results("spatialFilter=bbox(-90,-180,90,180)")
    assert [park["ParkId"] for park in found] == ["line", "pin", "square"]
