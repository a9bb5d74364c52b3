"""Cutting rows into slices of bounded size, so that what is done slice by slice needs bounded memory."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

MAX_BYTES = 2**24
"""How much a slice of more than one row comes to with the types of :mod:`geostead.model.columns`."""
_FIXED_BYTES = 9
"""What a value takes at most beside its own text or geography: eight bytes, or an offset, and whether it is there."""

Sizes = npt.NDArray[np.int64]

Slice = tuple[int, int]
"""The first of some consecutive rows, and the one after the last."""


def cut(rows: pa.RecordBatch, max_rows: int) -> Iterator[Slice]:
    """Cut all rows into slices, in order: each has 1 to ``max_rows`` rows and, if several, at most MAX_BYTES.

    Rows are looked at only as slices are taken, and of texts and geographies only how long they are.
    """
    columns = [_Lengths(column) for column in rows.columns if not pa.types.is_primitive(column.type)]
    start = 0
    while start < rows.num_rows:
        looked_at = min(max_rows, rows.num_rows - start)
        sizes = np.full(looked_at, _FIXED_BYTES * rows.num_columns, dtype=np.int64)
        for column in columns:
            sizes += column.between(start, looked_at)
        stop = start + max(1, int(np.searchsorted(sizes.cumsum(), MAX_BYTES, side="right")))
        yield start, stop
        start = stop


class _Lengths:
    """How many bytes the texts or geographies of a column have."""

    def __init__(self, column: pa.Array) -> None:
        self._column = column
        is_encoded = pa.types.is_dictionary(column.type)
        self._of_dictionary = _lengths(column.dictionary) if is_encoded else None

    def between(self, start: int, count: int) -> Sizes:
        part = self._column.slice(start, count)
        return _lengths(part) if self._of_dictionary is None else self._of_dictionary[part.indices.to_numpy()]


def _lengths(column: pa.Array) -> Sizes:
    lengths: Sizes = pc.binary_length(column).fill_null(0).to_numpy()
    return lengths
