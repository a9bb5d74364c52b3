"""Cuts batches of entities to a size at which their text fits in memory, and in one Arrow column, easily."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pyarrow as pa

PART_BYTES = 2**24
PART_CELLS = 250_000


def parts_of(
    batches: Iterable[pa.RecordBatch], *, max_bytes: int = PART_BYTES, max_cells: int = PART_CELLS
) -> Iterator[pa.RecordBatch]:
    """Return the same rows in batches of at most so many bytes and cells, none empty; a single row may have more."""
    for batch in batches:
        yield from _halved(batch, max_bytes, max_cells)


def _halved(batch: pa.RecordBatch, max_bytes: int, max_cells: int) -> Iterator[pa.RecordBatch]:
    is_large = batch.nbytes > max_bytes or batch.num_rows * batch.num_columns > max_cells
    if batch.num_rows > 1 and is_large:
        half = batch.num_rows // 2
        yield from _halved(batch.slice(0, half), max_bytes, max_cells)
        yield from _halved(batch.slice(half), max_bytes, max_cells)
    elif batch.num_rows:
        yield batch
