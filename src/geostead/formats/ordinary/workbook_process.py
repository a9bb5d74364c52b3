"""The process that reads a workbook: whatever an upload does to the library that reads it, it does it only here.

Its standard input is the file; its arguments are the name of the sheet ('' for the first one with a table) and how many
rows to write ('' for all). The head has the names of the sheets that people see
(``sheets``), the one that is read (``sheet``) and its first rows (``first_rows``). The Arrow stream has the number of
each row in the sheet, from 1, and the text of each column under its number. Rows without any value are left out.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import chain, islice
from typing import IO, Any

import pyarrow as pa
import python_calamine

from geostead.formats.gis.reader_process import end_process, limit_process, write_head
from geostead.model.table_reading import MAX_COLUMNS, MAX_HEADER_ROWS

_MAX_MEMORY_BYTES = 2**30
"""The library holds a sheet whole."""
_FIRST_ROWS = MAX_HEADER_ROWS + 1
_SHOWN_CHARACTERS = 100
_BATCH_CELLS = 500_000
_LARGEST_INTEGER = 2.0**53

_Row = tuple[int, list[str | None]]


def main() -> None:
    """Read standard input, write standard output."""
    limit_process(_MAX_MEMORY_BYTES)
    out = sys.stdout.buffer
    sheet_name, max_rows = sys.argv[1:]
    try:
        sheets, sheet = _open(sys.stdin.buffer, sheet_name)
    except (python_calamine.CalamineError, ValueError, OSError) as error:
        write_head(
            out, {"error": f"The workbook cannot be read: it is damaged, or has a password ({str(error)[:200]})."}
        )
        return end_process(out)
    rows = _rows(sheet) if sheet is not None else iter(())
    first = list(islice(rows, _FIRST_ROWS))
    width = max((len(cells) for _, cells in first), default=0)
    if width > MAX_COLUMNS:
        reason = f"Limit exceeded: columns is {width:,}; the maximum is {MAX_COLUMNS:,}."
        write_head(out, {"error": reason})
        return end_process(out)
    shown = [[None if cell is None else cell[:_SHOWN_CHARACTERS] for cell in cells] for _, cells in first]
    write_head(out, {"sheets": sheets, "sheet": "" if sheet is None else sheet.name, "first_rows": shown})
    _write(out, islice(chain(first, rows), int(max_rows) if max_rows else None), width)
    return end_process(out)


def _open(file: IO[bytes], name: str) -> tuple[list[str], python_calamine.CalamineSheet | None]:
    """Return the names of the visible sheets, and the one that is asked for, else the first with a table.

    That has rows below a header, unless none has.
    """
    book = python_calamine.CalamineWorkbook.from_filelike(file)
    visible = [
        found.name
        for found in book.sheets_metadata
        if found.typ is python_calamine.SheetTypeEnum.WorkSheet
        and found.visible is python_calamine.SheetVisibleEnum.Visible
    ]
    if name in visible:
        return visible, book.get_sheet_by_name(name)
    for least_rows in (2, 1):
        for found in visible:
            sheet = book.get_sheet_by_name(found)
            if len(list(islice(_rows(sheet), least_rows))) == least_rows:
                return visible, sheet
    return visible, None


def _rows(sheet: python_calamine.CalamineSheet) -> Iterator[_Row]:
    for number, cells in enumerate(sheet.iter_rows(), 1):
        texts = [_text(cell) for cell in cells]
        if any(texts):
            yield number, texts


def _write(out: IO[bytes], rows: Iterator[_Row], width: int) -> None:
    schema = pa.schema([("row", pa.int64()), *((str(column), pa.string()) for column in range(width))])
    batch_rows = max(1, _BATCH_CELLS // max(1, width))
    with pa.ipc.new_stream(out, schema) as stream:
        while part := list(islice(rows, batch_rows)):
            numbers = [number for number, _ in part]
            columns = zip(*(cells for _, cells in part), strict=True)
            stream.write_batch(
                pa.RecordBatch.from_arrays(
                    [pa.array(numbers, pa.int64()), *(pa.array(column, pa.string()) for column in columns)],
                    schema=schema,
                )
            )


def _text(value: Any) -> str | None:
    """Write a cell as other formats have it; None if it is empty."""
    match value:
        case bool():
            return "true" if value else "false"
        case float():
            return str(int(value)) if value.is_integer() and abs(value) < _LARGEST_INTEGER else repr(value)
        case datetime():
            return value.date().isoformat() if value.time() == time() else value.isoformat()
        case date() | time():
            return value.isoformat()
        case timedelta():
            return str(value)
        case _:
            return str(value) or None


if __name__ == "__main__":
    main()
