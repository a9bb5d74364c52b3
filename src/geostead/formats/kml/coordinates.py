"""Reads the coordinates of KML: ``longitude,latitude[,altitude]`` triples in text. Altitudes are ignored."""

from __future__ import annotations

import re

import numpy as np

from geostead.formats.rows.text_columns import shown
from geostead.geo.parts import Places

_NOT_A_NUMBER = re.compile(r"[^0-9eE+.\-]")
_LOOSE_COMMA = re.compile(r"\s*+,\s*+")
_LOOSE_COMMAS = re.compile(r"\s,|,\s")
_EXPECTED = "longitude,latitude or longitude,latitude,altitude as numbers"

NO_PLACES: Places = np.zeros((0, 2))


class BadCoordinates(Exception):
    """Coordinates that cannot be read: what was found, and what was expected there."""

    def __init__(self, found: str, expected: str) -> None:
        super().__init__(found, expected)
        self.found = shown(found)
        self.expected = expected


class TooManyPlaces(BadCoordinates):
    """More places than a geography may have."""

    def __init__(self, max_places: int) -> None:
        super().__init__(f"over {max_places:,} points", f"a geography of at most {max_places:,} points")


def read_coordinates(text: str, max_places: int) -> Places:
    """Read what ``coordinates`` holds; white space around commas is tolerated.

    Raises BadCoordinates, TooManyPlaces before more than ``max_places`` are taken apart.
    """
    if _LOOSE_COMMAS.search(text):
        text = _LOOSE_COMMA.sub(",", text)
    tuples = text.split(None, max_places)
    if len(tuples) > max_places:
        raise TooManyPlaces(max_places)
    if not tuples:
        return NO_PLACES
    commas = {item.count(",") for item in tuples}
    if not commas <= {1, 2}:
        raise BadCoordinates(next(item for item in tuples if item.count(",") not in (1, 2)), _EXPECTED)
    if len(commas) == 2:
        tuples = [item if item.count(",") == 2 else item + "," for item in tuples]
    numbers = ",".join(tuples).split(",")
    step = max(commas) + 1
    return _places(numbers[::step], numbers[1::step])


def read_track_place(text: str) -> Places:
    """Read what ``gx:coord`` holds: longitude, latitude and altitude between blanks; nothing where the fix is missing.

    Raises BadCoordinates.
    """
    numbers = text.split(None, 3)
    if not numbers:
        return NO_PLACES
    if len(numbers) not in (2, 3):
        raise BadCoordinates(text, "longitude latitude altitude as numbers")
    return _places(numbers[:1], numbers[1:2])


def close_ring(ring: Places) -> Places:
    """Return a ring that ends where it begins. Raises BadCoordinates for fewer than four places then."""
    if len(ring) and not (ring[0] == ring[-1]).all():
        ring = np.concatenate([ring, ring[:1]])
    if len(ring) < 4:
        raise BadCoordinates(f"a ring of {len(ring)} points", "a ring of at least 4 points, the last one as the first")
    return ring


def _places(longitudes: list[str], latitudes: list[str]) -> Places:
    places = np.empty((len(longitudes), 2))
    for column, texts in enumerate((longitudes, latitudes)):
        if _NOT_A_NUMBER.search("".join(texts)):  # float() reads nan, inf and 1_000
            raise BadCoordinates(next(text for text in texts if _NOT_A_NUMBER.search(text)), _EXPECTED)
        places[:, column] = [_number(text) for text in texts]
    return places


def _number(text: str) -> float:
    try:
        number = float(text)
    except ValueError as error:
        raise BadCoordinates(text, _EXPECTED) from error
    if abs(number) == np.inf:
        raise BadCoordinates(text, _EXPECTED)
    return number
