"""Whole orders of a snapshot's rows by one property, kept for the next page."""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Callable
from threading import Lock

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Order = npt.NDArray[np.int32]

_Asked = tuple[str, bool]
"""The name of a property, and whether descending."""

KEPT_BYTES = 32 * 2**20
"""How much memory kept orders may take, of four bytes a row each; one may take more."""


class Orderings:
    """Keeps the orders that were asked for last. Threads may share it.

    To sort everything costs many times what the first page costs without, and is worth it when a page deep inside, or
    another page, is wanted.
    """

    def __init__(self, find_column: Callable[[str], pa.Array], kept_bytes: int = KEPT_BYTES) -> None:
        self._find_column = find_column
        self._kept_bytes = kept_bytes
        self._kept: OrderedDict[_Asked, Order] = OrderedDict()
        self._asked: Counter[_Asked] = Counter()
        self._lock = Lock()
        self._sorting = Lock()

    def find(self, name: str, *, descending: bool, is_deep: bool) -> Order | None:
        """Return all rows by the values of a property, equal ones by row, missing ones least.

        None the first time that an order is asked for, unless ``is_deep`` says that sorting everything is due anyway.
        """
        asked = name, descending
        kept = self._find_kept(asked)
        if kept is not None:
            return kept
        with self._lock:
            self._asked[asked] += 1
            if self._asked[asked] == 1 and not is_deep:
                return None
        with self._sorting:  # so that those who want the same order wait for one of them
            kept = self._find_kept(asked)
            return self._make(asked) if kept is None else kept

    def _find_kept(self, asked: _Asked) -> Order | None:
        with self._lock:
            kept = self._kept.get(asked)
            if kept is not None:
                self._kept.move_to_end(asked)
            return kept

    def _make(self, asked: _Asked) -> Order:
        name, descending = asked
        made = _sorted_rows(self._find_column(name), descending=descending)
        with self._lock:
            self._kept[asked] = made
            while len(self._kept) > max(1, self._kept_bytes // made.nbytes if made.nbytes else 1):
                dropped, _ = self._kept.popitem(last=False)
                del self._asked[dropped]  # or many orders in turn would all be made again and again
        return made


def _sorted_rows(column: pa.Array, *, descending: bool) -> Order:
    values = column.indices if pa.types.is_dictionary(column.type) else column
    if pa.types.is_boolean(values.type):
        values = values.cast(pa.uint8())
    options = pc.ArraySortOptions(
        "descending" if descending else "ascending", null_placement="at_end" if descending else "at_start"
    )
    rows: Order = pc.array_sort_indices(values, options=options).to_numpy().astype(np.int32)
    return rows
