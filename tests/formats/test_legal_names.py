from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geostead.formats.gis.legal_names import LegalNames, make_legal
from geostead.model.entity_type import PROPERTY_NAME


@pytest.mark.parametrize(
    ("given_name", "legal"),
    [
        ("Beds_24", "Beds_24"),
        ("opening hours", "opening_hours"),
        ("Höhe", "H_he"),
        ("\uff12nd", "_nd"),
        ("3rd", "_3rd"),
        ("__Distance", "_Distance"),
        ("--x", "_x"),
        ("", "_"),
        ("???", "_"),
        ("7" * 60, "_" + "7" * 49),
        ("my-shops{1}", "my_shops_1_"),
    ],
)
def test_every_character_that_is_no_ascii_letter_digit_or_underscore_becomes_an_underscore(
    given_name: str, legal: str
) -> None:
    assert make_legal(given_name) == legal


def test_names_that_collide_ignoring_case_are_numbered() -> None:
    names = LegalNames(["Name"])

    assert [names.add(name) for name in ("name", "a b", "A-B", "a_b_2", "A_B")] == [
        "name_2",
        "a_b",
        "A_B_2",
        "a_b_2_2",
        "A_B_3",
    ]


@given(st.lists(st.text(max_size=60), max_size=30))
def test_all_names_are_legal_and_different(given_names: list[str]) -> None:
    legal_names = LegalNames()

    legal = [legal_names.add(name) for name in given_names]

    assert all(PROPERTY_NAME.match(name) for name in legal)
    assert len({name.lower() for name in legal}) == len(legal)


@given(st.from_regex(PROPERTY_NAME, fullmatch=True))
def test_a_legal_name_stays_as_it_is(name: str) -> None:
    assert make_legal(name) == name
