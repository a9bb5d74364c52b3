"""Splits a block of delimited rows into columns of text.

pyarrow splits; Python's ``csv`` module takes what pyarrow does not: rows with a wrong number of cells, and blocks that
are not UTF-8 throughout. The two agree on what quotes mean (tests/formats/test_row_cells.py compares them).
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.csv

from geostead.formats.delimited.row_blocks import MAX_ROW_BYTES, RowBlock
from geostead.formats.rows.entity_batches import Fault
from geostead.formats.rows.text_columns import shown

_BOM = b"\xef\xbb\xbf"
_NOT_UTF8 = re.compile("[\ud800-\udfff]")

Cells = list[str | None]
"""The cells of one row; None where a cell is empty."""


@dataclass(frozen=True, slots=True)
class Layout:
    """What a row should look like."""

    names: tuple[str, ...]
    """Of the columns."""
    surplus: int
    """Columns after them that should be empty."""
    delimiter: str

    @property
    def width(self) -> int:
        """Number of columns, the empty ones included."""
        return len(self.names) + self.surplus


@dataclass(frozen=True, slots=True)
class RowCells:
    """Rows, split."""

    columns: list[pa.StringArray]
    """One for each column of the layout; null where a cell is empty or missing."""
    faults: dict[int, Fault]
    """Rows that have no good cells."""


def split_rows(block: RowBlock, layout: Layout) -> RowCells:
    """Split a block into columns. Short rows are padded; long ones and what is not UTF-8 is at fault."""
    split = _split_fast(block.data, layout) if _is_utf8(block.data) else _split_slowly(block.data, layout)
    for column in split.columns[len(layout.names) :]:
        for row in np.flatnonzero(column.is_valid().to_numpy(zero_copy_only=False)).tolist():
            split.faults.setdefault(row, _too_many_cells(layout.width, layout))
    if block.fault and len(split.columns[0]):
        cells = [column[0].as_py() or "" for column in split.columns]
        split.faults[0] = Fault("", shown(layout.delimiter.join(cells)), block.fault)
    return split


def read_rows(lines: Iterable[str], delimiter: str) -> Iterator[tuple[int, Cells]]:
    """Split rows with the ``csv`` module; return each with the line it begins on, from 1. Blank rows are left out."""
    _allow_long_cells()
    reader = csv.reader(lines, delimiter=delimiter)
    start = 1
    for cells in reader:
        if not _is_blank(cells):
            yield start, [cell or None for cell in cells]
        start = reader.line_num + 1


def _allow_long_cells() -> None:
    """Raise the limit of the ``csv`` module, which has one for all readers, above what a row may have."""
    csv.field_size_limit(2 * MAX_ROW_BYTES)


def _is_blank(cells: list[str]) -> bool:
    """Tell whether a row is a line without delimiters and with nothing but white space."""
    return not cells or (len(cells) == 1 and not cells[0].strip())


def _is_utf8(data: bytes) -> bool:
    offsets = pa.py_buffer(np.array([0, len(data)], np.int32))
    whole = pa.BinaryArray.from_buffers(pa.binary(), 1, [None, offsets, pa.py_buffer(data)])
    try:
        whole.cast(pa.string())
    except pa.ArrowInvalid:
        return False
    return True


def _split_fast(data: bytes, layout: Layout) -> RowCells:
    invalid: list[pyarrow.csv.InvalidRow] = []

    def collect(row: pyarrow.csv.InvalidRow) -> str:
        invalid.append(row)
        return "skip"

    if data.startswith(_BOM):
        data = b"\n" + data  # pyarrow would drop it; this one is part of a cell
    names = [str(column) for column in range(layout.width)]
    table = pyarrow.csv.read_csv(
        pa.py_buffer(data),
        pyarrow.csv.ReadOptions(use_threads=False, block_size=len(data) + 1, column_names=names),
        pyarrow.csv.ParseOptions(
            delimiter=layout.delimiter, newlines_in_values=True, ignore_empty_lines=True, invalid_row_handler=collect
        ),
        pyarrow.csv.ConvertOptions(
            check_utf8=False, column_types=dict.fromkeys(names, pa.string()), null_values=[""], strings_can_be_null=True
        ),
    )
    columns = [column.combine_chunks() for column in table.columns]
    return _merge(columns, invalid, layout) if invalid else RowCells(columns, {})


def _merge(columns: list[pa.StringArray], invalid: list[pyarrow.csv.InvalidRow], layout: Layout) -> RowCells:
    """Put the rows that pyarrow refused back in their places."""
    good_count = len(columns[0])
    _allow_long_cells()
    rows = list(csv.reader((row.text for row in invalid), delimiter=layout.delimiter))
    refused = _pad([[cell or None for cell in cells] for cells in rows], layout)
    is_refused = np.zeros(good_count + len(invalid), bool)
    is_refused[[row.number - 1 for row in invalid]] = True
    source = np.empty(len(is_refused), np.int64)
    source[~is_refused] = np.arange(good_count)
    source[is_refused] = np.where([_is_blank(cells) for cells in rows], -1, good_count + np.arange(len(rows)))
    order = source[source >= 0]
    merged = [pa.concat_arrays(pair).take(order) for pair in zip(columns, refused.columns, strict=True)]
    places = {row: place for place, row in enumerate(order.tolist()) if row >= good_count}
    return RowCells(merged, {places[good_count + row]: fault for row, fault in refused.faults.items()})


def _split_slowly(data: bytes, layout: Layout) -> RowCells:
    """Split a block that is not UTF-8 throughout; the rows that are not are at fault."""
    lines = io.StringIO(data.decode(errors="surrogateescape"), newline="")
    rows = [cells for _, cells in read_rows(lines, layout.delimiter)]
    faults: dict[int, Fault] = {}
    for number, cells in enumerate(rows):
        for column, cell in enumerate(cells):
            if cell is not None and _NOT_UTF8.search(cell):
                found = shown(_NOT_UTF8.sub("\ufffd", cell))
                name = layout.names[column] if column < len(layout.names) else ""
                faults.setdefault(number, Fault(name, found, "text in UTF-8 (in Excel, save as 'CSV UTF-8')"))
                cells[column] = None
    padded = _pad(rows, layout)
    return RowCells(padded.columns, padded.faults | faults)


def _pad(rows: list[Cells], layout: Layout) -> RowCells:
    """Make columns of rows with any number of cells."""
    width = layout.width
    faults = {number: _too_many_cells(len(cells), layout) for number, cells in enumerate(rows) if len(cells) > width}
    padded = [[*cells[:width], *[None] * (width - len(cells))] for cells in rows]
    cells_by_column = zip(*padded, strict=True) if padded else [()] * width
    return RowCells([pa.array(cells, pa.string()) for cells in cells_by_column], faults)


def _too_many_cells(count: int, layout: Layout) -> Fault:
    delimiter = {"\t": "a tab"}.get(layout.delimiter, f"a {layout.delimiter}")
    expected = f"{len(layout.names)} cells (a value with {delimiter} in it stands in quotes)"
    return Fault("", f"{count} cells", expected)
