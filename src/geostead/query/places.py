"""Places as a spatial filter writes them: coordinates, or addresses that have yet to be looked up."""

from __future__ import annotations

import re
from collections.abc import Sequence

from geostead.errors import InvalidSpatialFilter
from geostead.geo.position import Position
from geostead.query.arguments import PARAMETER, Argument, read_latitude, read_longitude, trimmed, wrong_count
from geostead.query.characters import find_lone_surrogate
from geostead.query.convert import NUMBER
from geostead.query.written import WrittenAddress

MAX_ADDRESS_LENGTH = 250

_EXPECTED_PLACE = (
    "an address, or coordinates like '47.64,-122.13', latitude first, with a point as the decimal separator"
)
_MAY_BE_ADDRESS = re.compile(r"[^\W\d_]|\A[0-9]{3,}(?:[ -]?[0-9]+)*\Z")
"""A letter somewhere, or nothing but a postal code: other numbers are coordinates, written in some way of their own."""

_EXPECTED_ENDS = (
    "a start and an end, each in quotes, with a point as the decimal separator: nearRoute('start','end'), "
    "like nearRoute('47.64,-122.13','Redmond, WA')"
)


def read_place(quoted: Argument) -> Position | WrittenAddress:
    """Read what stands in quotes: ``lat,lon`` or an address. Raises InvalidSpatialFilter."""
    parts = quoted.text.split(",")
    if not all(NUMBER.match(part.strip()) for part in parts) or len(parts) == 1:
        return _read_address(quoted)
    if len(parts) > 2:  # coordinates from a machine with a decimal comma
        raise InvalidSpatialFilter(PARAMETER, quoted.text, _EXPECTED_PLACE, position=quoted.position)
    second_position = quoted.position + len(parts[0]) + 1
    return read_position(trimmed(parts[0], quoted.position), trimmed(parts[1], second_position))


def read_position(latitude: Argument, longitude: Argument) -> Position:
    """Read two numbers. Raises InvalidSpatialFilter."""
    return Position(
        latitude=read_latitude(latitude, "the latitude"), longitude=read_longitude(longitude, "the longitude")
    )


def read_ends(arguments: Sequence[Argument]) -> list[Position | WrittenAddress]:
    """Read the two ends of a route: quoted places, or bare coordinates, of which each takes two arguments.

    Raises InvalidSpatialFilter.
    """
    ends: list[Position | WrittenAddress] = []
    rest = list(arguments)
    if len(rest) != 4 - sum(argument.quoted for argument in rest):
        raise wrong_count(arguments, _EXPECTED_ENDS)
    while rest:
        if rest[0].quoted:
            ends.append(read_place(rest.pop(0)))
        elif len(rest) > 1 and all(not number.quoted and NUMBER.match(number.text) for number in rest[:2]):
            ends.append(read_position(rest.pop(0), rest.pop(0)))
        else:
            raise wrong_count(arguments, _EXPECTED_ENDS)
    return ends


def _read_address(quoted: Argument) -> WrittenAddress:
    text = quoted.text.replace("''", "'")
    surrogate = find_lone_surrogate(text)
    if surrogate is not None:
        raise InvalidSpatialFilter(PARAMETER, text[surrogate - 1], "Unicode characters", position=quoted.position)
    if not _MAY_BE_ADDRESS.search(text):
        raise InvalidSpatialFilter(PARAMETER, text, _EXPECTED_PLACE, position=quoted.position)
    if len(text) > MAX_ADDRESS_LENGTH:
        expected = f"{_EXPECTED_PLACE}; at most {MAX_ADDRESS_LENGTH} characters"
        raise InvalidSpatialFilter(PARAMETER, text, expected, position=quoted.position)
    return WrittenAddress(text, quoted.position)
