"""The arguments of a spatial function, each with the place where it stands (query-language.md, section 1)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from geostead.errors import InvalidSpatialFilter
from geostead.query.convert import NUMBER

PARAMETER = "spatialFilter"

_ARGUMENT = re.compile(r"\s*+(?:'((?:[^']|'')*+)'\s*+(?=,|\Z)|([^,]*+))")


class Argument(NamedTuple):
    """One argument, white space around it cut off; a quoted one without its quotes, those inside still doubled."""

    text: str
    position: int
    """Of its first character within the spatial filter, 1-based."""
    quoted: bool


def read_interior(text: str, offset: int) -> Argument:
    """Return what stands between the parentheses that begin at ``offset`` and end with the text, as if quoted nowhere.

    Raises InvalidSpatialFilter where these parentheses are not there.
    """
    start = len(text) - len(text[offset:].lstrip())
    end = len(text.rstrip()) - 1
    if text[start : start + 1] != "(":
        found = text[start : start + 1] or "the end"
        raise InvalidSpatialFilter(PARAMETER, found, "( and the arguments", position=start + 1)
    if text[end] != ")":
        raise InvalidSpatialFilter(PARAMETER, text[end], ") after the arguments, and nothing else", position=end + 1)
    return Argument(text[start + 1 : max(end, start + 1)], start + 2, quoted=False)


def cut_arguments(interior: Argument) -> list[Argument]:
    """Cut what stands in parentheses at commas outside of quotes; at least one argument, perhaps an empty one."""
    text, before = interior.text, interior.position
    arguments: list[Argument] = []
    at = -1
    while at < len(text):
        found = _ARGUMENT.match(text, at + 1)
        assert found is not None  # the second alternative matches anything, even nothing
        quoted = found[1] is not None
        group = 1 if quoted else 2
        arguments.append(trimmed(found[group], found.start(group) + before, quoted=quoted))
        at = found.end()
    return arguments


def trimmed(text: str, position: int, *, quoted: bool = False) -> Argument:
    """Return an argument that begins at ``position``, without the white space around it."""
    return Argument(text.strip(), position + len(text) - len(text.lstrip()), quoted)


def read_latitude(argument: Argument, what: str) -> float:
    """Read a latitude in degrees. Raises InvalidSpatialFilter, saying what was expected."""
    return read_number(argument, what, -90, 90)


def read_longitude(argument: Argument, what: str) -> float:
    """Read a longitude in degrees. Raises InvalidSpatialFilter, saying what was expected."""
    return read_number(argument, what, -180, 180)


def read_number(argument: Argument, what: str, least: float, greatest: float) -> float:
    """Read a number of a range, ends included. Raises InvalidSpatialFilter, saying what was expected."""
    if not argument.quoted and NUMBER.match(argument.text):
        number = float(argument.text)
        if least <= number <= greatest:
            return number
    expected = f"{what}, a number from {least:g} to {greatest:g}"
    raise InvalidSpatialFilter(PARAMETER, argument.text, expected, position=argument.position)


def wrong_count(arguments: Sequence[Argument], expected: str) -> InvalidSpatialFilter:
    """Say how many arguments there are, and what was expected."""
    is_none = len(arguments) == 1 and not arguments[0].text and not arguments[0].quoted
    count = 0 if is_none else len(arguments)
    found = "1 argument" if count == 1 else f"{count} arguments"
    return InvalidSpatialFilter(PARAMETER, found, expected, position=arguments[0].position)
