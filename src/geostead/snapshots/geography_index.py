"""The geographies of a snapshot: a packed Hilbert R-tree over their envelopes, memory-mapped.

A geography across ±180° has an envelope on each side. A snapshot that was written without this index gets it in memory,
when it is first asked for a shape.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import geoindex_rs.rtree as rtree  # noqa: PLR0402  # the package does not export it in a way that mypy sees
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import shapely

from geostead.geo.assembly import simple_parts
from geostead.geo.box import Rectangle
from geostead.geo.split import split
from geostead.geo.wkt import Shapes
from geostead.snapshots.columns import Columns, Rows
from geostead.snapshots.files import FileEntry, write_file
from geostead.snapshots.spatial_index import map_array

TREE_FILE = "geographies.rtree"
ROWS_FILE = "geographies.rows"
"""For each envelope the row that it belongs to. A snapshot of a type with a geography has it, even if it is empty."""

_FIRST_BLOCK_ROWS, _BLOCK_ROWS = 128, 2_048
_BLOCK_BYTES = 2**21


class _Envelopes(NamedTuple):
    """Envelopes with the row of each."""

    tree: npt.NDArray[np.uint8] | None
    """None if there are none."""
    rows: npt.NDArray[np.int32]


class GeographyIndex:
    """Finds the rows whose geographies may lie in rectangles. Threads may share it."""

    def __init__(self, folder: Path, columns: Columns) -> None:
        """Map the files that :func:`write_geography_index` wrote; they may go afterwards."""
        self._column = geography_column(columns)
        self._mapped = None if self._column is None else _map_envelopes(folder)

    def find(self, rectangles: Iterable[Rectangle]) -> Rows:
        """Return the rows, ascending, whose geographies have an envelope that touches one of the rectangles."""
        tree, rows = self._envelopes
        if tree is None:
            return np.empty(0, dtype=np.int64)
        found = [np.asarray(rtree.search(tree, *rectangle)) for rectangle in rectangles]
        return np.unique(rows[np.concatenate(found)]).astype(np.int64) if found else np.empty(0, dtype=np.int64)

    @cached_property
    def _envelopes(self) -> _Envelopes:
        # Two threads may both make it, which costs time and nothing else.
        if self._column is None:
            return _Envelopes(None, np.empty(0, dtype=np.int32))
        return self._mapped or _make_envelopes(self._column)


def _map_envelopes(folder: Path) -> _Envelopes | None:
    """Map the files of the index; None for a snapshot that an earlier program wrote without them."""
    if not (folder / ROWS_FILE).exists():
        return None
    rows = map_array(folder / ROWS_FILE, np.dtype(np.int32))
    return _Envelopes(map_array(folder / TREE_FILE, np.dtype(np.uint8)) if len(rows) else None, rows)


def write_geography_index(folder: Path, column: pa.Array) -> dict[str, FileEntry]:
    """Write the index of a column of geographies, rows in entity id order, and describe its files."""
    tree, rows = _make_envelopes(column)
    contents = {ROWS_FILE: rows.data} | ({} if tree is None else {TREE_FILE: tree.data})
    return {name: write_file(folder / name, content) for name, content in contents.items()}


def geography_column(columns: Columns) -> pa.Array | None:
    """Return the geographies as they are kept, null where an entity has none; None if the type has none."""
    name = columns.entity_type.geography_name
    return None if name is None else columns.stored(name)


def read_shapes(column: pa.Array, rows: Rows) -> Shapes:
    """Return the geographies of some rows, as they were loaded; None where there is none that can be read."""
    shapes: Shapes = shapely.from_wkb(column.take(pa.array(rows)).to_numpy(zero_copy_only=False), on_invalid="ignore")
    return shapes


def blocks_of(column: pa.Array, rows: Rows) -> Iterator[Rows]:
    """Cut rows into blocks that it takes little memory and time to read: what is read keeps other threads waiting.

    The first ones are small, because few may do.
    """
    start, offsets, most = 0, _offsets(column), _FIRST_BLOCK_ROWS
    while start < len(rows):
        ahead = rows[start : start + most]
        sizes = offsets[ahead + 1].astype(np.int64) - offsets[ahead]
        count = max(1, int(np.searchsorted(sizes.cumsum(), _BLOCK_BYTES, side="right")))
        yield ahead[:count]
        start, most = start + count, min(2 * most, _BLOCK_ROWS)


def _offsets(column: pa.Array) -> npt.NDArray[Any]:
    """Return where each value begins, and the end of the last, without looking at the values."""
    width = np.int64 if pa.types.is_large_binary(column.type) else np.int32
    if not len(column):
        return np.zeros(1, dtype=width)
    offsets = np.frombuffer(column.buffers()[1], dtype=width)
    return offsets[column.offset : column.offset + len(column) + 1]


def _make_envelopes(column: pa.Array) -> _Envelopes:
    boxes, rows = [np.empty((0, 4))], [np.empty(0, dtype=np.int64)]
    located = np.flatnonzero(column.is_valid().to_numpy(zero_copy_only=False))
    for block in blocks_of(column, located):
        shapes = read_shapes(column, block)
        halves = split(shapes)
        is_cut = np.array([half is not shape for half, shape in zip(halves, shapes, strict=True)], dtype=np.bool_)
        boxes += [shapely.bounds(shapes[~is_cut]), *map(_two_boxes, halves[is_cut])]
        rows += [block[~is_cut], np.repeat(block[is_cut], 2)]
    every, owners = np.concatenate(boxes), np.concatenate(rows).astype(np.int32)
    is_known = np.isfinite(every).all(axis=1)
    every, owners = every[is_known], owners[is_known]
    if not len(every):
        return _Envelopes(None, owners)
    builder = rtree.RTreeBuilder(len(every))
    builder.add(*(np.ascontiguousarray(side) for side in every.T))
    return _Envelopes(np.asarray(memoryview(builder.finish())), owners)


def _two_boxes(halves: shapely.Geometry) -> npt.NDArray[np.float64]:
    """Return the envelopes of what lies in the west and in the east; the same one twice if there is only one."""
    boxes = shapely.bounds(simple_parts([halves]))
    is_west = boxes[:, 0] + boxes[:, 2] < 0
    sides = [side for side in (boxes[is_west], boxes[~is_west]) if len(side)]
    found = [np.concatenate((side[:, :2].min(axis=0), side[:, 2:].max(axis=0))) for side in sides]
    return np.array([found[0], found[-1]])
