"""About a megabyte of each text that would keep careless code busy for hours: coming back at all is the test."""

from __future__ import annotations

import pytest

from geostead.errors import InvalidSchema
from geostead.formats.schema_line import read_second_line

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
