"""A geocoder that remembers what it was asked, also that an address is not known."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Condition
from typing import NamedTuple, TypeVar

from cachetools import TLRUCache, cached

from geostead.geo.position import Position
from geostead.geocoding.base import Geocoder, Place

MAX_ANSWERS = 10_000
LIFETIME_S = 86_400.0
REFUSAL_LIFETIME_S = 300.0

Q = TypeVar("Q")


class Refused(Exception):
    """A geocoder refuses a question, perhaps only for now. Who asks :class:`Remembering` gets None."""


class Remembering:
    """Answers from memory for a day; of those who ask the same at once, one asks the geocoder and the others wait.

    What the geocoder refuses (:class:`Refused`) is remembered for five minutes: the fault may be its own.
    """

    def __init__(self, geocoder: Geocoder, now_s: Callable[[], float] = time.monotonic) -> None:
        self._find = cached(_answers(now_s), key=_key, condition=Condition())(_told(geocoder.find))
        self._reverse = cached(_answers(now_s), condition=Condition())(_told(geocoder.reverse))

    def find(self, address: str) -> Place | None:
        """Return the best match of an address, as the geocoder does. An error is not remembered."""
        return self._find(address).place

    def reverse(self, position: Position) -> Place | None:
        """Return what lies at a position, as the geocoder does. An error is not remembered."""
        return self._reverse(position).place


class _Answer(NamedTuple):
    place: Place | None
    lifetime_s: float


def _told(ask: Callable[[Q], Place | None]) -> Callable[[Q], _Answer]:
    def answer(question: Q) -> _Answer:
        try:
            return _Answer(ask(question), LIFETIME_S)
        except Refused:
            return _Answer(None, REFUSAL_LIFETIME_S)

    return answer


def _answers(now_s: Callable[[], float]) -> TLRUCache[object, _Answer]:
    return TLRUCache(MAX_ANSWERS, lambda _, answer, told_at_s: told_at_s + answer.lifetime_s, now_s)


def _key(address: str) -> str:
    return " ".join(address.split()).casefold()
