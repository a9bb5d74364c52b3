"""The columns of an open snapshot: memory-mapped, rows in entity id order.

A string column whose values repeat is kept as a sorted dictionary and codes, so that a code is a rank.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from geostead.errors import SnapshotDamaged
from geostead.model.entity_type import EdmType, EntityType
from geostead.snapshots.encoding import join_chunks, plain, plain_slice
from geostead.snapshots.orderings import Orderings
from geostead.snapshots.slices import cut

Rows = npt.NDArray[np.int64]
Degrees = npt.NDArray[np.float64]

_MAX_MARKS = 1024


class Columns:
    """All properties of all entities of one snapshot."""

    def __init__(self, batch: pa.RecordBatch, entity_type: EntityType) -> None:
        self.entity_type = entity_type
        self._batch = batch
        self._arrays = {name: batch.column(i) for i, name in enumerate(batch.schema.names)}
        self._ids = _Texts(self._arrays[entity_type.key_name])
        # Not with a method of this object: the ring would keep what nobody needs mapped until the collector comes by.
        self.orderings = Orderings(self._arrays.__getitem__)

    @staticmethod
    def open(path: Path, entity_type: EntityType) -> Columns:
        """Map the file at ``path``; nothing is read before it is needed. Raises SnapshotDamaged if it cannot be."""
        try:
            with pa.memory_map(str(path)) as source:
                return Columns(pa.ipc.open_file(source).get_batch(0), entity_type)
        except (pa.ArrowException, KeyError) as error:
            raise SnapshotDamaged(f"{path}: cannot be read as columns.") from error

    def __len__(self) -> int:
        return int(self._batch.num_rows)

    @cached_property
    def _marks(self) -> tuple[int, list[bytes]]:
        """A number of rows, and the ids at each multiple of it.

        Halving begins among these, which is several times as fast; they are few, so that little of the file is read.
        """
        step = 1 + len(self._ids) // _MAX_MARKS
        return step, [self._ids[row] for row in range(0, len(self._ids), step)]

    def stored(self, name: str) -> pa.Array:
        """Return a column as it is kept, dictionary-encoded or not."""
        return self._arrays[name]

    def row_of(self, entity_id: str) -> int | None:
        """Return the row of an entity, or None. Entity ids are compared by code points, which UTF-8 preserves."""
        wanted = entity_id.encode("utf-8", "surrogatepass")
        step, marks = self._marks
        mark = bisect_left(marks, wanted)
        row = bisect_left(self._ids, wanted, max(0, mark - 1) * step, min(mark * step + 1, len(self._ids)))
        return row if row < len(self._ids) and self._ids[row] == wanted else None

    def take(self, names: Sequence[str], rows: Rows) -> pa.RecordBatch:
        """Return some properties of some rows, with the plain types of :mod:`geostead.model.columns`."""
        indices = pa.array(rows)
        arrays = [plain(self._arrays[name].take(indices), self._edm_type_of(name)) for name in names]
        return pa.RecordBatch.from_arrays(arrays, names=list(names))

    def places(self, rows: Rows) -> tuple[Degrees, Degrees]:
        """Return latitudes and longitudes of some rows; where one is missing it is anything."""
        names = self.entity_type.latitude_name, self.entity_type.longitude_name
        latitudes, longitudes = (_numbers(self._arrays[name])[rows] for name in names)
        return latitudes, longitudes

    def batches(self, max_rows: int) -> Iterator[pa.RecordBatch]:
        """Return all properties of all rows, slice by slice as :func:`cut` cuts them, with plain types."""
        return (plain_slice(self._batch, bounds, self.entity_type) for bounds in cut(self._batch, max_rows))

    def followed_by(self, name: str, more: pa.Array) -> pa.Array:
        """Return a column as it is kept, dictionary-encoded or not, with more values after it."""
        return join_chunks([self._arrays[name], more], self._edm_type_of(name))

    def _edm_type_of(self, name: str) -> EdmType:
        found = self.entity_type.find(name)
        assert found is not None
        return found.type


class _Texts(Sequence[bytes]):
    """The UTF-8 values of a string array, read one by one straight from its buffers."""

    def __init__(self, array: pa.Array) -> None:
        _, offsets, data = array.buffers()
        width = np.int64 if pa.types.is_large_string(array.type) else np.int32
        # Of an empty array there may be no offsets at all.
        bounds = np.frombuffer(offsets, dtype=width) if len(array) else np.zeros(1, dtype=width)
        self._offsets = bounds[array.offset : array.offset + len(array) + 1].data
        self._data = memoryview(data) if data is not None else memoryview(b"")
        self._length = len(array)

    def __len__(self) -> int:
        return self._length

    def __getitem__(self, row):  # type: ignore[no-untyped-def]  # only integers occur; bisect calls it
        return bytes(self._data[self._offsets[row] : self._offsets[row + 1]])


def _numbers(column: pa.Array) -> npt.NDArray[np.float64]:
    """Return the values of a double column without copying; where a value is missing it is anything."""
    values: npt.NDArray[np.float64] = np.frombuffer(column.buffers()[1], dtype=np.float64)
    return values[column.offset : column.offset + len(column)]
