from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from geostead.formats.rows.instants import instant_texts, read_plain_instants
from geostead.formats.rows.values import read_column
from geostead.model.entity_type import EdmType
from geostead.model.instant import MAX_TICKS, iso_text, parse_ticks

ticks = st.integers(0, MAX_TICKS)
shapes = st.tuples(
    st.sampled_from(["0000", "0001", "1969", "1970", "1900", "2000", "2023", "2024", "9999", "20a4"]),
    st.sampled_from(["-", "/"]),
    st.sampled_from(["00", "01", "02", "06", "12", "13"]),
    st.sampled_from(["-00", "-01", "-28", "-29", "-30", "-31", "-32"]),
    st.sampled_from(["", "T", " ", "t"]),
    st.sampled_from(["", "00:00:00", "23:59:59", "24:00:00", "12:60:00", "12:00:60", "12:30", "1:2:3"]),
    st.sampled_from(["", ".", ".5", ".1234567", ".12345678", ".00000000"]),
    st.sampled_from(["", "Z", "z", "ZZ", "+02:00", "-1130", " Z"]),
).map("".join)
near_dates = shapes | st.text("0123456789-T:.Z+ ", max_size=29) | ticks.map(lambda t: iso_text(t) + "Z")


@given(st.lists(st.none() | near_dates, max_size=20))
@example(["2020-01-05T10:11:12Z", "2020-01-05T10:11:12.Z", "2020-01-05T10:11:12.", "0001-01-01", "9999-12-31"])
@settings(deadline=None, max_examples=300)
def test_reading_many_dates_agrees_with_reading_each(texts: list[str | None]) -> None:
    column = read_column(pa.array(texts, pa.string()), EdmType.DATETIME)

    bad = {row for offence in column.offences for row in offence.rows.tolist()}
    assert column.values.to_pylist() == [None if text is None else parse_ticks(text) for text in texts]
    assert bad == {
        row for row, text in enumerate(texts) if text is not None and text.strip() and parse_ticks(text) is None
    }


@given(st.lists(near_dates, max_size=20))
@settings(deadline=None, max_examples=200)
def test_what_is_read_at_once_is_right_and_leaves_no_plain_date_out(texts: list[str]) -> None:
    for text, found in zip(texts, read_plain_instants(pa.array(texts, pa.string())).to_pylist(), strict=True):
        assert found is None or found == parse_ticks(text)


@pytest.mark.parametrize(
    "text", ["2020-02-29", "2020-01-05T10:11:12", "2020-01-05T10:11:12Z", "0001-01-01T00:00:00.1Z"]
)
def test_common_dates_do_not_need_the_slow_parser(text: str) -> None:
    assert read_plain_instants(pa.array([text])).to_pylist() == [parse_ticks(text)]


def test_a_slice_of_a_column_is_read_like_a_column() -> None:
    texts = pa.array(["x", "2020-01-05", None, "2020-01-06T00:00:00.25Z", "y"])

    assert read_plain_instants(texts.slice(1, 3)).to_pylist() == [
        parse_ticks("2020-01-05"),
        None,
        parse_ticks("2020-01-06T00:00:00.25Z"),
    ]


@given(st.lists(st.none() | ticks | ticks.map(lambda t: t // 10**7 * 10**7), max_size=20))
@example([0, MAX_TICKS])
@settings(deadline=None, max_examples=200)
def test_writing_many_dates_agrees_with_writing_each(values: list[int | None]) -> None:
    texts = instant_texts(pa.array(values, pa.int64())).to_pylist()

    assert texts == [None if value is None else iso_text(value) + "Z" for value in values]
