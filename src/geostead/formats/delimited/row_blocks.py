"""Cuts a stream of delimited text into blocks of whole rows, so that each block can be parsed by itself."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from geostead.errors import UnreadableUpload
from geostead.formats.delimited.quoting import count_lines, find_quoted, last_row_end, row_ends

BLOCK_BYTES = 8 * 2**20
MAX_ROW_BYTES = 16 * 2**20
"""Longer rows are bad rows: 350 full strings and a geography of 100,000 points come to about 10 MB."""
_KEPT_OF_LONG_ROW = 4096
_MAX_HEADER_BYTES = 2**20

_LINE = re.compile(rb"([^\r\n]*)(?:\r\n|\n|\r|\Z)")


@dataclass(frozen=True, slots=True)
class RowBlock:
    """Whole rows."""

    data: bytes
    lines: int
    """Physical lines that it took."""
    fault: str = ""
    """What was expected, where this is one row that is not whole, and perhaps cut; '' elsewhere."""


def cut_block(block: RowBlock, max_rows: int, delimiter: str) -> Iterator[RowBlock]:
    """Return the same rows in blocks of at most ``max_rows``; a fault stays with the last one."""
    if block.lines <= max_rows:
        yield block
        return
    start = 0
    for end in row_ends(block.data, ord(delimiter))[max_rows - 1 :: max_rows].tolist():
        if end == len(block.data):
            break
        data = block.data[start:end]
        yield RowBlock(data, count_lines(data))
        start = end
    data = block.data[start:]
    yield RowBlock(data, count_lines(data), block.fault)


class RowBlocks:
    """Delimited text: first read its header lines, then iterate over the blocks of rows."""

    def __init__(
        self,
        read: Callable[[int], bytes],
        delimiter: str,
        *,
        block_bytes: int = BLOCK_BYTES,
        max_row_bytes: int = MAX_ROW_BYTES,
    ) -> None:
        self.lines = 0
        """Physical lines read so far."""
        self._read = read
        self._delimiter = ord(delimiter)
        self._block_bytes = block_bytes
        self._max_row_bytes = max_row_bytes
        self._rest = b""
        self._at_end = False

    def read_line(self) -> str | None:
        """Read the next line that is not blank, without its end. None at the end of the text."""
        self._fill(2 * _MAX_HEADER_BYTES)
        end, line = 0, b""
        while end < len(self._rest) and not line.strip():
            found = _LINE.match(self._rest, end)
            assert found is not None
            self.lines += 1
            if found.end() - end > _MAX_HEADER_BYTES:
                raise UnreadableUpload(f"Line {self.lines} is longer than a line of the schema can be.")
            end, line = found.end(), found[1]
        self._take(end)
        return self._decoded(line) if line.strip() else None

    def _decoded(self, line: bytes) -> str:
        try:
            return line.decode()
        except UnicodeDecodeError as error:
            raise UnreadableUpload(
                f"Line {self.lines} is not in UTF-8. Save the file as UTF-8 (in Excel: 'CSV UTF-8')."
            ) from error

    def __iter__(self) -> Iterator[RowBlock]:
        """Return the rows, block by block; no block is empty."""
        while (block := self._next_block()) is not None:
            self.lines += block.lines
            yield block

    def _next_block(self) -> RowBlock | None:
        wanted = self._block_bytes
        while True:
            self._fill(wanted)
            if not self._rest:
                return None
            if self._at_end:
                return self._last_block()
            end = last_row_end(self._rest, self._delimiter)
            if end:
                data = self._take(end)
                return RowBlock(data, count_lines(data))
            if len(self._rest) >= self._max_row_bytes:
                return self._skip_row()
            wanted = min(2 * len(self._rest), self._max_row_bytes)

    def _fill(self, size: int) -> None:
        parts, length = [self._rest], len(self._rest)
        while length < size and not self._at_end:
            part = self._read(size - length)
            self._at_end = not part
            parts.append(part)
            length += len(part)
        self._rest = b"".join(parts)

    def _take(self, end: int) -> bytes:
        data, self._rest = self._rest[:end], self._rest[end:]
        return data

    def _last_block(self) -> RowBlock:
        is_open = b'"' in self._rest and find_quoted(self._rest, self._delimiter).is_open
        start_of_open_row = last_row_end(self._rest, self._delimiter) if is_open else 0
        if start_of_open_row:
            data = self._take(start_of_open_row)
            return RowBlock(data, count_lines(data))
        data = self._take(len(self._rest))
        lines = count_lines(data) + (not data.endswith((b"\n", b"\r")))
        return RowBlock(data, lines, 'a closing quote (")' if is_open else "")

    def _skip_row(self) -> RowBlock:
        """Drop a row that is too long, without ever holding the whole of it."""
        kept = self._rest[:_KEPT_OF_LONG_ROW]
        lines = 0
        while not len(ends := row_ends(self._rest, self._delimiter)) and not self._at_end:
            last = self._rest[-1:]
            lines += count_lines(self._rest) - count_lines(last)
            self._rest = self._state_before_last() + last
            self._fill(self._block_bytes)
        lines += count_lines(self._take(int(ends[0]) if len(ends) else len(self._rest)))
        megabytes = self._max_row_bytes / 2**20
        return RowBlock(kept, lines, f"a row of at most {megabytes:g} MB (perhaps a quote is opened and never closed)")

    def _state_before_last(self) -> bytes:
        """Return a short text that leaves a reader where all but the last byte of the rest leave it."""
        skipped = self._rest[:-1]
        quoted = find_quoted(skipped, self._delimiter)
        if quoted.is_open:
            return b'"'
        is_just_closed = len(quoted.ends) > 0 and quoted.ends[-1] == len(skipped) - 1
        return b'""' if is_just_closed else b"x"
