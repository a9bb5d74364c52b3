"""The points of a snapshot: a packed Hilbert R-tree over them and their unit vectors, memory-mapped.

Entities without coordinates are not in it.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import geoindex_rs.rtree as rtree  # noqa: PLR0402  # the package does not export it in a way that mypy sees
import numpy as np
import numpy.typing as npt

from geostead.geo.box import Rectangle
from geostead.geo.distance import unit_vectors

Rows = npt.NDArray[np.int64]
Degrees = npt.NDArray[np.float64]

TREE_FILE = "points.rtree"
VECTORS_FILE = "points.vectors"
ROWS_FILE = "points.rows"

_NO_ROWS: Rows = np.empty(0, dtype=np.int64)


class SpatialIndex:
    """Finds the rows whose points lie in rectangles, and keeps where points lie on the unit sphere."""

    def __init__(
        self, tree: npt.NDArray[np.uint8] | None, vectors: npt.NDArray[np.float64], rows: npt.NDArray[np.int32] | None
    ) -> None:
        self._tree = tree
        self._vectors = vectors
        self._rows = rows

    @staticmethod
    def open(folder: Path) -> SpatialIndex:
        """Map the files that :func:`write_spatial_index` wrote."""
        vectors = _map(folder / VECTORS_FILE, np.dtype(np.float64)).reshape(-1, 3)
        tree = _map(folder / TREE_FILE, np.dtype(np.uint8)) if len(vectors) else None
        rows = _map(folder / ROWS_FILE, np.dtype(np.int32)) if (folder / ROWS_FILE).exists() else None
        return SpatialIndex(tree, vectors, rows)

    def find(self, rectangles: Iterable[Rectangle]) -> npt.NDArray[np.int64]:
        """Return the positions, in no order, of all points in the rectangles (edges included)."""
        if self._tree is None:
            return _NO_ROWS
        found = [np.asarray(rtree.search(self._tree, *rectangle)) for rectangle in rectangles]
        positions = found[0] if len(found) == 1 else np.concatenate(found)
        return positions.astype(np.int64)

    def squared_chords(
        self, positions: npt.NDArray[np.int64], origin: tuple[float, float, float]
    ) -> npt.NDArray[np.float64]:
        """Return the squared straight distances of points from a point on the unit sphere."""
        offsets = self._vectors.take(positions, axis=0)
        offsets -= origin
        chords: npt.NDArray[np.float64] = np.einsum("ij,ij->i", offsets, offsets)
        return chords

    def rows_at(self, positions: npt.NDArray[np.int64]) -> Rows:
        """Return the rows of points. Ascending positions have ascending rows."""
        return positions if self._rows is None else self._rows[positions].astype(np.int64)


def write_spatial_index(
    folder: Path, latitudes: Degrees, longitudes: Degrees, located: npt.NDArray[np.bool_]
) -> list[Path]:
    """Write the index of all rows for which ``located`` is true, and return its files."""
    written = [folder / VECTORS_FILE]
    if not located.all():
        np.flatnonzero(located).astype(np.int32).tofile(folder / ROWS_FILE)
        written.append(folder / ROWS_FILE)
        latitudes, longitudes = latitudes[located], longitudes[located]
    unit_vectors(latitudes, longitudes).tofile(folder / VECTORS_FILE)
    if len(latitudes):
        builder = rtree.RTreeBuilder(len(latitudes))
        builder.add(longitudes, latitudes, longitudes, latitudes)
        (folder / TREE_FILE).write_bytes(memoryview(builder.finish()))
        written.append(folder / TREE_FILE)
    return written


def _map(path: Path, dtype: np.dtype) -> npt.NDArray:  # type: ignore[type-arg]  # the caller knows the type
    if path.stat().st_size == 0:
        return np.empty(0, dtype=dtype)
    # A plain array over the mapping: np.memmap costs a microsecond more in every operation.
    return np.asarray(np.memmap(path, dtype=dtype, mode="r"))
