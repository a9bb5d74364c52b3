"""The points of a snapshot: a packed Hilbert R-tree over them and their unit vectors, memory-mapped.

Entities without coordinates are not in it. A coarse count of the points, by cells of one degree, tells beforehand how
much a search may find.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import geoindex_rs.rtree as rtree  # noqa: PLR0402  # the package does not export it in a way that mypy sees
import numpy as np
import numpy.typing as npt

from geostead.geo.box import Rectangle
from geostead.geo.distance import squared_chords, unit_vectors
from geostead.snapshots.files import FileEntry, write_file

Rows = npt.NDArray[np.int64]
Degrees = npt.NDArray[np.float64]

TREE_FILE = "points.rtree"
VECTORS_FILE = "points.vectors"
ROWS_FILE = "points.rows"
CELLS_FILE = "points.cells"
"""For each corner of the cells the number of points south-west of it: 181 rows of 361. Left out for few points."""

FEW_POINTS = 10_000
"""Up to so many points it does not matter how many of them a search looks at."""

_NO_ROWS: Rows = np.empty(0, dtype=np.int64)


class SpatialIndex:
    """Finds the rows whose points lie in rectangles, and keeps where points lie on the unit sphere."""

    def __init__(
        self,
        vectors: npt.NDArray[np.float64],
        tree: npt.NDArray[np.uint8] | None,
        rows: npt.NDArray[np.int32] | None = None,
        cells: memoryview | None = None,
    ) -> None:
        """``tree`` is None where there are no points; ``rows`` is None where every row is a point."""
        self._vectors = vectors
        self._tree = tree
        self._rows = rows
        self._cells = cells

    @staticmethod
    def open(folder: Path) -> SpatialIndex:
        """Map the files that :func:`write_spatial_index` wrote."""
        vectors = map_array(folder / VECTORS_FILE, np.dtype(np.float64)).reshape(-1, 3)
        return SpatialIndex(
            vectors,
            map_array(folder / TREE_FILE, np.dtype(np.uint8)) if len(vectors) else None,
            map_array(folder / ROWS_FILE, np.dtype(np.int32)) if (folder / ROWS_FILE).exists() else None,
            # A memoryview yields Python integers several times faster than an array does.
            map_array(folder / CELLS_FILE, np.dtype(np.int64)).data if (folder / CELLS_FILE).exists() else None,
        )

    @staticmethod
    def of_points(*, latitudes: Degrees, longitudes: Degrees) -> SpatialIndex:
        """Index points in memory; each has the row that it comes in."""
        tree = np.asarray(_tree(latitudes, longitudes)) if len(latitudes) else None
        return SpatialIndex(unit_vectors(latitudes, longitudes), tree)

    def find(self, rectangles: Sequence[Rectangle]) -> npt.NDArray[np.int64]:
        """Return the positions, in no order, of all points in one or more rectangles (edges included)."""
        if self._tree is None:
            return _NO_ROWS
        found = np.asarray(rtree.search(self._tree, *rectangles[0]))
        if len(rectangles) > 1:
            found = np.concatenate([found, *(rtree.search(self._tree, *more) for more in rectangles[1:])])
        return found.astype(np.int64)

    def count_at_most(self, rectangles: Iterable[Rectangle]) -> int:
        """Return the number of points in all cells that the rectangles touch, in a microsecond."""
        cells, total = self._cells, 0
        if cells is None:
            return len(self._vectors)
        for min_x, min_y, max_x, max_y in rectangles:
            west, east = min(int(min_x + 180), 359), min(int(max_x + 181), 360)
            south, north = min(int(min_y + 90), 179) * 361, min(int(max_y + 91), 180) * 361
            total += cells[north + east] - cells[north + west] - cells[south + east] + cells[south + west]
        return total

    def squared_chords(
        self, positions: npt.NDArray[np.int64], origin: tuple[float, float, float]
    ) -> npt.NDArray[np.float64]:
        """Return the squared straight distances of points from a point on the unit sphere."""
        return squared_chords(self.vectors_at(positions), origin)

    def __len__(self) -> int:
        return len(self._vectors)

    def vectors_at(self, positions: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
        """Return points on the unit sphere, a row each."""
        return self._vectors.take(positions, axis=0)

    def rows_at(self, positions: npt.NDArray[np.int64]) -> Rows:
        """Return the rows of points. Ascending positions have ascending rows."""
        return positions if self._rows is None else self._rows[positions].astype(np.int64)


def write_spatial_index(
    folder: Path, latitudes: Degrees, longitudes: Degrees, located: npt.NDArray[np.bool_]
) -> dict[str, FileEntry]:
    """Write the index of all rows for which ``located`` is true, and describe its files."""
    contents: dict[str, memoryview] = {}
    if not located.all():
        contents[ROWS_FILE] = np.flatnonzero(located).astype(np.int32).data
        latitudes, longitudes = latitudes[located], longitudes[located]
    contents[VECTORS_FILE] = np.ascontiguousarray(unit_vectors(latitudes, longitudes)).data
    if len(latitudes) > FEW_POINTS:
        contents[CELLS_FILE] = _cells(latitudes, longitudes).data
    if len(latitudes):
        contents[TREE_FILE] = _tree(latitudes, longitudes)
    return {name: write_file(folder / name, content) for name, content in contents.items()}


def _tree(latitudes: Degrees, longitudes: Degrees) -> memoryview:
    builder = rtree.RTreeBuilder(len(latitudes))
    builder.add(longitudes, latitudes, longitudes, latitudes)
    return memoryview(builder.finish())


def _cells(latitudes: Degrees, longitudes: Degrees) -> npt.NDArray[np.int64]:
    counts = np.zeros((181, 361), dtype=np.int64)
    rows, columns = ((latitudes + 91).astype(int).clip(max=180), (longitudes + 181).astype(int).clip(max=360))
    np.add.at(counts, (rows, columns), 1)
    sums: npt.NDArray[np.int64] = counts.cumsum(axis=0).cumsum(axis=1)
    return sums


def map_array(path: Path, dtype: np.dtype) -> npt.NDArray:  # type: ignore[type-arg]  # the caller knows the type
    """Map a file of numbers of one type; it may be empty."""
    if path.stat().st_size == 0:
        return np.empty(0, dtype=dtype)
    # A plain array over the mapping: np.memmap costs a microsecond more in every operation.
    return np.asarray(np.memmap(path, dtype=dtype, mode="r"))
