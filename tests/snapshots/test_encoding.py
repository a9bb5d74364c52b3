"""Values are the same wherever in a column they lie."""

import mmap

import numpy as np
import pyarrow as pa

from geostead.model.entity_type import EdmType
from geostead.snapshots.encoding import plain


def test_values_that_lie_beyond_the_reach_of_short_offsets_are_read_like_others() -> None:
    with mmap.mmap(-1, 2**31 + 4096) as room:  # of which nothing but the touched pages takes memory
        room[2**31 : 2**31 + 5] = b"Aalen"
        offsets = np.array([0, 2**31, 2**31 + 5], dtype=np.int64)
        column = pa.LargeStringArray.from_buffers(2, pa.py_buffer(offsets), pa.py_buffer(room))
        values = plain(column.slice(1), EdmType.STRING)
        assert (values.type, values.to_pylist()) == (pa.string(), ["Aalen"])
        del column
