"""Shapes as queries write them: well-known text, checked and repaired (query-language.md, section 1)."""

from __future__ import annotations

import re
from typing import Protocol

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geostead.errors import InvalidParameter, LimitExceeded
from geostead.geo.mend import mend
from geostead.geo.repair import is_tangled
from geostead.geo.split import count_crossings
from geostead.geo.whereabouts import are_on_earth
from geostead.geo.wkt import read_wkt
from geostead.geo.wkt_fault import find_fault
from geostead.query.arguments import Argument, trimmed

MAX_CROSSINGS = 500
"""Edges across ±180°, in all parts of a shape: each is cut, and what is cut has to be put together again."""

_SPACE = re.compile(r"\s")
_MAX_REPAIRED_POINTS = 12_000
_EXPECTED_WHOLE = "a shape that crosses itself less often"


class Refusal(Protocol):
    """Makes the error that says what is wrong with a parameter: one of the kinds of InvalidParameter."""

    def __call__(self, found: str, expected: str, *, position: int | None) -> InvalidParameter:
        """Return the error."""


def read_shape(interior: Argument, max_points: int, refuse: Refusal) -> BaseGeometry:
    """Read well-known text, quoted or not: a shape in two dimensions, longitude first; empty if the text says so.

    It is valid once it is split at ±180°.
    Raises what ``refuse`` makes, with the place where the text cannot go on, and LimitExceeded for too many points.
    """
    written = _unquoted(interior, refuse)
    text = _SPACE.sub(" ", written.text)
    shape = read_wkt(text) if text.isascii() else None
    if shape is None or not are_on_earth(np.array([shape], dtype=object))[0]:
        fault = find_fault(text)
        raise refuse(fault.found, fault.expected, position=written.position + fault.offset)
    count = int(shapely.get_num_coordinates(shape))
    if count > max_points:
        raise LimitExceeded("points in a query geometry", count, max_points)
    crossings = count_crossings(shape)
    if crossings > MAX_CROSSINGS:
        expected = f"a shape that crosses the antimeridian at most {MAX_CROSSINGS} times"
        raise refuse(f"a shape that crosses it {crossings:,} times", expected, position=written.position)
    mended = shape if shapely.is_valid(shape) else mend(shape, _MAX_REPAIRED_POINTS, is_single=True)
    if mended is None or is_tangled(mended):
        raise refuse(f"a shape of {count:,} points", _EXPECTED_WHOLE, position=written.position)
    return mended


def _unquoted(interior: Argument, refuse: Refusal) -> Argument:
    argument = trimmed(interior.text, interior.position)
    if not argument.text.startswith("'"):
        return argument
    if len(argument.text) < 2 or not argument.text.endswith("'"):
        raise refuse(argument.text, "a closing quote for the shape that begins here", position=argument.position)
    return trimmed(argument.text[1:-1], argument.position + 1)
