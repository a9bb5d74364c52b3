"""Well-known binary from files of others, read with the distrust that they deserve.

Depth without end still ends the process: GEOS reads collections recursively. Read such files in a process of its own.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import shapely

from geostead.geo.wkt import MAX_NESTING, Shapes

_COLLECTION = 7


def read_wkbs(values: Sequence[bytes | None]) -> Shapes:
    """Read geometries in two dimensions: Z, M and SRID are dropped. None where a value is None or cannot be read.

    Curves are not understood, nor collections nested deeper than those of well-known text.
    """
    given: npt.NDArray[np.object_] = np.empty(len(values), dtype=object)
    given[:] = values
    try:
        return _read(given)
    except NotImplementedError:  # a curve somewhere
        return np.array([_read_one(value) for value in given], dtype=object)


def _read(given: npt.NDArray[np.object_]) -> Shapes:
    shapes: Shapes = shapely.from_wkb(given, on_invalid="ignore")
    shapes[_too_deep(shapes)] = None
    flat: Shapes = shapely.force_2d(shapes)
    return flat


def _read_one(value: bytes | None) -> object:
    try:
        return _read(np.array([value], dtype=object))[0]
    except NotImplementedError:
        return None


def _too_deep(shapes: Shapes) -> npt.NDArray[np.int64]:
    """Return the rows with collections in collections beyond the limit."""
    rows = np.flatnonzero(shapely.get_type_id(shapes) == _COLLECTION)
    parts = shapes[rows]
    for _ in range(MAX_NESTING):
        parts, owners = shapely.get_parts(parts, return_index=True)
        is_collection = shapely.get_type_id(parts) == _COLLECTION
        parts, rows = parts[is_collection], rows[owners[is_collection]]
    return np.unique(rows)
