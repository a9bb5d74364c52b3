"""Columns of every Arrow type, as text."""

from __future__ import annotations

from datetime import date, time
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest

from geostead.formats.geoparquet.arrow_texts import column_texts, edm_type_of
from geostead.model.entity_type import EdmType

S, N, B, D, T = EdmType.STRING, EdmType.INT64, EdmType.BOOLEAN, EdmType.DOUBLE, EdmType.DATETIME


@pytest.mark.parametrize(
    ("values", "expected_type", "expected"),
    [
        (pa.array(["a", "", None]), S, ["a", "", None]),
        (pa.array(["ä"], pa.large_string()), S, ["ä"]),
        (pa.array(["ä"], pa.string_view()), S, ["ä"]),
        (pa.array(["a", None, "a"]).dictionary_encode(), S, ["a", None, "a"]),
        (pa.array([1.5, 1.5]).dictionary_encode(), D, ["1.5", "1.5"]),
        (pa.array([True, None, False]), B, ["true", None, "false"]),
        (pa.array([-(2**63), None]), N, ["-9223372036854775808", None]),
        (pa.array([255], pa.uint8()), N, ["255"]),
        (pa.array([2**64 - 1], pa.uint64()), N, ["18446744073709551615"]),
        (pa.array([0.1, -0.0, 5e-324, 1e300]), D, ["0.1", "-0", "5e-324", "1e+300"]),
        (pa.array([0.1], pa.float32()), D, [repr(float(np.float32(0.1)))]),
        (pa.array([np.float16(1.5)]), D, ["1.5"]),
        (pa.array([float("nan"), float("inf")]), D, ["nan", "inf"]),
        (pa.array([Decimal("12.50")]), D, ["12.50"]),
        (pa.array([date(2020, 2, 29)]), T, ["2020-02-29T00:00:00Z"]),
        (pa.array([date(2020, 2, 29)], pa.date64()), T, ["2020-02-29T00:00:00Z"]),
        (pa.array([-500_000], pa.timestamp("us")), T, ["1969-12-31T23:59:59.5Z"]),
        (pa.array([0, None], pa.timestamp("s", "Europe/Berlin")), T, ["1970-01-01T00:00:00Z", None]),
        (pa.array([1_500], pa.timestamp("ms")), T, ["1970-01-01T00:00:01.5Z"]),
        (pa.array([199, -1], pa.timestamp("ns")), T, ["1970-01-01T00:00:00.0000001Z", "1969-12-31T23:59:59.9999999Z"]),
        (pa.array([time(12, 30)]), S, ["12:30:00.000000"]),
        (pa.array([90], pa.duration("s")), S, ["90"]),
        (pa.array([b"text", None], pa.binary()), S, ["text", None]),
        (pa.array([b"text", b"\xff\x00"], pa.binary()), S, ["text", "ff00"]),
        (pa.array([b"\xff\x00"], pa.binary(2)), S, ["ff00"]),
        (pa.nulls(2), S, [None, None]),
        (pa.array([[1, None], [], None]), S, ["[1,null]", "[]", None]),
        (pa.array([{"a": "ä", "b": date(2020, 1, 1)}]), S, ['{"a":"ä","b":"2020-01-01"}']),
        (pa.array([[("k", b"\xff")]], pa.map_(pa.string(), pa.binary())), S, ['[["k","ff"]]']),
    ],
)
def test_each_type_has_its_text(values: pa.Array, expected_type: EdmType, expected: list[str | None]) -> None:
    texts = column_texts(values)

    assert texts.type == pa.string()
    assert texts.to_pylist() == expected
    assert edm_type_of(values.type) is expected_type


@pytest.mark.parametrize("unit", ["s", "ms", "us"])
def test_an_instant_out_of_range_becomes_a_text_that_is_no_date(unit: str) -> None:
    values = pa.array([2**62, -(2**62), None, 0], pa.timestamp(unit))

    expected = [f"{2**62} {unit} after 1970", f"{-(2**62)} {unit} after 1970", None, "1970-01-01T00:00:00Z"]
    assert column_texts(values).to_pylist() == expected


@pytest.mark.parametrize("arrow_type", [pa.string(), pa.large_string(), pa.dictionary(pa.int32(), pa.string())])
def test_a_text_that_is_not_utf_8_becomes_one_that_no_property_may_have(arrow_type: pa.DataType) -> None:
    data = pa.py_buffer("ZürichZürich".encode("latin-1") + "Zürich".encode())
    texts = pa.StringArray.from_buffers(4, pa.py_buffer(np.array([0, 6, 12, 12, 19], np.int32)), data)

    assert column_texts(texts.cast(arrow_type)).to_pylist() == ["\0Z\\xfcrich", "\0Z\\xfcrich", "", "Zürich"]


def test_slices_are_what_they_are() -> None:
    values = pa.array([[1], [2], [3]])

    assert column_texts(values.slice(1)).to_pylist() == ["[2]", "[3]"]
