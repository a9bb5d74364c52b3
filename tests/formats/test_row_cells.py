from __future__ import annotations

import io

import pyarrow as pa
from hypothesis import example, given, settings
from hypothesis import strategies as st

from geostead.formats.delimited.quoting import find_quoted
from geostead.formats.delimited.row_blocks import RowBlock
from geostead.formats.delimited.row_cells import Layout, RowCells, read_rows, split_rows
from geostead.formats.rows.entity_batches import Fault

COLUMNS = Layout(("A", "B", "C"), 0, ",")

scraps = st.sampled_from(['"', '""', ",", ",", "\n", "\r\n", "\r", "a", "b c", " ", "\t", "é", "\0", "\ufeff", "1"])
untidy_texts = st.lists(scraps, max_size=60).map("".join)
cells = st.text(st.sampled_from('ab "\n\r,|\té'), max_size=4)


def quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"'


tidy_rows = st.lists(cells.map(quoted), min_size=1, max_size=5).map(",".join)
tidy_texts = st.lists(tidy_rows, max_size=10).map("\n".join)


def split(data: bytes | str, layout: Layout = COLUMNS, fault: str = "") -> RowCells:
    return split_rows(RowBlock(data.encode() if isinstance(data, str) else data, 0, fault), layout)


def rows_of(split_cells: RowCells) -> list[tuple[str | None, ...]]:
    return list(zip(*(column.to_pylist() for column in split_cells.columns), strict=True))


@given(untidy_texts | tidy_texts)
@example("a,b\n\n1,2,3,4\n \n5,6,7")
@settings(deadline=None, max_examples=800)
def test_pyarrow_and_the_csv_module_split_every_text_alike(text: str) -> None:
    if find_quoted(text.encode(), ord(",")).is_open:
        text += '"'  # a last row without its closing quote is at fault, however it is split
    plain = [row for _, row in read_rows(io.StringIO(text, newline=""), ",")]

    found = split(text or "\n")

    assert rows_of(found) == [tuple([*row, None, None, None][:3]) for row in plain]
    assert sorted(found.faults) == [number for number, row in enumerate(plain) if len(row) > 3]


@given(untidy_texts)
@settings(deadline=None, max_examples=300)
def test_a_block_that_is_not_utf_8_is_split_like_one_that_is(text: str) -> None:
    good, bad = split((text + "\nx,y,z").encode()), split((text + "\nx,y,\udcff").encode(errors="surrogateescape"))

    assert rows_of(bad)[:-1] == rows_of(good)[:-1]
    assert [column.type for column in bad.columns] == [pa.string()] * 3


def test_short_rows_are_padded_in_their_places() -> None:
    assert rows_of(split("1,2,3\na\n4,5,6\nb,c\n7,8,9\n")) == [
        ("1", "2", "3"),
        ("a", None, None),
        ("4", "5", "6"),
        ("b", "c", None),
        ("7", "8", "9"),
    ]


def test_a_long_row_is_at_fault_and_keeps_its_first_cells() -> None:
    found = split("1,2,3\na,b,c,d\n4,5,6\n")

    assert rows_of(found)[1] == ("a", "b", "c")
    assert found.faults == {1: Fault("", "4 cells", "3 cells (a value with a , in it stands in quotes)")}


def test_blank_lines_are_no_rows_but_rows_of_delimiters_are() -> None:
    assert rows_of(split("\n1,2,3\n   \n\r\n\t\n,,\n4,5,6\n\n")) == [
        ("1", "2", "3"),
        (None, None, None),
        ("4", "5", "6"),
    ]


def test_cells_that_are_not_utf_8_are_at_fault_with_their_column() -> None:
    found = split(b"1,Caf\xe9,3\n4,Caf\xc3\xa9,6\n")

    assert rows_of(found) == [("1", None, "3"), ("4", "Café", "6")]
    assert found.faults == {0: Fault("B", "Caf\ufffd", "text in UTF-8 (in Excel, save as 'CSV UTF-8')")}


def test_surplus_columns_may_be_there_and_must_be_empty() -> None:
    layout = Layout(("A", "B"), 2, "|")

    found = split("1|2||\n3|4\n5|6|x|\n7|8|||\n", layout)

    assert [row[:2] for row in rows_of(found)] == [("1", "2"), ("3", "4"), ("5", "6"), ("7", "8")]
    assert sorted(found.faults) == [2, 3]


def test_the_fault_of_a_block_is_the_fault_of_its_row() -> None:
    found = split('4,"5,6\n7,8,9\n', fault="a closing quote")

    assert found.faults == {0: Fault("", "4,5,6\\n7,8,9,", "a closing quote")}


def test_a_blank_row_has_no_fault() -> None:
    found = split('"  \n', fault="a closing quote")

    assert rows_of(found) == []
    assert found.faults == {}
