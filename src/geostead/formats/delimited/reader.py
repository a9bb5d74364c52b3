"""Reads ``csv``, ``tab`` and ``pipe`` (data-formats.md, section 2)."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from geostead.ahead import THREADS, map_ahead
from geostead.errors import InvalidSchema
from geostead.formats.archive import open_data_file
from geostead.formats.base import EntityBatch, OpenUpload
from geostead.formats.delimited.row_blocks import RowBlock, RowBlocks, cut_block
from geostead.formats.delimited.row_cells import Layout, read_rows, split_rows
from geostead.formats.delimited.schema_line import read_first_line, read_second_line
from geostead.formats.rows.entity_batches import RawRows, make_batch
from geostead.model.entity_type import DELETE_ENTITY, EntityType
from geostead.model.limits import Limits

BATCH_ROWS = 50_000
MAX_CELLS = 2_000_000
"""Cells that are made of one block at most: some 50 MB where a row has one of hundreds."""


class DelimitedReader:
    """One upload of delimited text."""

    def __init__(self, open_upload: OpenUpload, limits: Limits, delimiter: str) -> None:
        """Read the two header lines. Raises LoadError where they are not what they should be."""
        self._open_upload = open_upload
        self._limits = limits
        self._delimiter = delimiter
        with self._open_blocks() as blocks:
            self.entity_type, self._layout = _read_header(blocks, delimiter)

    def batches(self) -> Iterator[EntityBatch]:
        """Read the rows once, from first to last, at most 50,000 at a time."""
        first_row = 0
        with self._open_rows() as blocks, ThreadPoolExecutor(THREADS, "rows") as threads:
            for batch in map_ahead(threads, self._read_block, self._narrow(blocks)):
                yield batch.moved(first_row)
                first_row += batch.row_count

    def _narrow(self, blocks: Iterable[RowBlock]) -> Iterator[RowBlock]:
        """Cut blocks of very short rows: padding and faults take many more bytes than they have."""
        max_rows = max(1, min(BATCH_ROWS, MAX_CELLS // self._layout.width))
        for block in blocks:
            yield from cut_block(block, max_rows, self._delimiter)

    def _read_block(self, block: RowBlock) -> EntityBatch:
        """Split and check a block; its rows are counted from 0."""
        split = split_rows(block, self._layout)
        texts = dict(zip(self._layout.names, split.columns, strict=False))
        return make_batch(self.entity_type, RawRows(0, texts, split.faults), self._limits.points_per_shape)

    def locate(self, rows: Iterable[int]) -> dict[int, str]:
        """Say on which line rows begin: "line 17". Reads as far as the last of them."""
        wanted = set(rows)
        found: dict[int, str] = {}
        if not wanted:
            return found
        last = max(wanted)
        with self._open_rows() as blocks:
            for row, line in enumerate(row_lines(blocks, self._delimiter)):
                if row in wanted:
                    found[row] = f"line {line}"
                if row >= last:
                    break
        return found

    @contextmanager
    def _open_blocks(self) -> Iterator[RowBlocks]:
        with open_data_file(self._open_upload, self._limits.upload_bytes) as data:
            yield RowBlocks(data.read, self._delimiter)

    @contextmanager
    def _open_rows(self) -> Iterator[RowBlocks]:
        with self._open_blocks() as blocks:
            blocks.read_line()
            blocks.read_line()
            yield blocks


def _read_header(blocks: RowBlocks, delimiter: str) -> tuple[EntityType, Layout]:
    name = read_first_line(blocks.read_line() or "")
    second = blocks.read_line()
    if second is None:
        raise InvalidSchema(
            "Line 2 is missing: expected the properties with their types, like EntityID(Edm.String,primaryKey)"
            f"{delimiter}Name(Edm.String){delimiter}Latitude(Edm.Double){delimiter}Longitude(Edm.Double)"
        )
    declared = read_second_line(second, delimiter)
    properties = [p for p in declared.properties if p.name != DELETE_ENTITY]
    layout = Layout(tuple(p.name for p in declared.properties), declared.surplus, delimiter)
    return EntityType.declare(name, properties, declared.keys), layout


def row_lines(blocks: RowBlocks, delimiter: str) -> Iterator[int]:
    """Return the physical line on which each row begins, from 1."""
    lines_before = blocks.lines
    for block in blocks:
        text = io.StringIO(block.data.decode(errors="replace"), newline="")
        for line, _ in read_rows(text, delimiter):
            yield lines_before + line
        lines_before += block.lines
