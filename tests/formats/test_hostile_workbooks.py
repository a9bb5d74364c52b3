"""Workbooks that are made to hurt: they end the process that reads them, or are refused, and nothing else happens."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace

import pytest

from geostead.errors import LimitReached, LoadError, UnreadableUpload
from tests.formats.ordinary_files import LIMITS, proposed
from tests.workbooks import packed, sheet_xml, workbook

SHEET = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{}</sheetData></worksheet>'
)
LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {n} "{f"&{m};" * 10}">' for m, n in zip("abcdefghi", "bcdefghij", strict=True))
    + "]>"
)


def far_cell() -> bytes:
    cells = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    return packed({"a": SHEET.format(cells)})


def laughing() -> bytes:
    rows = [["id", "&j;"], ["1", "2"]]
    return packed({"a": LAUGHS + sheet_xml(rows).replace("&amp;", "&")})


def bomb() -> bytes:
    made = io.BytesIO(workbook({"a": [["id"], ["1"]]}))
    with zipfile.ZipFile(made, "a", zipfile.ZIP_DEFLATED) as archive, archive.open("xl/sharedStrings.xml", "w") as part:
        for _ in range(300):
            part.write(b" " * 2**20)
    return made.getvalue()


@pytest.mark.parametrize("make", [far_cell, laughing], ids=["a cell at the end of the world", "a billion laughs"])
def test_a_workbook_that_unfolds_is_refused(make: object) -> None:
    assert callable(make)
    try:
        reading = proposed(make(), "a.xlsx")
    except LoadError:
        return
    assert all(len(column.source) < 200 for column in reading.columns)


def test_a_workbook_that_unpacks_to_more_than_the_account_may_have_is_refused() -> None:
    with pytest.raises(LimitReached, match="uncompressed upload bytes"):
        proposed(bomb(), "a.xlsx", replace(LIMITS, upload_bytes=100 * 2**20))


@pytest.mark.parametrize("cut", [100, 600, -30])
def test_a_damaged_workbook_is_refused(cut: int) -> None:
    content = workbook({"a": [["id", "lat", "lon"], ["1", 2.0, 3.0]]})[:cut]
    with pytest.raises(UnreadableUpload):
        proposed(content, "a.xlsx")


def test_a_workbook_with_wide_and_long_cells_is_bounded() -> None:
    with pytest.raises(UnreadableUpload, match="columns is 16,384"):
        proposed(
            packed({"a": SHEET.format('<row r="1"><c r="A1"><v>1</v></c><c r="XFD1"><v>1</v></c></row>')}), "a.xlsx"
        )
    reading = proposed(workbook({"a": [["id", "long", "lat"], ["1", "x" * 100_000, 1.0]]}), "a.xlsx")
    assert [column.use for column in reading.columns][1] == "omit"
