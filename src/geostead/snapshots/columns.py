"""The columns of an open snapshot: memory-mapped, rows in entity id order.

A string column whose values repeat is kept as a sorted dictionary and codes, so that a code is a rank.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from geostead.model.columns import ARROW_TYPES
from geostead.model.entity_type import EdmType, EntityType

Rows = npt.NDArray[np.int64]

_SAMPLE_ROWS = 4096
_MAX_DISTINCT_SHARE = 0.4
_MAX_32_BIT_BYTES = 2**31 - 1


class Columns:
    """All properties of all entities of one snapshot."""

    def __init__(self, batch: pa.RecordBatch, entity_type: EntityType) -> None:
        self.entity_type = entity_type
        self._batch = batch
        self._arrays = {name: batch.column(i) for i, name in enumerate(batch.schema.names)}
        self._ids = _Texts(self._arrays[entity_type.key_name])

    @staticmethod
    def open(path: Path, entity_type: EntityType) -> Columns:
        """Map the file at ``path``; nothing is read until it is needed."""
        with pa.memory_map(str(path)) as source:
            reader = pa.ipc.open_file(source)
            return Columns(reader.get_batch(0), entity_type)

    def __len__(self) -> int:
        return int(self._batch.num_rows)

    def stored(self, name: str) -> pa.Array:
        """Return a column as it is kept, dictionary-encoded or not."""
        return self._arrays[name]

    def row_of(self, entity_id: str) -> int | None:
        """Return the row of an entity, or None. Entity ids are compared by code points, which UTF-8 preserves."""
        wanted = entity_id.encode("utf-8", "surrogatepass")
        row = bisect_left(self._ids, wanted)
        return row if row < len(self._ids) and self._ids[row] == wanted else None

    def take(self, names: Sequence[str], rows: Rows) -> pa.RecordBatch:
        """Return some properties of some rows, with the plain types of :mod:`geostead.model.columns`."""
        indices = pa.array(rows)
        arrays = [_plain(self._arrays[name].take(indices), self._type_of(name)) for name in names]
        return pa.RecordBatch.from_arrays(arrays, names=list(names))

    def slice(self, start: int, length: int) -> pa.RecordBatch:
        """Return all properties of consecutive rows, with plain types."""
        arrays = [_plain(a.slice(start, length), self._type_of(name)) for name, a in self._arrays.items()]
        return pa.RecordBatch.from_arrays(arrays, names=list(self._arrays))

    def _type_of(self, name: str) -> pa.DataType:
        found = self.entity_type.find(name)
        assert found is not None
        return ARROW_TYPES[found.type]


class _Texts(Sequence[bytes]):
    """The UTF-8 values of a string array, read one by one straight from its buffers."""

    def __init__(self, array: pa.Array) -> None:
        _, offsets, data = array.buffers()
        width = np.int64 if pa.types.is_large_string(array.type) else np.int32
        self._offsets = np.frombuffer(offsets, dtype=width)[array.offset : array.offset + len(array) + 1].data
        self._data = memoryview(data) if data is not None else memoryview(b"")
        self._length = len(array)

    def __len__(self) -> int:
        return self._length

    def __getitem__(self, row):  # type: ignore[no-untyped-def]  # only integers occur; bisect calls it
        return bytes(self._data[self._offsets[row] : self._offsets[row + 1]])


def encode_strings(column: pa.Array) -> pa.Array:
    """Return a string column as it is kept: with a sorted dictionary if its values repeat.

    The outcome is a function of the values alone, so that equal versions have equal files.
    """
    step = max(1, len(column) // _SAMPLE_ROWS)
    sample = column.take(pa.array(np.arange(0, len(column), step)))
    if pc.count_distinct(sample).as_py() > _MAX_DISTINCT_SHARE * len(sample):
        return column
    encoded = column.dictionary_encode()
    if len(encoded.dictionary) > _MAX_DISTINCT_SHARE * len(column):
        return column
    order = pc.sort_indices(encoded.dictionary)
    ranks = np.empty(len(order), dtype=np.int32)
    ranks[order.to_numpy()] = np.arange(len(order), dtype=np.int32)
    codes = ranks[encoded.indices.to_numpy()]
    return pa.DictionaryArray.from_arrays(pa.array(codes), encoded.dictionary.take(order))


def without_residue(column: pa.Array) -> pa.Array:
    """Return a column in which no bytes are left where a value is missing, so that equal versions have equal files."""
    if not column.null_count or not pa.types.is_primitive(column.type):
        return column
    is_missing = column.is_null().to_numpy(zero_copy_only=False)
    nothing = pa.scalar(False if pa.types.is_boolean(column.type) else 0, column.type)
    return pa.array(column.fill_null(nothing).to_numpy(zero_copy_only=False), column.type, mask=is_missing)


def join_chunks(chunks: Sequence[pa.Array], edm_type: EdmType) -> pa.Array:
    """Concatenate a column; strings and geographies of 2 GiB and more get 64-bit offsets."""
    if edm_type in (EdmType.STRING, EdmType.GEOGRAPHY) and sum(c.nbytes for c in chunks) > _MAX_32_BIT_BYTES:
        large = pa.large_string() if edm_type is EdmType.STRING else pa.large_binary()
        return pa.concat_arrays([chunk.cast(large) for chunk in chunks])
    return pa.concat_arrays(chunks)


def _plain(array: pa.Array, wanted: pa.DataType) -> pa.Array:
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    return array if array.type == wanted else array.cast(wanted)
