from __future__ import annotations

import pytest

from geostead.errors import Unavailable
from geostead.geo.position import Position
from geostead.geocoding.base import Place, Precision
from geostead.geocoding.remembering import LIFETIME_S, MAX_ANSWERS, Remembering

PLACE = Place(Position(1.0, 2.0), "Somewhere", Precision.CITY, is_whole_match=True)


class Counting:
    """Knows one address and counts what it is asked."""

    def __init__(self) -> None:
        self.asked: list[object] = []
        self.is_down = False

    def find(self, address: str) -> Place | None:
        self.asked.append(address)
        if self.is_down:
            raise Unavailable("down")
        return PLACE if address.casefold() == "somewhere" else None

    def reverse(self, position: Position) -> Place | None:
        self.asked.append(position)
        return PLACE if position == PLACE.position else None


def test_answers_are_remembered_for_a_day_also_none() -> None:
    now, geocoder = [0.0], Counting()
    remembering = Remembering(geocoder, lambda: now[0])
    for _ in range(2):
        assert remembering.find("Somewhere") == PLACE
        assert remembering.find(" SOMEWHERE ") == PLACE
        assert remembering.find("Nowhere") is None
        assert remembering.reverse(PLACE.position) == PLACE
        assert remembering.reverse(Position(0.0, 0.0)) is None
    assert len(geocoder.asked) == 4
    now[0] = LIFETIME_S
    assert remembering.find("Somewhere") == PLACE
    assert len(geocoder.asked) == 5


def test_an_error_is_not_remembered() -> None:
    geocoder = Counting()
    remembering = Remembering(geocoder)
    geocoder.is_down = True
    with pytest.raises(Unavailable):
        remembering.find("Somewhere")
    geocoder.is_down = False
    assert remembering.find("Somewhere") == PLACE


def test_the_memory_is_bounded_and_keeps_what_is_asked_for() -> None:
    geocoder = Counting()
    remembering = Remembering(geocoder)
    for number in range(MAX_ANSWERS + 5):
        remembering.find(f"{number}")
        remembering.find("Somewhere")
    assert geocoder.asked.count("Somewhere") == 1
    remembering.find("0")
    assert geocoder.asked.count("0") == 2
