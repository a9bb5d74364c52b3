"""Where well-known text goes wrong: GEOS, which reads it, says only that it does.

Words come in any case; white space may stand between all of them and need stand only between numbers::

    text  := [ "SRID" "=" integer ";" ] shape the-end
    shape := kind [ "Z" | "M" | "ZM" ] parts             kind and dimension may be one word
    parts := "EMPTY" | "(" part { "," part } ")"         what a part is depends on the kind
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple, NoReturn

from geostead.geo.wkt import MAX_NESTING

_TOKEN = re.compile(
    r"""\s*+(?:
      (?P<number>[-+]?(?:[0-9]++(?:\.[0-9]*+)?|\.[0-9]++)(?:[eE][-+]?[0-9]++)?(?![^\s(),;]))
    | (?P<word>[A-Za-z]++(?![^\s(),;]))
    | (?P<mark>[(),])
    | (?P<end>\Z)
    | (?P<other>[^\s(),]++)
    )""",
    re.VERBOSE,
)
_SRID = re.compile(r"\s*+SRID\s*+=\s*+-?\d++\s*+;", re.IGNORECASE)
_KIND = re.compile(
    "(POINT|LINESTRING|POLYGON|MULTIPOINT|MULTILINESTRING|MULTIPOLYGON|GEOMETRYCOLLECTION)(ZM|Z|M)?", re.IGNORECASE
)
_DIMENSIONS = {"Z": 3, "M": 3, "ZM": 4}
_MOST_NUMBERS = 4
_LEAST_RING = 3
_ORDINATES = (("the longitude", 180.0), ("the latitude", 90.0))

_EXPECTED_KIND = (
    "POINT, LINESTRING, POLYGON, MULTIPOINT, MULTILINESTRING, MULTIPOLYGON or GEOMETRYCOLLECTION, as in "
    "POLYGON ((9 48, 10 48, 10 49, 9 48))"
)


class Fault(NamedTuple):
    """The first place where a text cannot go on as well-known text."""

    offset: int
    """Of the first character that is wrong, 0-based."""
    found: str
    """What stands there."""
    expected: str


def find_fault(text: str) -> Fault:
    """Return the first place where ``text`` is not well-known text, or where a coordinate is not on Earth.

    Where nothing of this kind is wrong that is the beginning of the text.
    """
    try:
        _Scanner(text).read_text()
    except _Stop as stop:
        return stop.fault
    return Fault(0, text, _EXPECTED_KIND)


class _Stop(Exception):
    """Not an error: what was looked for is found."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault


class _Token(NamedTuple):
    kind: str
    text: str
    """As it was written, a word in capitals."""
    offset: int


class _Scanner:
    """Reads token by token and stops at the first one that cannot be."""

    def __init__(self, text: str) -> None:
        self._text = text
        srid = _SRID.match(text)
        self._next = self._token_at(srid.end() if srid else 0)
        self._nesting = 0
        self._numbers: int | None = None  # in each position of the present shape; None before the first one

    def read_text(self) -> None:
        self._read_shape()
        if self._next.kind != "end":
            self._stop("the end, because the shape is complete")

    def _read_shape(self) -> None:
        found = _KIND.fullmatch(self._next.text)
        if found is None:
            self._stop(_EXPECTED_KIND)
        self._take()
        outer = self._numbers
        dimension = found[2] or (self._take().text if self._next.text in _DIMENSIONS else "")
        self._numbers = _DIMENSIONS.get(dimension)
        self._read_kind(found[1])
        self._numbers = outer

    def _read_kind(self, kind: str) -> None:
        match kind:
            case "POINT":
                self._read_point()
            case "LINESTRING":
                self._read_line()
            case "POLYGON":
                self._read_parts(self._read_ring)
            case "MULTIPOINT":
                self._read_points()
            case "MULTILINESTRING":
                self._read_parts(self._read_line)
            case "MULTIPOLYGON":
                self._read_parts(lambda: self._read_parts(self._read_ring))
            case _:
                self._read_collection()

    def _read_point(self) -> None:
        if self._begins_list():
            self._read_position()
            self._end_list(") after the position")

    def _read_line(self) -> None:
        if self._begins_list():
            if len(self._read_positions()) == 1:
                self._stop("a comma and a second position: a line has two or more")
            self._end_list()

    def _read_ring(self) -> None:
        if self._begins_list():
            positions = self._read_positions()
            if self._next.text == ")" and (len(positions) < _LEAST_RING or positions[0] != positions[-1]):
                first = " ".join(f"{number:.15g}" for number in positions[0])
                self._stop(f"a closed ring: a comma and the first position, {first}, once more")
            self._end_list()

    def _read_points(self) -> None:
        """Read positions, each of them in parentheses or none."""
        forms: set[bool] = set()

        def read_one() -> None:
            forms.add(self._next.kind == "number")
            if len(forms) > 1:
                self._stop("positions that are all in parentheses, or none of them")
            self._read_position() if True in forms else self._read_point()

        self._read_parts(read_one)

    def _read_collection(self) -> None:
        self._nesting += 1
        if self._nesting > MAX_NESTING:
            self._stop(f"at most {MAX_NESTING} collections within each other")
        self._read_parts(self._read_shape)
        self._nesting -= 1

    def _read_parts(self, read_one: Callable[[], None]) -> None:
        if self._begins_list():
            read_one()
            while self._takes(","):
                read_one()
            self._end_list()

    def _read_positions(self) -> list[list[float]]:
        positions = [self._read_position()]
        while self._takes(","):
            positions.append(self._read_position())
        return positions

    def _read_position(self) -> list[float]:
        """Read as many numbers as every position of the shape has; return longitude and latitude."""
        numbers: list[float] = []
        while self._next.kind == "number" and len(numbers) < (self._numbers or _MOST_NUMBERS):
            number = float(self._next.text)
            if len(numbers) < len(_ORDINATES) and not abs(number) <= _ORDINATES[len(numbers)][1]:
                self._stop(_expected_number(len(numbers)))
            numbers.append(number)
            self._take()
        if len(numbers) < (self._numbers or len(_ORDINATES)):
            self._stop(_expected_number(len(numbers)))
        self._numbers = len(numbers)
        return numbers[: len(_ORDINATES)]

    def _begins_list(self) -> bool:
        if self._takes("EMPTY"):
            return False
        if not self._takes("("):
            self._stop("( or EMPTY")
        return True

    def _end_list(self, expected: str = "a comma or )") -> None:
        if not self._takes(")"):
            self._stop(expected)

    def _takes(self, text: str) -> bool:
        if self._next.text != text:
            return False
        self._take()
        return True

    def _take(self) -> _Token:
        taken = self._next
        self._next = self._token_at(taken.offset + len(taken.text))
        return taken

    def _token_at(self, offset: int) -> _Token:
        found = _TOKEN.match(self._text, offset)
        assert found is not None  # every character begins one of the tokens
        assert found.lastgroup is not None
        return _Token(found.lastgroup, found[found.lastgroup].upper(), found.start(found.lastgroup))

    def _stop(self, expected: str) -> NoReturn:
        offset, length = self._next.offset, len(self._next.text)
        raise _Stop(Fault(offset, self._text[offset : offset + length] or "the end", expected))


def _expected_number(index: int) -> str:
    if index >= len(_ORDINATES):
        return "as many numbers as the positions before have"
    what, limit = _ORDINATES[index]
    return f"{what}, a number from -{limit:g} to {limit:g}; longitude and latitude are separated by a space"
