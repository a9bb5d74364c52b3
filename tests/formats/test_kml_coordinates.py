from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geostead.formats.kml.coordinates import (
    BadCoordinates,
    TooManyPlaces,
    close_ring,
    read_coordinates,
    read_track_place,
)

NUMBERS = st.floats(allow_nan=False, allow_infinity=False)


def read(text: str, max_places: int = 100) -> list[list[float]]:
    return read_coordinates(text, max_places).tolist()


@pytest.mark.parametrize(
    "text",
    ["1,2 3,4", "1,2,100 3,4,-7", "\n\t1,2,9\n\t3,4 ", "1, 2 3 ,4", "1 , 2 , 5 3,4,6", "1.0,+2e0,0 3,4", "1,2,x 3,4,"],
)
def test_altitudes_and_white_space_do_not_matter(text: str) -> None:
    assert read(text) == [[1.0, 2.0], [3.0, 4.0]]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("1", "1"),
        ("1 2", "1"),
        ("0,0 1,2,3,4", "1,2,3,4"),
        ("1,2,3 1,2 1,2,3,4", "1,2,3,4"),
        ("1,2, 3,4", "1,2,3,4"),  # nobody can tell where the second place begins
        ("1,,2", ""),
        ("0,0 a,2", "a"),
        ("1,nan", "nan"),
        ("inf,1", "inf"),
        ("1,1e999", "1e999"),
        ("1_0,2", "1_0"),
        ("\u0661,2", "\u0661"),
        ("1;2", "1;2"),
        ("1,--2", "--2"),
    ],
)
def test_what_is_no_place_is_shown(text: str, found: str) -> None:
    with pytest.raises(BadCoordinates) as raised:
        read(text)
    assert raised.value.found == found


def test_more_places_than_allowed_are_not_taken_apart() -> None:
    assert len(read("1,2 " * 5, 5)) == 5
    with pytest.raises(TooManyPlaces):
        read("1,2 " * 6, 5)
    with pytest.raises(TooManyPlaces):
        read("1,2", 0)
    assert read(" ", 0) == []


@given(st.lists(st.tuples(NUMBERS, NUMBERS), max_size=20))
def test_every_number_survives_bit_for_bit(places: list[tuple[float, float]]) -> None:
    text = " ".join(f"{longitude!r},{latitude!r}" for longitude, latitude in places)

    assert [tuple(map(float.hex, place)) for place in read(text)] == [tuple(map(float.hex, place)) for place in places]


def test_a_fix_of_a_track_stands_between_blanks_and_may_be_missing() -> None:
    assert read_track_place(" 1 2 3 ").tolist() == [[1.0, 2.0]]
    assert read_track_place("1 2").tolist() == [[1.0, 2.0]]
    assert read_track_place("").tolist() == []
    for text in ("1", "1 2 3 4", "1,2,3", "a 2 3"):
        with pytest.raises(BadCoordinates):
            read_track_place(text)


def test_an_open_ring_is_closed_and_one_with_fewer_than_four_points_is_bad() -> None:
    assert close_ring(read_coordinates("0,0 1,0 1,1", 9)).tolist() == [[0, 0], [1, 0], [1, 1], [0, 0]]
    assert len(close_ring(read_coordinates("0,0 1,0 1,1 0,0", 9))) == 4
    for text in ("0,0 1,0", "0,0 1,0 0,0"):
        with pytest.raises(BadCoordinates, match=r"a ring of 3 points"):
            close_ring(read_coordinates(text, 9))
