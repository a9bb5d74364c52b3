"""Look up the places and routes that a spatial filter names (query-language.md, section 1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_never

from geostead.errors import InvalidSpatialFilter
from geostead.geo.position import Position
from geostead.model.travel import TravelOptions
from geostead.operations.services import Services
from geostead.query.arguments import PARAMETER
from geostead.query.bound import InBox, Intersects, Nearby, NearRoute, SpatialFilter
from geostead.query.written import AlongRoute, NearbyAddress, WrittenAddress, WrittenSpatialFilter


@dataclass(frozen=True, slots=True)
class Located:
    """A spatial filter in which every place is known."""

    spatial: SpatialFilter
    remarks: tuple[str, ...] = ()
    """How it was understood, a sentence each."""


def resolve_spatial(services: Services, written: WrittenSpatialFilter, travel: TravelOptions) -> Located:
    """Return what a spatial filter means. Geocoder and router are asked only where it names an address or a route.

    Raises InvalidSpatialFilter for an address that is not found and for places that no route connects, Unavailable if
    the geocoder or the router does not answer.
    """
    match written:
        case Nearby() | InBox() | Intersects():
            return Located(written)
        case NearbyAddress(address, radius_km):
            place, remark = _find(services, address)
            return Located(Nearby(place.latitude, place.longitude, radius_km), (remark,))
        case AlongRoute():
            return _follow(services, written, travel)
        case _:
            assert_never(written)


def _follow(services: Services, written: AlongRoute, travel: TravelOptions) -> Located:
    remarks: list[str] = []
    places: list[Position] = []
    for end in (written.start, written.end):
        if isinstance(end, Position):
            places.append(end)
        else:
            place, remark = _find(services, end)
            places.append(place)
            remarks.append(remark)
    route = services.router.route(places[0], places[1], travel)
    if route is None:
        found = f"no way from {_shown(places[0])} to {_shown(places[1])}"
        raise InvalidSpatialFilter(PARAMETER, found, "two places that a route connects", position=1)
    return Located(NearRoute(route.line), (*remarks, *route.remarks))


def _find(services: Services, address: WrittenAddress) -> tuple[Position, str]:
    """Return where an address is, and what was matched."""
    if services.geocoder is None:
        raise _not_found(address, "coordinates like '47.64,-122.13', because this server has no geocoder for addresses")
    place = services.geocoder.find(address.text)
    if place is None:
        raise _not_found(address, "an address that the geocoder of this server knows, or coordinates")
    part = "" if place.is_whole_match else "; other parts of the address did not count"
    return place.position, f"'{address.text}' was taken for {place.name} ({place.precision}){part}"


def _not_found(address: WrittenAddress, expected: str) -> InvalidSpatialFilter:
    return InvalidSpatialFilter(PARAMETER, address.text, expected, position=address.position)


def _shown(place: Position) -> str:
    return f"{place.latitude:g},{place.longitude:g}"
