"""Count the rows of an upload, and keep what there is to say about them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice

import pyarrow as pa

from geostead.errors import LimitReached, NoValidEntities
from geostead.formats.base import EntityBatch, RowIssue
from geostead.model.entity_type import DELETE_ENTITY
from geostead.model.job import LoadOperation, Progress
from geostead.model.limits import Limits
from geostead.snapshots.base import WrittenChanges, WrittenSnapshot

MAX_LISTED_ISSUES = 10_000
"""Issues that an error log describes one by one; the others are only counted."""
MAX_REPETITION = 2
"""An upload is read to its end if it has at most this many times the entities that the account may have: how many of
them have the id of another one is known only then."""


class RowTally:
    """What is known about the rows that were read so far."""

    def __init__(self, operation: LoadOperation, limits: Limits) -> None:
        """``limits``: of the account."""
        self._deletes = operation.is_incremental
        self._limits = limits
        self._max_named = MAX_REPETITION * limits.entities
        self._geography_bytes = 0
        self._seen = 0
        self._failed = 0
        self._named = 0
        self._unlisted = 0
        self._issues: list[RowIssue] = []
        self._first_error: RowIssue | None = None

    def add_batch(self, batch: EntityBatch) -> None:
        """Count a batch. Raises LimitReached for more than could ever become a version, or than memory is there for."""
        self._seen += batch.row_count
        self._named += batch.entities.num_rows
        self._add_issues(batch.issues, len(batch.issues))
        for issue in batch.issues:
            if issue.is_error:
                self._count_errors(issue, 1)
        if self._deletes:
            self._named += len(batch.deletions)
        else:
            expected = "no deletions in a complete load"
            refused = (
                RowIssue(deletion.row, deletion.entity_id, DELETE_ENTITY, "1", expected, is_error=False)
                for deletion in batch.deletions
            )
            self._add_issues(refused, len(batch.deletions))
        self._geography_bytes += sum(c.nbytes for c in batch.entities.columns if c.type == pa.binary())
        self._check_limits()

    def _check_limits(self) -> None:
        """Raise LimitReached where half of the entities could be repetitions, most rows bad, and it is too many still.

        Geographies, 16 bytes a point, may have as many bytes as an upload: in a text a point can have 4.
        """
        if self._named > self._max_named:
            raise LimitReached("entities, repeated ones included,", self._named, self._max_named)
        self._limits.check_rows(self._seen)
        if self._geography_bytes > self._limits.upload_bytes:
            raise LimitReached("bytes of geographies", self._geography_bytes, self._limits.upload_bytes)

    def check_any_good(self) -> None:
        """Raise NoValidEntities if there were rows, and all of them were bad."""
        if self._seen and not self._named:
            raise NoValidEntities("The upload holds no valid entity and no deletion, so there is nothing to change.")

    def add_duplicates(self, key_name: str, written: WrittenSnapshot) -> None:
        """Count rows that were left out because an earlier row has the same entity id."""
        expected = "an entity id that no earlier row has"
        issues = [RowIssue(row, id_, key_name, id_, expected) for row, id_ in written.duplicate_rows]
        self._add_issues(issues, written.duplicate_count)
        if issues:
            self._count_errors(issues[0], written.duplicate_count)

    def add_changes(self, key_name: str, written: WrittenChanges) -> None:
        """Note rows of which a later one has the same entity id, and deletions of what is not there; none failed."""
        for rows, count, expected in (
            (written.repeated_rows, written.repeated_count, "an entity id that no later row has; the last row counts"),
            (written.unknown_rows, written.unknown_count, "the id of an entity that exists, to delete it"),
        ):
            notes = (RowIssue(row, id_, key_name, id_, expected, is_error=False) for row, id_ in rows)
            self._add_issues(notes, count)

    def _count_errors(self, first: RowIssue, count: int) -> None:
        self._failed += count
        if self._first_error is None or first.row < self._first_error.row:
            self._first_error = first

    def _add_issues(self, issues: Iterable[RowIssue], count: int) -> None:
        """Keep as many as may be listed; ``count`` says how many there are, ``issues`` may be the first of them."""
        listed = list(islice(issues, MAX_LISTED_ISSUES - len(self._issues)))
        self._issues.extend(listed)
        self._unlisted += count - len(listed)

    @property
    def progress(self) -> Progress:
        """How many rows were seen, and how many of them failed."""
        return Progress(self._seen, self._seen, self._failed)

    @property
    def first_error(self) -> RowIssue | None:
        """What is wrong with the first of the bad rows that are known so far; None if there is none."""
        return self._first_error

    @property
    def issues(self) -> Sequence[RowIssue]:
        """The issues to list, in the order of the rows."""
        return sorted(self._issues, key=lambda issue: issue.row)

    @property
    def unlisted(self) -> int:
        """How many issues there are that are not listed."""
        return self._unlisted
