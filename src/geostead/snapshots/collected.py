"""What an upload brings, whole: every column in the chunks it came in, and which of its rows count."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from geostead.formats.base import Deletion, EntityBatch
from geostead.model.entity_type import EdmType, EntityType, Property
from geostead.snapshots.base import MAX_LISTED_ROWS
from geostead.snapshots.columns import Rows
from geostead.snapshots.encoding import join_chunks

Form = Callable[[pa.Array, Property], pa.Array]
"""Brings a column into another form."""


class Collected:
    """The entities and deletions of an upload, in the order they came in."""

    def __init__(self, entity_type: EntityType, batches: Iterable[EntityBatch]) -> None:
        """Read ``batches`` to their end. Raises what they raise."""
        self.entity_type = entity_type
        self._chunks: dict[str, list[pa.Array]] = {p.name: [] for p in entity_type.properties}
        self.deletions: list[Deletion] = []
        rows: list[Rows] = [np.empty(0, dtype=np.int64)]
        for batch in batches:
            rows.append(batch.rows)
            self.deletions += batch.deletions
            for name, chunks in self._chunks.items():
                chunks.append(batch.entities.column(name))
        self.rows = np.concatenate(rows)
        """For each entity its row in the upload."""

    def ids(self) -> pa.Array:
        """Return the ids of the entities."""
        return join_chunks(self._chunks[self.entity_type.key_name], EdmType.STRING)

    def taken(self, positions: Rows | None, threads: Executor, form: Form | None = None) -> pa.RecordBatch:
        """Return the entities at some positions, None for all; the chunks are given up on the way. Call once.

        ``form`` says what becomes of a column at once, so that it is never there in both forms; None: it stays.
        """
        indices = None if positions is None else pa.array(positions)

        def taken_column(p: Property) -> pa.Array:
            column = join_chunks(self._chunks.pop(p.name), p.type)
            if indices is not None:
                column = column.take(indices)
            return column if form is None else form(column, p)

        arrays = list(threads.map(taken_column, self.entity_type.properties))
        return pa.RecordBatch.from_arrays(arrays, names=[p.name for p in self.entity_type.properties])


@dataclass(frozen=True, slots=True)
class Arrangement:
    """Which positions count, in the order of their ids; of one id there is one."""

    order: Rows | None
    """None: all of them, in the order they came in."""
    repeated_count: int = 0
    """How many do not count because of another one with the same id."""
    repeated_rows: tuple[tuple[int, str], ...] = ()
    """The first of these, by row, with their ids; at most :data:`MAX_LISTED_ROWS`."""


def arrange(ids: pa.Array, rows: Rows, *, last_counts: bool) -> Arrangement:
    """Sort by id. Of those with one id the one of the lowest row counts, or of the highest."""
    if pc.all(pc.less(ids[:-1], ids[1:])).as_py() in (True, None):
        return Arrangement(None)
    order = _sorted_positions(ids, rows)
    sorted_ids = ids.take(pa.array(order))
    equals_next = pc.equal(sorted_ids[:-1], sorted_ids[1:]).to_numpy(zero_copy_only=False)
    is_repeated = np.append(equals_next, False) if last_counts else np.insert(equals_next, 0, False)
    repeated = order[is_repeated]
    return Arrangement(order[~is_repeated], len(repeated), first_rows(ids, rows, repeated))


def first_rows(ids: pa.Array, rows: Rows, positions: Rows) -> tuple[tuple[int, str], ...]:
    """Return row and id at each of ``positions``, by row; at most :data:`MAX_LISTED_ROWS`."""
    listed = positions[np.argsort(rows[positions])[:MAX_LISTED_ROWS]]
    return tuple(zip(rows[listed].tolist(), ids.take(pa.array(listed)).to_pylist(), strict=True))


def _sorted_positions(ids: pa.Array, rows: Rows) -> npt.NDArray[np.int64]:
    """Return the positions ordered by id, then row."""
    if np.all(rows[:-1] < rows[1:]):
        order = pc.sort_indices(ids)  # which is stable
    else:
        table = pa.table({"id": ids, "row": rows})
        order = pc.sort_indices(table, sort_keys=[("id", "ascending"), ("row", "ascending")])
    positions: npt.NDArray[np.int64] = order.to_numpy().astype(np.int64)
    return positions
