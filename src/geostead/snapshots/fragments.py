"""The pre-rendered JSON of every entity: kept one after the other, with where each begins."""

from __future__ import annotations

import mmap
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from geostead.snapshots.columns import Rows
from geostead.snapshots.files import FRAGMENTS_FILE, OFFSETS_FILE, FileEntry, create_file, write_file

Lengths = npt.NDArray[np.int64]

Piece = tuple[memoryview, Lengths]
"""The fragments of consecutive rows, one after the other, and how long each is."""


class Fragments:
    """Fragments of consecutive rows, in memory or in a mapped file."""

    def __init__(self, data: memoryview, offsets: memoryview) -> None:
        """``offsets`` are the beginnings within ``data``, and the end of the last: one more than there are rows."""
        self._data = data
        self._offsets = offsets
        self.mean_bytes = len(data) // max(1, len(offsets) - 1)

    @staticmethod
    def open(folder: Path) -> Fragments:
        """Map the files that :func:`write_fragments` wrote."""
        # A memoryview yields Python integers several times faster than an array does.
        return Fragments(_map(folder / FRAGMENTS_FILE), _map(folder / OFFSETS_FILE).cast("q"))

    @staticmethod
    def of_array(rendered: pa.Array) -> Fragments:
        """Look at the values of a binary array without copying them."""
        _, offsets, data = rendered.buffers()
        width = np.int64 if rendered.type in (pa.large_binary(), pa.large_string()) else np.int32
        bounds = np.frombuffer(offsets, dtype=width)[rendered.offset : rendered.offset + len(rendered) + 1]
        return Fragments(memoryview(b"" if data is None else data), bounds.astype(np.int64).data)

    def __len__(self) -> int:
        return len(self._offsets) - 1

    def of(self, rows: Rows) -> list[memoryview]:
        """Return the fragments of some rows."""
        data, offsets = self._data, self._offsets
        return [data[offsets[row] : offsets[row + 1]] for row in rows.tolist()]

    def piece(self, start: int, stop: int) -> Piece:
        """Return the fragments of the rows from ``start`` to before ``stop``, without copying them."""
        return self._data[self._offsets[start] : self._offsets[stop]], self._lengths[start:stop]

    @cached_property
    def _lengths(self) -> Lengths:
        return np.diff(np.asarray(self._offsets))


def write_fragments(folder: Path, pieces: Iterable[Piece]) -> dict[str, FileEntry]:
    """Write fragments and their offsets, and describe both files."""
    lengths: list[Lengths] = [np.zeros(1, dtype=np.int64)]
    with create_file(folder / FRAGMENTS_FILE) as file:
        for data, lengths_of_piece in pieces:
            file.write(data)
            lengths.append(lengths_of_piece)
    offsets = np.concatenate(lengths).cumsum()
    return {FRAGMENTS_FILE: file.describe(), OFFSETS_FILE: write_file(folder / OFFSETS_FILE, offsets.data)}


def _map(path: Path) -> memoryview:
    if path.stat().st_size == 0:  # which cannot be mapped
        return memoryview(b"")
    with path.open("rb") as file:
        return memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
