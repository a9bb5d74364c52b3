"""A geocoder that remembers what it was asked, also that an address is not known."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Condition

from cachetools import TTLCache, cached

from geostead.geo.position import Position
from geostead.geocoding.base import Geocoder, Place

MAX_ANSWERS = 10_000
LIFETIME_S = 86_400.0


class Remembering:
    """Answers from memory for a day; of those who ask the same at once, one asks the geocoder and the others wait."""

    def __init__(self, geocoder: Geocoder, now_s: Callable[[], float] = time.monotonic) -> None:
        self._find = cached(_answers(now_s), key=_key, condition=Condition())(geocoder.find)
        self._reverse = cached(_answers(now_s), condition=Condition())(geocoder.reverse)

    def find(self, address: str) -> Place | None:
        """Return the best match of an address, as the geocoder does. An error is not remembered."""
        return self._find(address)

    def reverse(self, position: Position) -> Place | None:
        """Return what lies at a position, as the geocoder does. An error is not remembered."""
        return self._reverse(position)


def _answers(now_s: Callable[[], float]) -> TTLCache[object, Place | None]:
    return TTLCache(MAX_ANSWERS, LIFETIME_S, now_s)


def _key(address: str) -> str:
    return " ".join(address.split()).casefold()
