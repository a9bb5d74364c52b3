"""The port between files and entities: a reader turns an upload into typed batches and row issues."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import BinaryIO, Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from geostead.model.entity_type import EntityType

OpenUpload = Callable[[], BinaryIO]
"""Opens the upload, as it was sent, from its beginning. May be called more than once; the caller closes."""


@dataclass(frozen=True, slots=True)
class RowIssue:
    """One thing about one row that the author of the file should know."""

    row: int
    """Position among the rows of the upload, from 0; see :meth:`EntityReader.locate`."""
    entity_id: str
    """'' if the row has none."""
    property: str
    """The property concerned; '' if it is the whole row."""
    found: str
    """The offending text, shortened to 100 characters."""
    expected: str
    """What should be there, as a phrase: "a number from -90 to 90"."""
    is_error: bool = True
    """True: the row is left out and counts as failed. False: a note; the row does not count as failed."""


@dataclass(frozen=True, slots=True)
class Deletion:
    """A row with ``__deleteEntity``: the entity of this id shall go (data-formats.md, section 6)."""

    row: int
    """Position among the rows of the upload, from 0."""
    entity_id: str


@dataclass(frozen=True, slots=True)
class EntityBatch:
    """Some entities, in upload order. Rows that are bad by themselves are already left out.

    Whether an entity id was seen before is not known here: that is for whoever sees all batches.
    """

    entities: pa.RecordBatch
    """Columns by :func:`geostead.model.columns.arrow_schema`."""
    rows: npt.NDArray[np.int64]
    """For each entity its position among the rows of the upload, from 0."""
    row_count: int
    """Rows read for this batch, bad ones and deletions included."""
    issues: tuple[RowIssue, ...]
    """Errors and notes of this batch: exactly one error for every bad row."""
    deletions: tuple[Deletion, ...] = ()
    """The rows that ask for a deletion, in upload order; they are not among ``entities``."""

    def moved(self, rows: int) -> EntityBatch:
        """Return the same batch, ``rows`` further down in the upload."""
        issues = tuple(replace(issue, row=issue.row + rows) for issue in self.issues)
        deletions = tuple(replace(deletion, row=deletion.row + rows) for deletion in self.deletions)
        return replace(self, rows=self.rows + rows, issues=issues, deletions=deletions)


class EntityReader(Protocol):
    """One upload, opened: its entity type is known, its rows are still to come.

    Opening and iterating raise :class:`geostead.errors.LoadError` where the upload as a whole is no good.
    """

    @property
    def entity_type(self) -> EntityType:
        """The entity type that the upload declares."""

    def batches(self) -> Iterator[EntityBatch]:
        """Read the rows once, from first to last, in bounded memory."""

    def locate(self, rows: Iterable[int]) -> dict[int, str]:
        """Say where rows are, for people: "line 17", "element 15". Reads the upload again as far as needed."""
