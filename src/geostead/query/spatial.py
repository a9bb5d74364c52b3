"""From the text of a ``spatialFilter`` to its meaning (query-language.md, section 1).

Addresses and routes are still names when this room is done with them: nothing is looked up here.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial

from geostead.errors import InvalidSpatialFilter
from geostead.query.arguments import (
    PARAMETER,
    Argument,
    cut_arguments,
    read_interior,
    read_latitude,
    read_longitude,
    read_number,
    wrong_count,
)
from geostead.query.bound import InBox, Intersects, Nearby
from geostead.query.places import read_ends, read_place, read_position
from geostead.query.shapes import read_shape
from geostead.query.written import AlongRoute, NearbyAddress, WrittenAddress, WrittenSpatialFilter

MIN_RADIUS_KM = 0.16
MAX_RADIUS_KM = 1000.0

_EXPECTED_FORM = (
    "nearby(latitude,longitude,km), nearby('address',km), bbox(south,west,north,east), nearRoute('start','end') or "
    "intersects('WKT')"
)
_EXPECTED_NEARBY = (
    "3 arguments, with a point as the decimal separator: nearby(latitude,longitude,km), like nearby(47.64,-122.13,10), "
    "or 2: nearby('address',km)"
)
_EXPECTED_BOX = (
    "4 arguments, with a point as the decimal separator: bbox(south,west,north,east), "
    "like bbox(47.5,-122.4,47.7,-122.2)"
)

_PLAIN_NUMBER = r"\s*+([-+.0-9eE]++)\s*+"
_PLAIN_NEARBY = re.compile(rf"\s*+(?i:nearby)\s*+\({_PLAIN_NUMBER},{_PLAIN_NUMBER},{_PLAIN_NUMBER}\)\s*+\Z")
_PLAIN_BOX = re.compile(rf"\s*+(?i:bbox)\s*+\({_PLAIN_NUMBER},{_PLAIN_NUMBER},{_PLAIN_NUMBER},{_PLAIN_NUMBER}\)\s*+\Z")
_FUNCTION = re.compile(r"\s*+([A-Za-z_][A-Za-z0-9_]*+)")


def parse_spatial(text: str, max_points: int) -> WrittenSpatialFilter:
    """Read a spatial filter.

    Raises InvalidSpatialFilter with the position and what was expected there, and LimitExceeded for a shape of more
    points than ``max_points`` allows.
    """
    return read_plain_spatial(text) or _parse_carefully(text, max_points)


def read_plain_spatial(text: str) -> Nearby | InBox | None:
    """Read the two forms that nearly every query has, fast; None where anything at all is unusual or wrong."""
    try:
        found = _PLAIN_NEARBY.match(text)
        if found is not None:
            latitude, longitude, km = map(float, found.groups())
            fits = -90 <= latitude <= 90 and -180 <= longitude <= 180 and MIN_RADIUS_KM <= km <= MAX_RADIUS_KM
            return Nearby(latitude, longitude, km) if fits else None
        found = _PLAIN_BOX.match(text)
        if found is not None:
            south, west, north, east = map(float, found.groups())
            fits = -90 <= south <= north <= 90 and -180 <= west <= 180 and -180 <= east <= 180
            return InBox(south, west, north, east) if fits else None
    except ValueError:  # signs and dots that make no number
        pass
    return None


def _parse_carefully(text: str, max_points: int) -> WrittenSpatialFilter:
    """Read any spatial filter, knowing where everything stands."""
    found = _FUNCTION.match(text)
    if found is None:
        raise InvalidSpatialFilter(PARAMETER, text.strip(), _EXPECTED_FORM, position=1)
    function = found[1].lower()
    if function == "intersects":
        return _read_intersects(read_interior(text, found.end()), max_points)
    if function not in _READERS:
        raise InvalidSpatialFilter(PARAMETER, found[1], _EXPECTED_FORM, position=found.start(1) + 1)
    return _READERS[function](cut_arguments(read_interior(text, found.end())))


def _read_intersects(interior: Argument, max_points: int) -> Intersects:
    return Intersects(read_shape(interior, max_points, partial(InvalidSpatialFilter, PARAMETER)))


def _read_nearby(arguments: list[Argument]) -> Nearby | NearbyAddress:
    if len(arguments) == 2 and arguments[0].quoted:
        place = read_place(arguments[0])
    elif len(arguments) == 3:
        place = read_position(arguments[0], arguments[1])
    else:
        raise wrong_count(arguments, _EXPECTED_NEARBY)
    radius_km = read_number(arguments[-1], "the radius in kilometres", MIN_RADIUS_KM, MAX_RADIUS_KM)
    if isinstance(place, WrittenAddress):
        return NearbyAddress(place, radius_km)
    return Nearby(place.latitude, place.longitude, radius_km)


def _read_box(arguments: list[Argument]) -> InBox:
    if len(arguments) != 4:
        raise wrong_count(arguments, _EXPECTED_BOX)
    box = InBox(
        south=read_latitude(arguments[0], "the southern latitude"),
        west=read_longitude(arguments[1], "the western longitude"),
        north=read_latitude(arguments[2], "the northern latitude"),
        east=read_longitude(arguments[3], "the eastern longitude"),
    )
    if box.south > box.north:
        expected = f"the northern latitude, not less than the southern ({arguments[0].text})"
        raise InvalidSpatialFilter(PARAMETER, arguments[2].text, expected, position=arguments[2].position)
    return box


def _read_route(arguments: list[Argument]) -> AlongRoute:
    start, end = read_ends(arguments)
    return AlongRoute(start, end)


_READERS: dict[str, Callable[[list[Argument]], WrittenSpatialFilter]] = {
    "nearby": _read_nearby,
    "bbox": _read_box,
    "nearroute": _read_route,
}
