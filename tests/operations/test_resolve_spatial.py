"""Looking up what a spatial filter names: query-language.md, section 1."""

from __future__ import annotations

from dataclasses import replace

import pytest

from geostead.errors import InvalidSpatialFilter, Unavailable
from geostead.geo.position import Position
from geostead.model.travel import Optimization, TravelMode, TravelOptions
from geostead.operations.resolve_spatial import Located, resolve_spatial
from geostead.operations.services import Services
from geostead.query.bound import InBox, Nearby, NearRoute
from geostead.query.written import AlongRoute, NearbyAddress, WrittenAddress, WrittenSpatialFilter
from geostead.routing.base import Route
from tests.geocoders import LYON, KnownPlaces, NobodyAnswers, OneWay

START, END = Position(47.6, -122.3), Position(47.7, -122.5)
ADDRESS = WrittenAddress("Lyon", 9)


def resolved(services: Services, written: WrittenSpatialFilter, travel: TravelOptions | None = None) -> Located:
    return resolve_spatial(services, written, travel or TravelOptions())


@pytest.mark.parametrize("plain", [Nearby(1, 2, 3), InBox(1, 2, 3, 4)])
def test_what_names_nothing_stays_as_it_is_and_nobody_is_asked(services: Services, plain: Nearby | InBox) -> None:
    unreachable = replace(services, geocoder=NobodyAnswers(), router=NobodyAnswers())
    assert resolved(unreachable, plain) == Located(plain)


def test_an_address_becomes_a_place_and_the_reply_says_what_was_matched(services: Services) -> None:
    found = resolved(replace(services, geocoder=KnownPlaces({"Lyon": LYON})), NearbyAddress(ADDRESS, 5))
    assert found.spatial == Nearby(45.75, 4.85, 5)
    assert found.remarks == ("'Lyon' was taken for Lyon, Auvergne-Rhône-Alpes, France (city)",)


def test_the_reply_says_that_only_a_part_of_an_address_counted(services: Services) -> None:
    geocoder = KnownPlaces({"Lyon": replace(LYON, is_whole_match=False)})
    (remark,) = resolved(replace(services, geocoder=geocoder), NearbyAddress(ADDRESS, 5)).remarks
    assert remark.endswith("(city); other parts of the address did not count")


def test_an_address_that_nobody_knows_is_refused_with_its_position(services: Services) -> None:
    with pytest.raises(InvalidSpatialFilter) as caught:
        resolved(replace(services, geocoder=KnownPlaces({})), NearbyAddress(ADDRESS, 5))
    assert (caught.value.found, caught.value.position) == ("Lyon", 9)
    assert "an address that the geocoder of this server knows" in caught.value.expected


def test_without_a_geocoder_the_refusal_says_so(services: Services) -> None:
    with pytest.raises(InvalidSpatialFilter) as caught:
        resolved(services, NearbyAddress(ADDRESS, 5))
    assert (caught.value.found, caught.value.position) == ("Lyon", 9)
    assert "this server has no geocoder" in caught.value.expected


def test_a_route_is_asked_for_with_the_way_of_travel(services: Services) -> None:
    travel = TravelOptions(TravelMode.WALKING, optimize=Optimization.DISTANCE)
    router = OneWay(Route((START, Position(47.65, -122.4), END), ("walking is slow",)))
    found = resolved(replace(services, router=router), AlongRoute(START, END), travel)
    assert found == Located(NearRoute((START, Position(47.65, -122.4), END)), ("walking is slow",))
    assert router.asked == [(START, END, travel)]


def test_both_ends_of_a_route_may_be_addresses(services: Services) -> None:
    router = OneWay(Route((START,)))
    geocoder = KnownPlaces({"Lyon": LYON, "Home": replace(LYON, position=END, name="Home")})
    written = AlongRoute(ADDRESS, WrittenAddress("Home", 18))
    found = resolved(replace(services, router=router, geocoder=geocoder), written)
    assert geocoder.asked == ["Lyon", "Home"]
    assert [(start, end) for start, end, _ in router.asked] == [(LYON.position, END)]
    assert len(found.remarks) == 2


def test_without_a_routing_engine_the_route_is_the_great_circle_and_the_reply_says_so(services: Services) -> None:
    found = resolved(services, AlongRoute(START, END))
    assert found.spatial == NearRoute((START, END))
    assert "great circle" in found.remarks[0]


def test_places_that_no_route_connects_are_refused(services: Services) -> None:
    with pytest.raises(InvalidSpatialFilter, match=r"no way from 47\.6,-122\.3 to 47\.7,-122\.5"):
        resolved(replace(services, router=OneWay(None)), AlongRoute(START, END))


@pytest.mark.parametrize("written", [NearbyAddress(ADDRESS, 5), AlongRoute(START, ADDRESS), AlongRoute(START, END)])
def test_who_does_not_answer_is_unavailable(services: Services, written: WrittenSpatialFilter) -> None:
    with pytest.raises(Unavailable):
        resolved(replace(services, geocoder=NobodyAnswers(), router=NobodyAnswers()), written)
