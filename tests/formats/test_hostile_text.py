"""About a megabyte of each text that would keep careless code busy for hours: coming back at all is the test."""

from __future__ import annotations

import io

import pyarrow as pa
import pytest

from geostead.errors import InvalidSchema
from geostead.formats.delimited.row_blocks import RowBlocks
from geostead.formats.delimited.schema_line import read_second_line
from geostead.formats.rows.values import read_column
from geostead.model.entity_type import EdmType

SIZE = 1_000_000


@pytest.mark.parametrize(
    "line",
    [
        "A(" + " " * SIZE + "x)y",
        "A" + " " * SIZE + "x",
        "A(Edm.String," + " " * SIZE + "x)y",
        "(" * SIZE,
        "A(" * SIZE,
        '",' * SIZE,
        "(," * SIZE,
        "\t" * SIZE + "x",
    ],
)
def test_a_hostile_second_line_is_refused(line: str) -> None:
    with pytest.raises(InvalidSchema, match="Line 2, column"):
        read_second_line(line, ",")


@pytest.mark.parametrize("edm_type", [EdmType.INT64, EdmType.DOUBLE, EdmType.BOOLEAN, EdmType.DATETIME])
@pytest.mark.parametrize(
    "text",
    [
        "1" * SIZE,
        "1" * SIZE + "x",
        "1" * SIZE + ".",
        "." + "1" * SIZE + "x",
        "1e" + "1" * SIZE,
        "+" * SIZE,
        "1" + " " * SIZE + "x",
        "2020-01-01T00:00:00." + "0" * SIZE + "x",
        "2020-01-01" + " " * SIZE + "x",
        "0x" + "f" * SIZE,
    ],
)
def test_a_hostile_value_is_a_bad_one(edm_type: EdmType, text: str) -> None:
    column = read_column(pa.array(["", text], pa.string()), edm_type)

    assert [offence.rows.tolist() for offence in column.offences] == [[1]]


def test_blank_lines_before_the_header_are_passed_over() -> None:
    upload = io.BytesIO(b"\n" * SIZE + b"header\n")

    assert RowBlocks(upload.read, ",").read_line() == "header"
