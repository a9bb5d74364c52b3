from __future__ import annotations

import math

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geostead.formats.rows.values import parse_boolean, parse_double, parse_integer, read_column
from geostead.model.entity_type import EdmType

EMOJI = "\U0001f600"

numeric_texts = st.one_of(
    st.integers(-(2**64), 2**64).map(str),
    st.floats().map(repr),
    st.text("0123456789+-.eE x,", max_size=12),
    st.sampled_from(["inf", "-inf", "nan", "NaN", "Infinity", "1e999", "-1e999", "0x10", "1_0", "1d", "\u0661", "-0"]),
)
lists_of_numbers = st.lists(st.none() | numeric_texts.filter(bool), max_size=8)


def values_of(edm_type: EdmType, *texts: str | None) -> list[object]:
    column = read_column(pa.array(texts, pa.string()), edm_type)
    assert not any(len(offence.rows) for offence in column.offences)
    return column.values.to_pylist()


def bad_rows(edm_type: EdmType, *texts: str | None) -> list[int]:
    column = read_column(pa.array(texts, pa.string()), edm_type)
    return sorted({row for offence in column.offences for row in offence.rows.tolist()})


def expected_of(edm_type: EdmType, text: str) -> list[str]:
    return [o.expected for o in read_column(pa.array([text]), edm_type).offences if len(o.rows)]


@given(lists_of_numbers)
@settings(deadline=None, max_examples=300)
def test_reading_many_integers_agrees_with_reading_each(texts: list[str | None]) -> None:
    wanted = [None if text is None else parse_integer(text.strip()) for text in texts]

    column = read_column(pa.array(texts, pa.string()), EdmType.INT64)

    assert column.values.to_pylist() == wanted
    assert bad_rows(EdmType.INT64, *texts) == [
        row for row, text in enumerate(texts) if text is not None and text.strip() and wanted[row] is None
    ]


@given(lists_of_numbers)
@settings(deadline=None, max_examples=300)
def test_reading_many_doubles_agrees_with_reading_each(texts: list[str | None]) -> None:
    wanted = [None if text is None else parse_double(text.strip()) for text in texts]

    column = read_column(pa.array(texts, pa.string()), EdmType.DOUBLE)

    assert list(map(str, column.values.to_pylist())) == list(map(str, wanted))
    assert bad_rows(EdmType.DOUBLE, *texts) == [
        row for row, text in enumerate(texts) if text is not None and text.strip() and wanted[row] is None
    ]


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), max_size=20))
@settings(deadline=None, max_examples=200)
def test_every_double_is_read_back_exactly(numbers: list[float]) -> None:
    found = values_of(EdmType.DOUBLE, *map(repr, numbers))

    assert [math.copysign(1, a) for a in found] == [math.copysign(1, a) for a in numbers]
    assert found == numbers


def test_integers_may_have_a_sign_and_leading_zeros_and_64_bits() -> None:
    texts = ["+7", "-007", " 12\n", "9223372036854775807", "-9223372036854775808", None]

    assert values_of(EdmType.INT64, *texts) == [7, -7, 12, 2**63 - 1, -(2**63), None]


@pytest.mark.parametrize("text", ["12.0", "1e3", "0x10", "9223372036854775808", "1,000", "1 000", "--1", "-", "ten"])
def test_what_is_not_a_whole_number_is_refused(text: str) -> None:
    assert bad_rows(EdmType.INT64, "1", text, "2") == [1]


@pytest.mark.parametrize("text", ["NaN", "INF", "-Infinity", "1e999", "0x1p3", "1,5", "1.5.", "e5", ".", "12d", "1 2"])
def test_what_is_not_a_finite_number_is_refused(text: str) -> None:
    assert bad_rows(EdmType.DOUBLE, "1", text, "2") == [1]
    assert expected_of(EdmType.DOUBLE, text) == ["a number such as -12.5 or 1e-3"]


def test_doubles_come_in_every_invariant_notation() -> None:
    texts = ["1", "+1.5", "1.", ".5", "1E-05", " 2e+2 ", "\u00a03"]

    assert values_of(EdmType.DOUBLE, *texts) == [1.0, 1.5, 1.0, 0.5, 1e-05, 200.0, 3.0]


@pytest.mark.parametrize("edm_type", [EdmType.INT64, EdmType.DOUBLE])
def test_numbers_have_at_most_1000_characters_whatever_stands_beside_them(edm_type: EdmType) -> None:
    longest, too_long = "7".zfill(1000), "7".zfill(1001)

    assert values_of(edm_type, longest, f" {longest} ") == [7, 7]
    assert values_of(edm_type, longest, " 7") == [7, 7]
    assert bad_rows(edm_type, too_long) == bad_rows(edm_type, too_long, " 7") == [0]


def test_booleans_are_the_eight_words_in_any_case() -> None:
    texts = ["true", "FALSE", "1", "0", "Yes", "no", "Y", "n", " True ", None]

    assert values_of(EdmType.BOOLEAN, *texts) == [True, False, True, False, True, False, True, False, True, None]
    assert bad_rows(EdmType.BOOLEAN, "true", "t", "2", "on", "wahr") == [1, 2, 3, 4]
    assert parse_boolean("oui") is None


@pytest.mark.parametrize("edm_type", [EdmType.INT64, EdmType.DOUBLE, EdmType.BOOLEAN, EdmType.DATETIME])
def test_white_space_alone_is_no_value(edm_type: EdmType) -> None:
    assert values_of(edm_type, " ", "\t\r\n", None) == [None, None, None]


@pytest.mark.parametrize("edm_type", [EdmType.INT64, EdmType.DOUBLE, EdmType.BOOLEAN])
def test_control_characters_around_a_value_are_not_white_space(edm_type: EdmType) -> None:
    assert bad_rows(edm_type, "1", "1\x0b", "\x1c1", "\x0c") == [1, 2, 3]


def test_a_control_character_around_a_date_is_not_white_space() -> None:
    assert bad_rows(EdmType.DATETIME, "2020-01-01\x0b") == [0]


def test_strings_keep_their_white_space() -> None:
    assert values_of(EdmType.STRING, "  a ", "\t\r\n", " ", None) == ["  a ", "\t\r\n", " ", ""]


@pytest.mark.parametrize(
    "character", ["\x00", "\x01", "\x08", "\x0b", "\x1f", "\x7f", "\x80", "\x9f", "\ufffe", "\uffff"]
)
def test_control_characters_make_a_string_bad(character: str) -> None:
    assert bad_rows(EdmType.STRING, "fine", f"ä{character}b") == [1]
    assert expected_of(EdmType.STRING, character) == ["text without control characters"]


def test_all_other_characters_are_text() -> None:
    text = "\t\n\r ~\u00a0\u00a9\u00ff\u0100\u2028\ud7ff\ue000\ufefd\ufffd\U00010000\U0010ffff"

    assert values_of(EdmType.STRING, text) == [text]


def test_strings_have_at_most_2560_characters_however_many_bytes_they_take() -> None:
    assert bad_rows(EdmType.STRING, EMOJI * 2560, "é" * 2561, "a" * 2560, "a" * 2561) == [1, 3]


def test_a_bad_row_in_a_slice_is_found_at_its_place_in_the_slice() -> None:
    texts = pa.array(["\x00", "a", "b\x00", "c"]).slice(1)

    assert [offence.rows.tolist() for offence in read_column(texts, EdmType.STRING).offences] == [[1], []]
