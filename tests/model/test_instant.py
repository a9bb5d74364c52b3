"""Edm.DateTime: 100 ns ticks, compared exactly."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geostead.model.instant import MAX_TICKS, iso_text, parse_ticks


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("2015-10-29T21:25:09Z", "2015-10-29T21:25:09"),
        ("2015-10-29", "2015-10-29T00:00:00"),
        ("2015-10-29 21:25", "2015-10-29T21:25:00"),
        ("2015-10-29T21:25:09.1234567", "2015-10-29T21:25:09.1234567"),
        ("2015-10-29T21:25:09.1200000000", "2015-10-29T21:25:09.12"),
        ("2015-10-29T21:25:09+02:30", "2015-10-29T18:55:09"),
        ("2015-10-29T21:25:09-0100", "2015-10-29T22:25:09"),
        (" 0001-01-01T00:00:00Z ", "0001-01-01T00:00:00"),
        ("9999-12-31T23:59:59.9999999Z", "9999-12-31T23:59:59.9999999"),
        ("2024-02-29", "2024-02-29T00:00:00"),
    ],
)
def test_iso_8601_is_read_as_utc_to_the_tick(text: str, canonical: str) -> None:
    ticks = parse_ticks(text)
    assert ticks is not None
    assert iso_text(ticks) == canonical


@pytest.mark.parametrize(
    "text",
    [
        "", "yesterday", "2015-13-01", "2023-02-29", "2015-10-29T24:00:00", "2015-10-29T23:59:60", "0000-01-01",
        "10000-01-01", "2015-10-29T21:25:09.12345678", "0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59-01:00",
        "29.10.2015", "2015-10-29T", "٢٠١٥-10-29",
    ],
)  # fmt: skip
def test_what_is_no_instant_between_the_years_1_and_9999_is_none(text: str) -> None:
    assert parse_ticks(text) is None


@given(st.integers(0, MAX_TICKS))
def test_what_is_written_is_read_back(ticks: int) -> None:
    assert parse_ticks(iso_text(ticks)) == ticks
