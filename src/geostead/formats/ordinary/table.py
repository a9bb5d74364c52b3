"""The port to the table in a file: columns of text, whatever the file is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Protocol

import pyarrow as pa

from geostead.errors import LimitReached
from geostead.formats.rows.entity_batches import Fault
from geostead.geo.wkt import Shapes
from geostead.model.table_reading import MAX_COLUMNS


@dataclass(frozen=True, slots=True)
class TableBlock:
    """Consecutive rows."""

    first_row: int
    """Position of the first one among the rows of the table, from 0."""
    columns: tuple[pa.StringArray, ...]
    """One for each column of the table; null where a cell is empty."""
    faults: Mapping[int, Fault]
    """Rows (counted from ``first_row``) that are no good as they are; a fault's property is the name of a column."""
    shapes: Shapes | None = None
    """Two-dimensional geometries, None where there is none, if the table has them beside its columns."""

    @property
    def row_count(self) -> int:
        """Number of rows."""
        return len(self.columns[0]) if self.columns else 0

    def cut(self, start: int, stop: int) -> TableBlock:
        """Return the rows from ``start`` up to ``stop``, counted in this block."""
        faults = {row - start: fault for row, fault in self.faults.items() if start <= row < stop}
        columns = tuple(column[start:stop] for column in self.columns)
        shapes = None if self.shapes is None else self.shapes[start:stop]
        return replace(self, first_row=self.first_row + start, columns=columns, faults=faults, shapes=shapes)


class Table(Protocol):
    """The table in a file, opened. Opening and reading raise :class:`geostead.errors.LoadError`."""

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns, each different from all others."""

    def blocks(self) -> Iterator[TableBlock]:
        """Read the rows once, from first to last, in bounded memory; no block is empty."""

    def locate(self, rows: Iterable[int]) -> dict[int, str]:
        """Say where rows are, for people: "line 17"."""


def name_columns(given: Iterable[str | None]) -> tuple[str, ...]:
    """Return names that all differ: of columns without a name their number, of equal ones ``Name (2)``.

    Raises LimitReached for too many columns.
    """
    names: dict[str, None] = {}
    for number, name in enumerate(given, 1):
        if number > MAX_COLUMNS:
            raise LimitReached("columns", number, MAX_COLUMNS)
        names[_unique(_tidy(name) or f"Column {number}", names)] = None
    return tuple(names)


def _tidy(name: str | None) -> str:
    return " ".join((name or "").split())[:100]


def _unique(name: str, taken: Mapping[str, None]) -> str:
    unique, number = name, 1
    while unique in taken:
        number += 1
        unique = f"{name} ({number})"
    return unique
