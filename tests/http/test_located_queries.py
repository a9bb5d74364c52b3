"""Queries that name addresses and routes, through the door (query-language.md, section 1)."""

from __future__ import annotations

from dataclasses import replace

import httpx
import pytest

from geostead.geo.position import Position
from geostead.model.data_source import DataSource
from geostead.operations.services import Services
from geostead.routing.base import Route
from tests.geocoders import LYON, KnownPlaces, NobodyAnswers, OneWay
from tests.http.door import Door

QUAI = replace(LYON, position=Position(47.0, 8.0))


@pytest.fixture
def url(places: DataSource) -> str:
    """The entity set of the data source Places, with the key and ``$format=json``."""
    return f"/REST/v1/data/{places.access_id}/Places/Cafes?key=master&$format=json"


def ids(reply: httpx.Response) -> list[str]:
    assert reply.status_code == 200, reply.text
    return [entity["EntityID"] for entity in reply.json()["d"]["results"]]


def error_of(reply: httpx.Response) -> tuple[int, str, str]:
    error = reply.json()["error"]
    return reply.status_code, error["code"], error["message"]["value"]


def test_an_address_is_looked_up_and_a_warning_says_what_was_matched(services: Services, url: str) -> None:
    door = Door(replace(services, geocoder=KnownPlaces({"1 Quai, Lyon": QUAI})))
    reply = door.get(f"{url}&spatialFilter=nearby('1 Quai, Lyon',2)&$select=EntityID,__Distance")
    assert ids(reply) == ["1", "2"]
    warning = "299 - \"'1 Quai, Lyon' was taken for Lyon, Auvergne-Rhone-Alpes, France (city)\""
    assert reply.headers["Warning"] == warning


def test_the_ends_of_a_route_are_looked_up(services: Services, url: str) -> None:
    geocoder = KnownPlaces({"Quai": QUAI, "Ecke": replace(QUAI, position=Position(47.02, 8.0))})
    door = Door(replace(services, geocoder=geocoder))
    reply = door.get(f"{url}&spatialFilter=nearRoute('Quai','Ecke')")
    assert ids(reply) == ["1", "2", "it's a/b"]
    assert len(reply.headers.get_list("Warning")) == 3


def test_coordinates_need_neither_geocoder_nor_warning(services: Services, url: str) -> None:
    door = Door(replace(services, geocoder=NobodyAnswers(), router=NobodyAnswers()))
    reply = door.get(f"{url}&spatialFilter=nearby('47,8',2)")
    assert ids(reply) == ["1", "2"]
    assert "Warning" not in reply.headers


@pytest.mark.parametrize(
    ("geocoder", "expected"), [(None, "this server has no geocoder"), (KnownPlaces({}), "that the geocoder of this")]
)
def test_an_address_that_is_not_found_is_400_with_its_position(
    services: Services, url: str, geocoder: KnownPlaces | None, expected: str
) -> None:
    reply = Door(replace(services, geocoder=geocoder)).get(f"{url}&spatialFilter=nearRoute('1,2','Nowhere')")
    status, code, message = error_of(reply)
    assert (status, code) == (400, "InvalidSpatialFilter")
    assert "found 'Nowhere' at position 18" in message
    assert expected in message


@pytest.mark.parametrize("spatial", ["nearby('Lyon',5)", "nearRoute('Lyon','1,2')", "nearRoute('1,2','3,4')"])
def test_a_geocoder_or_router_that_does_not_answer_is_503(services: Services, url: str, spatial: str) -> None:
    door = Door(replace(services, geocoder=NobodyAnswers(), router=NobodyAnswers()))
    reply = door.get(f"{url}&spatialFilter={spatial}")
    status, code, message = error_of(reply)
    assert (status, code) == (503, "Unavailable")
    assert "did not answer" in message
    assert "Retry-After" in reply.headers


def test_nobody_is_asked_about_a_query_that_is_wrong_elsewhere(services: Services, url: str) -> None:
    geocoder, router = KnownPlaces({"Quai": QUAI}), OneWay(None)
    door = Door(replace(services, geocoder=geocoder, router=router))
    for wrong in ("$filter=Fax eq 1", "$orderby=Fax", "$top=x", "heading=360"):
        assert door.get(f"{url}&spatialFilter=nearRoute('Quai','1,2')&{wrong}").status_code == 400
    assert (geocoder.asked, router.asked) == ([], [])


def test_what_is_asked_again_is_not_modified_only_while_the_answer_stays(services: Services, url: str) -> None:
    asked = f"{url}&spatialFilter=nearby('Quai',2)"
    door = Door(replace(services, geocoder=KnownPlaces({"Quai": QUAI})))
    known = door.get(asked).headers["ETag"]
    assert door.get(asked, headers={"If-None-Match": f"W/{known}"}).status_code == 304
    elsewhere = KnownPlaces({"Quai": replace(QUAI, position=Position(-33, 151))})
    moved = Door(replace(services, geocoder=elsewhere)).get(asked, headers={"If-None-Match": known})
    assert ids(moved) == ["%2F"]
    assert moved.headers["ETag"] != known
    gone = Door(replace(services, geocoder=None)).get(asked, headers={"If-None-Match": known})
    assert gone.status_code == 400


def test_a_route_is_handed_over_with_how_one_travels(services: Services, url: str) -> None:
    router = OneWay(Route((Position(47, 8),), ("tolls are not known here",)))
    door = Door(replace(services, router=router))
    reply = door.get(f"{url}&spatialFilter=nearRoute('47,8','48,9')&travelMode=Walking&avoid=tolls&hd=90&dbft=5")
    assert ids(reply) == ["1", "2"]
    assert reply.headers["Warning"] == '299 - "tolls are not known here"'
    ((start, end, travel),) = router.asked
    assert (start, end) == (Position(47, 8), Position(48, 9))
    assert (travel.mode, travel.heading_degrees, travel.distance_before_first_turn_m) == ("walking", 90, 5)
    assert travel.avoid == {"tolls"}


def test_places_that_no_route_connects_are_400(services: Services, url: str) -> None:
    reply = Door(replace(services, router=OneWay(None))).get(f"{url}&spatialFilter=nearRoute('47,8','-33,151')")
    status, code, message = error_of(reply)
    assert (status, code) == (400, "InvalidSpatialFilter")
    assert "no way from 47,8 to -33,151" in message
