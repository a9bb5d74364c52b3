"""From the text of a ``spatialFilter`` to its meaning (query-language.md, section 1)."""

from __future__ import annotations

import re
from typing import NamedTuple

from geostead.errors import InvalidSpatialFilter
from geostead.query.bound import InBox, Nearby, SpatialFilter
from geostead.query.convert import NUMBER

PARAMETER = "spatialFilter"
MIN_RADIUS_KM = 0.16
MAX_RADIUS_KM = 1000.0

_EXPECTED_FORM = "nearby(latitude,longitude,km) or bbox(south,west,north,east), the forms that this server answers"
_EXPECTED_NEARBY = (
    "3 arguments, with a point as the decimal separator: nearby(latitude,longitude,km), like nearby(47.64,-122.13,10)"
)
_EXPECTED_BOX = (
    "4 arguments, with a point as the decimal separator: bbox(south,west,north,east), "
    "like bbox(47.5,-122.4,47.7,-122.2)"
)
_EXPECTED_COORDINATES = (
    "coordinates like '47.64,-122.13': this installation has no geocoder, so it cannot look up an address"
)

_FAST_NUMBER = r"\s*+([-+.0-9eE]++)\s*+"
_FAST_NEARBY = re.compile(rf"\s*+(?i:nearby)\s*+\({_FAST_NUMBER},{_FAST_NUMBER},{_FAST_NUMBER}\)\s*+\Z")
_FAST_BOX = re.compile(rf"\s*+(?i:bbox)\s*+\({_FAST_NUMBER},{_FAST_NUMBER},{_FAST_NUMBER},{_FAST_NUMBER}\)\s*+\Z")
_FUNCTION = re.compile(r"\s*+([A-Za-z_][A-Za-z0-9_]*+)")
_ARGUMENT = re.compile(r"\s*+(?:'((?:[^']|'')*+)'\s*+(?=,|\Z)|([^,]*+))")


class _Argument(NamedTuple):
    text: str
    position: int
    quoted: bool


def parse_spatial(text: str) -> SpatialFilter:
    """Read a spatial filter. Raises InvalidSpatialFilter with the position and what was expected there."""
    return _parse_fast(text) or _parse_carefully(text)


def _parse_fast(text: str) -> SpatialFilter | None:
    """Read the two forms that nearly every query has; None where anything at all is unusual or wrong."""
    try:
        found = _FAST_NEARBY.match(text)
        if found is not None:
            latitude, longitude, km = map(float, found.groups())
            fits = -90 <= latitude <= 90 and -180 <= longitude <= 180 and MIN_RADIUS_KM <= km <= MAX_RADIUS_KM
            return Nearby(latitude, longitude, km) if fits else None
        found = _FAST_BOX.match(text)
        if found is not None:
            south, west, north, east = map(float, found.groups())
            fits = -90 <= south <= north <= 90 and -180 <= west <= 180 and -180 <= east <= 180
            return InBox(south, west, north, east) if fits else None
    except ValueError:  # signs and dots that make no number
        pass
    return None


def _parse_carefully(text: str) -> SpatialFilter:
    """Read any spatial filter, knowing where everything stands."""
    found = _FUNCTION.match(text)
    if found is None:
        raise InvalidSpatialFilter(PARAMETER, text.strip(), _EXPECTED_FORM, position=1)
    function = found[1].lower()
    if function not in ("nearby", "bbox"):
        raise InvalidSpatialFilter(PARAMETER, found[1], _EXPECTED_FORM, position=found.start(1) + 1)
    arguments = _read_arguments(text, found.end())
    return _bind_nearby(arguments) if function == "nearby" else _bind_box(arguments)


def _read_arguments(text: str, offset: int) -> list[_Argument]:
    """Cut what stands in parentheses at commas outside of quotes."""
    start = len(text) - len(text[offset:].lstrip())
    end = len(text.rstrip()) - 1
    if text[start : start + 1] != "(":
        found = text[start : start + 1] or "the end"
        raise InvalidSpatialFilter(PARAMETER, found, "( and the arguments", position=start + 1)
    if text[end] != ")":
        raise InvalidSpatialFilter(PARAMETER, text[end], ") after the arguments, and nothing else", position=end + 1)
    arguments = []
    within, at = text[:end], start
    while at < end:
        found_argument = _ARGUMENT.match(within, at + 1)
        assert found_argument is not None  # the second alternative matches anything, even nothing
        quoted = found_argument[1] is not None
        group = 1 if quoted else 2
        arguments.append(_argument(found_argument[group], found_argument.start(group) + 1, quoted=quoted))
        at = found_argument.end()
    return arguments


def _argument(text: str, position: int, *, quoted: bool = False) -> _Argument:
    return _Argument(text.strip(), position + len(text) - len(text.lstrip()), quoted)


def _bind_nearby(arguments: list[_Argument]) -> Nearby:
    if arguments[0].quoted and len(arguments) == 2:
        arguments = [*_read_coordinates(arguments[0]), arguments[1]]
    if len(arguments) != 3:
        raise _wrong_count(arguments, _EXPECTED_NEARBY)
    return Nearby(
        latitude=_read_latitude(arguments[0], "the latitude"),
        longitude=_read_longitude(arguments[1], "the longitude"),
        radius_km=_read_number(arguments[2], "the radius in kilometres", MIN_RADIUS_KM, MAX_RADIUS_KM),
    )


def _read_coordinates(quoted: _Argument) -> list[_Argument]:
    """Take ``'lat,lon'`` apart; anything else in quotes is an address."""
    parts = quoted.text.split(",")
    if len(parts) != 2 or not all(NUMBER.match(part.strip()) for part in parts):
        raise InvalidSpatialFilter(PARAMETER, quoted.text, _EXPECTED_COORDINATES, position=quoted.position)
    second_position = quoted.position + len(parts[0]) + 1
    return [_argument(parts[0], quoted.position), _argument(parts[1], second_position)]


def _bind_box(arguments: list[_Argument]) -> InBox:
    if len(arguments) != 4:
        raise _wrong_count(arguments, _EXPECTED_BOX)
    box = InBox(
        south=_read_latitude(arguments[0], "the southern latitude"),
        west=_read_longitude(arguments[1], "the western longitude"),
        north=_read_latitude(arguments[2], "the northern latitude"),
        east=_read_longitude(arguments[3], "the eastern longitude"),
    )
    if box.south > box.north:
        expected = f"the northern latitude, not less than the southern ({arguments[0].text})"
        raise InvalidSpatialFilter(PARAMETER, arguments[2].text, expected, position=arguments[2].position)
    return box


def _read_latitude(argument: _Argument, what: str) -> float:
    return _read_number(argument, what, -90, 90)


def _read_longitude(argument: _Argument, what: str) -> float:
    return _read_number(argument, what, -180, 180)


def _read_number(argument: _Argument, what: str, least: float, greatest: float) -> float:
    if not argument.quoted and NUMBER.match(argument.text):
        number = float(argument.text)
        if least <= number <= greatest:
            return number
    expected = f"{what}, a number from {least:g} to {greatest:g}"
    raise InvalidSpatialFilter(PARAMETER, argument.text, expected, position=argument.position)


def _wrong_count(arguments: list[_Argument], expected: str) -> InvalidSpatialFilter:
    count = 0 if arguments == [_Argument("", arguments[0].position, quoted=False)] else len(arguments)
    found = "1 argument" if count == 1 else f"{count} arguments"
    return InvalidSpatialFilter(PARAMETER, found, expected, position=arguments[0].position)
