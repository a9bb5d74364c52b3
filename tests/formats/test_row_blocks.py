from __future__ import annotations

import csv
import io

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from geostead.errors import UnreadableUpload
from geostead.formats.delimited.quoting import count_lines, find_quoted, row_ends
from geostead.formats.delimited.row_blocks import RowBlock, RowBlocks, cut_block
from geostead.formats.delimited.row_cells import read_rows

scraps = st.sampled_from(['"', '""', ",", "\n", "\r\n", "\r", "a", "b c", " ", "é"])
texts = st.lists(scraps, max_size=60).map("".join)


def blocks_of(data: bytes, *, block_bytes: int = 8, max_row_bytes: int = 10**6, piece: int = 5) -> list[RowBlock]:
    source = io.BytesIO(data)
    blocks = RowBlocks(
        lambda size: source.read(min(size, piece)), ",", block_bytes=block_bytes, max_row_bytes=max_row_bytes
    )
    return list(blocks)


def rows_of(data: bytes) -> list[tuple[int, list[str | None]]]:
    return list(read_rows(io.StringIO(data.decode(), newline=""), ","))


@given(texts, st.integers(1, 30), st.integers(1, 9))
@example('a,"b\n"\n"', 1, 1)
@settings(deadline=None, max_examples=500)
def test_blocks_hold_the_same_rows_on_the_same_lines_as_the_whole_text(text: str, block_bytes: int, piece: int) -> None:
    data = text.encode()
    found, line = [], 0
    for block in blocks_of(data, block_bytes=block_bytes, piece=piece):
        found += [(line + start, cells) for start, cells in rows_of(block.data)]
        line += block.lines

    assert found == rows_of(data)


@given(texts, st.integers(1, 5))
@settings(deadline=None, max_examples=300)
def test_a_block_that_is_cut_holds_the_same_rows_and_no_part_has_too_many(text: str, max_rows: int) -> None:
    for block in blocks_of(text.encode(), block_bytes=40):
        parts = list(cut_block(block, max_rows, ","))
        assert [row for part in parts for _, row in rows_of(part.data)] == [row for _, row in rows_of(block.data)]
        assert all(len(rows_of(part.data)) <= max_rows for part in parts)
        assert [part.fault for part in parts if part.fault] == ([block.fault] if block.fault else [])


@given(texts)
@settings(deadline=None, max_examples=300)
def test_blocks_put_together_are_the_text(text: str) -> None:
    assert b"".join(block.data for block in blocks_of(text.encode())) == text.encode()


@given(texts)
@settings(deadline=None, max_examples=300)
def test_physical_lines_are_counted(text: str) -> None:
    assert count_lines(text.encode()) == len(io.StringIO(text + "x", newline="").readlines()) - 1
    assert sum(block.lines for block in blocks_of(text.encode())) == len(io.StringIO(text, newline="").readlines())


@given(texts)
@settings(deadline=None, max_examples=300)
def test_an_unclosed_quote_at_the_end_is_a_fault_and_nothing_else_is(text: str) -> None:
    blocks = blocks_of(text.encode())
    in_strict_mode_the_end_is_unexpected = False
    try:
        # The csv module tells of an open quote only in strict mode, which also refuses text after a closing quote.
        list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        in_strict_mode_the_end_is_unexpected = "unexpected end of data" in str(error)

    if in_strict_mode_the_end_is_unexpected:
        assert blocks[-1].fault == 'a closing quote (")'
        assert len(rows_of(blocks[-1].data)) <= 1
    assert not any(block.fault for block in blocks[:-1])


@pytest.mark.parametrize(
    ("text", "stretches"),
    [
        ('"a",b', [(0, 2)]),
        ('a"b"c,d', []),
        ('a,"b""c",d', [(2, 4), (5, 7)]),
        ('a"b,"c\nd",e', [(4, 8)]),
        ('"a"b"c,"d"', [(0, 2), (7, 9)]),
        ("plain", []),
    ],
)
def test_a_quote_opens_only_at_the_start_of_a_cell(text: str, stretches: list[tuple[int, int]]) -> None:
    quoted = find_quoted(text.encode(), ord(","))

    assert list(zip(quoted.starts.tolist(), quoted.ends.tolist(), strict=True)) == stretches


def test_a_row_ends_at_any_kind_of_line_end_outside_quotes() -> None:
    assert row_ends(b'a\nb\r\nc\rd"\n",\n"\n\r', ord(",")).tolist() == [2, 5, 7, 10, 15]


@pytest.mark.parametrize(
    "long_row",
    [
        b"1," + b"x" * 200 + b",2\n",
        b'1,"' + b"x,\n" * 70 + b'",2\n',
        b'1,"' + b'""' * 100 + b'",2\r\n',
        b'1,"' + b"x" * 61 + b'""\n' + b"x" * 99 + b'"\n',
        b'1,"' + b"x" * 120 + b'"junk' + b"y" * 90 + b"\r",
    ],
)
@pytest.mark.parametrize("block_bytes", [16, 17, 18, 19, 20, 21, 22, 23])
def test_a_row_that_is_too_long_is_dropped_and_reading_goes_on(long_row: bytes, block_bytes: int) -> None:
    data = b"a,b,c\n" + long_row + b"d,e,f\ng,h,i\n"

    blocks = blocks_of(data, block_bytes=block_bytes, max_row_bytes=100)

    faults = [block for block in blocks if block.fault]
    assert len(faults) == 1
    assert faults[0].lines == count_lines(long_row)
    assert b"".join(block.data for block in blocks if not block.fault) == b"a,b,c\nd,e,f\ng,h,i\n"


def test_a_quote_that_is_never_closed_takes_no_more_memory_than_a_long_row() -> None:
    blocks = blocks_of(b'a,b\n1,"' + b"x,y\n" * 10_000, block_bytes=64, max_row_bytes=256, piece=64)

    assert [block.data[:7] for block in blocks] == [b"a,b\n", b'1,"x,y\n']
    assert len(blocks[1].data) <= 4096
    assert "perhaps a quote is opened and never closed" in blocks[1].fault
    assert blocks[1].lines == 10_000


def test_header_lines_are_read_before_rows_and_blank_lines_are_skipped() -> None:
    source = io.BytesIO(b"\r\n \nfirst\rsecond\r\n\r\n1,2\n")
    blocks = RowBlocks(source.read, ",")

    assert [blocks.read_line(), blocks.read_line(), blocks.lines] == ["first", "second", 4]
    assert [block.data for block in blocks] == [b"\r\n1,2\n"]


def test_a_header_that_is_not_utf_8_is_refused_with_its_line() -> None:
    with pytest.raises(UnreadableUpload, match="Line 1 is not in UTF-8"):
        RowBlocks(io.BytesIO(b"Caf\xe9\n").read, ",").read_line()


def test_a_header_without_end_is_refused() -> None:
    with pytest.raises(UnreadableUpload, match="Line 1 is longer than"):
        RowBlocks(io.BytesIO(b"x" * 2**22).read, ",").read_line()


def test_there_is_no_line_after_the_last() -> None:
    assert RowBlocks(io.BytesIO(b" \n").read, ",").read_line() is None
