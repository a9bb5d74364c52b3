"""The error log of a load: what it says, and how it is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress

from geostead.errors import LoadError
from geostead.formats.base import EntityReader, RowIssue
from geostead.model.job import log_blob
from geostead.operations.attempt import Attempt
from geostead.operations.row_tally import RowTally
from geostead.operations.services import Services

EncodeLog = Callable[[str | None, Sequence[tuple[str, RowIssue]], int], bytes]
"""Writes an error log: why the load was aborted (None if it was not), issues with the place of each ("line 17"), and
the number of issues that are not listed. Handed in, because documents are not an operation's business."""


def encoded_log(encode: EncodeLog, reason: str | None, tally: RowTally, reader: EntityReader | None) -> bytes | None:
    """Return the error log of a load, None if there is nothing to say. ``reader`` None: the upload was never opened."""
    issues = tally.issues
    if reason is None and not issues:
        return None
    places = places_of(reader, [issue.row for issue in issues])
    return encode(reason, [(places[issue.row], issue) for issue in issues], tally.unlisted)


def places_of(reader: EntityReader | None, rows: Sequence[int]) -> dict[int, str]:
    """Say where rows are in the upload, for people; by number where nothing better is known."""
    places = {row: f"row {row + 1}" for row in rows}
    if reader is not None and rows:
        with suppress(LoadError):  # what is unreadable cannot be located any better
            places |= reader.locate(rows)
    return places


@contextmanager
def kept_log(services: Services, attempt: Attempt, log: bytes | None) -> Iterator[str | None]:
    """Keep a log for as long as the catalog needs to record it; yield its blob name, None if there is no log."""
    if log is None:
        yield None
        return
    name = log_blob(attempt.job.id, attempt.job.attempt)
    with services.blobs.create(name) as blob:
        blob.write(log)
        blob.commit()
        yield name
