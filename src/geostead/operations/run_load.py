"""Run a load: from the upload to a published version, or to a reason why not."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial

from geostead.catalog.base import Ending
from geostead.errors import LeaseLost, LimitReached, LoadError
from geostead.formats.base import EntityBatch, EntityReader, RowIssue
from geostead.formats.registry import open_reader
from geostead.model.data_source import Version
from geostead.model.job import Job, LoadOrder, Progress, log_blob
from geostead.operations.attempt import Attempt
from geostead.operations.services import Services
from geostead.snapshots.base import WrittenSnapshot

MAX_LISTED_ISSUES = 10_000
"""Issues that an error log describes one by one; the others are only counted."""
MAX_REPETITION = 2
"""An upload is read to its end if it has at most this many times the entities that the account may have: how many of
them have the id of another one is known only then."""

_log = logging.getLogger(__name__)

EncodeLog = Callable[[str | None, Sequence[tuple[str, RowIssue]], int], bytes]
"""Writes an error log: why the load was aborted (None if it was not), issues with the place of each ("line 17"), and
the number of issues that are not listed. Handed in, because documents are not an operation's business."""


def run_load(services: Services, attempt: Attempt, order: LoadOrder, encode_log: EncodeLog) -> None:
    """Read the upload, write a snapshot and publish it: all of it or nothing.

    Bad rows are left out, counted and described in the error log. Where the upload as a whole cannot become a version
    (LoadError) the job is aborted. Raises LeaseLost, Unavailable and whatever ``attempt.report`` raises; in all these
    cases the published version stays as it was.
    """
    run = _Run(services, attempt, order)
    replaced = _snapshots_of(services, attempt.job)
    try:
        version = run.write_version()
    except LoadError as error:
        run.abort(str(error), encode_log)
    else:
        run.publish(version, encode_log)
    _tidy_up(services, order, replaced)


def _tidy_up(services: Services, order: LoadOrder, replaced: set[str]) -> None:
    """Delete what the end of the job made needless."""
    try:
        services.blobs.delete(order.upload)
        for snapshot_id in replaced - services.catalog.used_snapshots():
            services.snapshots.delete(snapshot_id)
    except Exception:  # the job has ended, whatever goes wrong here; expire deletes what stays
        _log.exception("Could not delete what a load no longer needs.", extra={"upload": order.upload})


class _Tally:
    """What is known about the rows that were read so far."""

    def __init__(self, max_entities: int) -> None:
        self._max_kept = MAX_REPETITION * max_entities
        self._seen = 0
        self._failed = 0
        self._kept = 0
        self._unlisted = 0
        self._issues: list[RowIssue] = []

    def add_batch(self, batch: EntityBatch) -> None:
        """Count a batch. Raises LimitReached when it would be too many even if half of them were repetitions."""
        self._seen += batch.row_count
        self._kept += batch.entities.num_rows
        self._failed += sum(issue.is_error for issue in batch.issues)
        self._add_issues(batch.issues)
        if self._kept > self._max_kept:
            raise LimitReached("entities, repeated ones included,", self._kept, self._max_kept)

    def add_duplicates(self, key_name: str, written: WrittenSnapshot) -> None:
        """Count rows that were left out because an earlier row has the same entity id."""
        self._failed += written.duplicate_count
        listed = written.duplicate_rows[: MAX_LISTED_ISSUES - len(self._issues)]
        self._add_issues(
            [RowIssue(row, id_, key_name, id_, "an entity id that no earlier row has") for row, id_ in listed]
        )
        self._unlisted += written.duplicate_count - len(listed)

    def _add_issues(self, issues: Sequence[RowIssue]) -> None:
        listed = issues[: MAX_LISTED_ISSUES - len(self._issues)]
        self._issues.extend(listed)
        self._unlisted += len(issues) - len(listed)

    @property
    def progress(self) -> Progress:
        return Progress(self._seen, self._seen, self._failed)

    @property
    def issues(self) -> list[RowIssue]:
        """The issues to list, in the order of the rows."""
        return sorted(self._issues, key=lambda issue: issue.row)

    @property
    def unlisted(self) -> int:
        return self._unlisted


class _Run:
    """One run: the upload, what is known about its rows, and the two ways to end."""

    def __init__(self, services: Services, attempt: Attempt, order: LoadOrder) -> None:
        self._services = services
        self._attempt = attempt
        self._order = order
        self._limits = services.catalog.get_account(attempt.job.account_id).limits
        self._tally = _Tally(self._limits.entities)
        self._reader: EntityReader | None = None

    def write_version(self) -> Version:
        """Read the upload and write the snapshot. Raises LoadError."""
        job = self._attempt.job
        open_upload = partial(self._services.blobs.open, self._order.upload)
        self._reader = open_reader(self._order.input, open_upload, self._limits)
        entity_type = self._reader.entity_type
        batches = self._counted(self._reader.batches())
        written = self._services.snapshots.write(self._attempt.snapshot_id, entity_type, batches)
        self._tally.add_duplicates(entity_type.key_name, written)
        self._check_limit(written.entity_count)
        return Version(
            job_id=job.id,
            data_source_id=job.data_source_id,
            snapshot_id=self._attempt.snapshot_id,
            entity_type=entity_type,
            entity_count=written.entity_count,
            created_at=self._services.now(),
        )

    def _check_limit(self, entity_count: int) -> None:
        if entity_count > self._limits.entities:
            self._services.snapshots.delete(self._attempt.snapshot_id)
            raise LimitReached("entities", entity_count, self._limits.entities)

    def _counted(self, batches: Iterator[EntityBatch]) -> Iterator[EntityBatch]:
        for batch in batches:
            self._tally.add_batch(batch)
            self._attempt.report(self._tally.progress)
            yield batch

    def publish(self, version: Version, encode_log: EncodeLog) -> None:
        """Publish the version and complete the job.

        An attempt that lost its lease takes its snapshot away again. Not after Unavailable: the catalog may have
        recorded the version although its answer never came.
        """
        try:
            with self._error_log(None, encode_log) as log:
                self._services.catalog.complete_load(
                    self._attempt.job, self._attempt.worker, version, self._ending(log)
                )
        except LeaseLost:
            self._services.snapshots.delete(version.snapshot_id)
            raise

    def abort(self, reason: str, encode_log: EncodeLog) -> None:
        """Abort the job for a reason that the author of the upload can mend."""
        with self._error_log(reason, encode_log) as log:
            self._services.catalog.abort(self._attempt.job, self._attempt.worker, reason, self._ending(log))

    def _ending(self, log: str | None) -> Ending:
        return Ending(self._tally.progress, self._services.now(), log)

    @contextmanager
    def _error_log(self, reason: str | None, encode_log: EncodeLog) -> Iterator[str | None]:
        """Write the error log if there is anything to say; it counts as in use until the block is left."""
        issues = self._tally.issues
        if reason is None and not issues:
            yield None
            return
        name = log_blob(self._attempt.job.id)
        places = self._locate([issue.row for issue in issues])
        with self._services.blobs.create(name) as blob:
            blob.write(encode_log(reason, [(places[issue.row], issue) for issue in issues], self._tally.unlisted))
            blob.commit()
            yield name

    def _locate(self, rows: Sequence[int]) -> dict[int, str]:
        places = {row: f"row {row + 1}" for row in rows}
        if self._reader is not None and rows:
            with suppress(LoadError):  # what is unreadable cannot be located any better
                places |= self._reader.locate(rows)
        return places


def _snapshots_of(services: Services, job: Job) -> set[str]:
    found = services.catalog.find_data_source(job.access_id, job.data_source_name)
    if found is None or found.data_source.id != job.data_source_id:
        return set()
    versions = (found.published, found.staged, *found.previous)
    return {version.snapshot_id for version in versions if version is not None}
