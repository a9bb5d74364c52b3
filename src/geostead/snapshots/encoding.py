"""The form in which columns are kept.

A string column whose values repeat is kept as a sorted dictionary and codes. The form is a function of the values
alone, however they came together, so that equal versions have equal files.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from geostead.model.columns import ARROW_TYPES
from geostead.model.entity_type import EdmType, EntityType, Property
from geostead.snapshots.slices import Slice

_SAMPLE_ROWS = 4096
_MAX_DISTINCT_SHARE = 0.4
_MAX_32_BIT_BYTES = 2**31 - 1
_LARGE = {EdmType.STRING: pa.large_string(), EdmType.GEOGRAPHY: pa.large_binary()}
"""Types with 64-bit offsets."""


def as_stored(column: pa.Array, declared: Property, *, is_key: bool) -> pa.Array:
    """Return a column as it is kept. ``column`` may be dictionary-encoded in any way, and have offsets of any width."""
    match declared.type:
        case EdmType.STRING if not is_key:
            return _encode_strings(column)
        case EdmType.STRING | EdmType.GEOGRAPHY:
            return _with_least_offsets(column)
        case _:
            return _without_residue(column)


def plain(column: pa.Array, edm_type: EdmType) -> pa.Array:
    """Return less than 2 GiB of values with the types of :mod:`geostead.model.columns`."""
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    wanted = ARROW_TYPES[edm_type]
    # What lies beyond the reach of short offsets is moved to the front first: the cast looks at where it ends.
    return column if column.type == wanted else pa.concat_arrays([column]).cast(wanted)


def plain_slice(rows: pa.RecordBatch, bounds: Slice, entity_type: EntityType) -> pa.RecordBatch:
    """Return consecutive entities with the types of :mod:`geostead.model.columns`; less than 2 GiB in each column."""
    start, stop = bounds
    part = rows.slice(start, stop - start)
    arrays = [plain(part.column(p.name), p.type) for p in entity_type.properties]
    return pa.RecordBatch.from_arrays(arrays, names=list(entity_type.names))


def join_chunks(chunks: Sequence[pa.Array], edm_type: EdmType) -> pa.Array:
    """Concatenate a column; strings and geographies of 2 GiB and more get 64-bit offsets.

    If the first chunk is dictionary-encoded, all are.
    """
    if not chunks:
        return pa.array([], ARROW_TYPES[edm_type])
    if edm_type not in (EdmType.STRING, EdmType.GEOGRAPHY):
        return pa.concat_arrays(chunks)
    is_large = sum(c.nbytes for c in chunks) > _MAX_32_BIT_BYTES
    wanted = _LARGE[edm_type] if is_large else ARROW_TYPES[edm_type]
    if pa.types.is_dictionary(chunks[0].type):
        return pa.concat_arrays([_with_dictionary(chunk, wanted) for chunk in chunks])
    return pa.concat_arrays([chunk.cast(wanted) for chunk in chunks])


def _encode_strings(column: pa.Array) -> pa.Array:
    """Return a string column with a sorted dictionary if its values repeat, else plain."""
    step = max(1, len(column) // _SAMPLE_ROWS)
    sample = _decoded(column.take(pa.array(np.arange(0, len(column), step))))
    if pc.count_distinct(sample).as_py() > _MAX_DISTINCT_SHARE * len(sample):
        return _with_least_offsets(_decoded(column))
    encoded = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
    codes = encoded.indices.to_numpy()
    used = np.flatnonzero(np.bincount(codes, minlength=len(encoded.dictionary)))
    if len(used) > _MAX_DISTINCT_SHARE * len(column):
        return _with_least_offsets(_decoded(column))
    order = used[pc.sort_indices(encoded.dictionary.take(pa.array(used))).to_numpy()]
    ranks = np.zeros(len(encoded.dictionary), dtype=np.int32)
    ranks[order] = np.arange(len(order), dtype=np.int32)
    dictionary = _with_least_offsets(encoded.dictionary.take(pa.array(order)))
    return pa.DictionaryArray.from_arrays(pa.array(ranks[codes]), dictionary)


def _without_residue(column: pa.Array) -> pa.Array:
    """Return a column in which no bytes are left where a value is missing."""
    if not column.null_count:
        return column
    is_missing = column.is_null().to_numpy(zero_copy_only=False)
    nothing = pa.scalar(False if pa.types.is_boolean(column.type) else 0, column.type)
    return pa.array(column.fill_null(nothing).to_numpy(zero_copy_only=False), column.type, mask=is_missing)


def _with_least_offsets(column: pa.Array) -> pa.Array:
    """Return strings or geographies with 64-bit offsets if they need them, else with 32-bit offsets."""
    is_large = (pc.sum(pc.binary_length(column)).as_py() or 0) > _MAX_32_BIT_BYTES
    is_text = pa.types.is_string(column.type) or pa.types.is_large_string(column.type)
    edm_type = EdmType.STRING if is_text else EdmType.GEOGRAPHY
    return column.cast(_LARGE[edm_type] if is_large else ARROW_TYPES[edm_type])


def _with_dictionary(column: pa.Array, value_type: pa.DataType) -> pa.Array:
    if not pa.types.is_dictionary(column.type):
        return column.cast(value_type).dictionary_encode()
    return pa.DictionaryArray.from_arrays(column.indices, column.dictionary.cast(value_type))


def _decoded(column: pa.Array) -> pa.Array:
    """Return a string column without dictionary; its offsets have 64 bits if they need them."""
    if not pa.types.is_dictionary(column.type):
        return column
    lengths = pc.binary_length(column.dictionary).to_numpy(zero_copy_only=False)
    is_large = lengths[column.indices.to_numpy()].sum(dtype=np.int64) > _MAX_32_BIT_BYTES
    if is_large:
        column = _with_dictionary(column, pa.large_string())
    return column.dictionary_decode()
