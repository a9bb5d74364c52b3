"""The table in a text file, of any usual delimiter and encoding."""

from __future__ import annotations

import codecs
import io
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import islice

from geostead.formats.archive import DataFile, open_data_file
from geostead.formats.base import OpenUpload
from geostead.formats.delimited.reader import BATCH_ROWS, MAX_CELLS, row_lines
from geostead.formats.delimited.row_blocks import BLOCK_BYTES, RowBlock, RowBlocks, cut_block
from geostead.formats.delimited.row_cells import Cells, Layout, read_rows, split_rows
from geostead.formats.ordinary.table import TableBlock, name_columns
from geostead.model.limits import Limits
from geostead.model.table_reading import TableForm

_BOM = "\ufeff"
_UTF8 = "utf-8"


class TextTable:
    """Implements :class:`geostead.formats.ordinary.table.Table`."""

    def __init__(
        self, open_upload: OpenUpload, limits: Limits, form: TableForm, *, block_bytes: int = BLOCK_BYTES
    ) -> None:
        """Read the names of the columns. Raises UnreadableUpload, LimitReached."""
        self._open_upload = open_upload
        self._max_bytes = limits.upload_bytes
        self._form = form
        self._block_bytes = block_bytes
        head = self.first_rows(form.header_rows + 1)
        named = head[min(form.header_rows, len(head)) - 1] if head else []
        self.names = name_columns(named if form.header_rows else [None] * len(named))
        widest = max(map(len, head[form.header_rows :]), default=0)
        self._layout = Layout(self.names, max(0, widest - len(self.names)), form.delimiter)

    def first_rows(self, count: int) -> list[Cells]:
        """Read the cells of the first rows, those of the header included."""
        with self._open_blocks() as blocks:
            for block in blocks:
                return [cells for _, cells in islice(read_rows(_text_of(block), self._form.delimiter), count)]
        return []

    def blocks(self) -> Iterator[TableBlock]:
        """Read the rows once, from first to last."""
        first_row = -self._form.header_rows
        max_rows = max(1, min(BATCH_ROWS, MAX_CELLS // max(1, self._layout.width)))
        with self._open_blocks() as blocks:
            if not self.names:
                return
            for block in (part for whole in blocks for part in cut_block(whole, max_rows, self._form.delimiter)):
                split = split_rows(block, self._layout)
                columns = tuple(split.columns[: len(self.names)])
                made = TableBlock(first_row, columns, split.faults)
                first_row += made.row_count
                if first_row > 0:
                    yield made.cut(max(0, -made.first_row), made.row_count)

    def locate(self, rows: Iterable[int]) -> dict[int, str]:
        """Say on which line rows begin: "line 17". Reads as far as the last of them."""
        wanted = {row + self._form.header_rows: row for row in rows}
        found: dict[int, str] = {}
        with self._open_blocks() as blocks:
            for place, line in enumerate(row_lines(blocks, self._form.delimiter) if wanted else ()):
                if place in wanted:
                    found[wanted[place]] = f"line {line}"
                if len(found) == len(wanted):
                    break
        return found

    @contextmanager
    def _open_blocks(self) -> Iterator[RowBlocks]:
        with open_recoded(self._open_upload, self._max_bytes, self._form.encoding) as read:
            yield RowBlocks(read, self._form.delimiter, block_bytes=self._block_bytes)


@contextmanager
def open_recoded(open_upload: OpenUpload, max_bytes: int, encoding: str) -> Iterator[Callable[[int], bytes]]:
    """Open a text file, unpacked, and yield what reads it as UTF-8, without byte order mark.

    What is no text in its encoding becomes the replacement character; in UTF-8 it stays, for the rows to tell of it.
    """
    with open_data_file(open_upload, max_bytes, is_text=False) as data:
        yield _Plain(data).read if encoding == _UTF8 else _Recoded(data, encoding).read


class _Plain:
    """A file in UTF-8, without byte order mark."""

    def __init__(self, data: DataFile) -> None:
        self._data = data
        self._is_begun = False

    def read(self, size: int) -> bytes:
        part = self._data.read(size)
        if not self._is_begun:
            self._is_begun = True
            rest = part.removeprefix(codecs.BOM_UTF8)
            return rest or self._data.read(size)
        return part


class _Recoded:
    """A file in another encoding."""

    def __init__(self, data: DataFile, encoding: str) -> None:
        self._data = data
        self._decoder = codecs.getincrementaldecoder(encoding)("replace")
        self._is_begun = False

    def read(self, size: int) -> bytes:
        """Read about ``size`` bytes; none at the end only."""
        while True:
            part = self._data.read(size)
            text = self._decoder.decode(part, final=not part)
            if not self._is_begun:
                text = text.removeprefix(_BOM)
                self._is_begun = bool(text)
            if text or not part:
                return text.encode(errors="replace")


def _text_of(block: RowBlock) -> io.StringIO:
    return io.StringIO(block.data.decode(errors="replace"), newline="")
