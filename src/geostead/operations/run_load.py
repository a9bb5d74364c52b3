"""Run a load: from the upload to a published or staged version, or to a reason why not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial

from geostead.catalog.base import Ending
from geostead.errors import (
    BadRow,
    EngineMissing,
    GeocoderMissing,
    LeaseLost,
    LimitReached,
    LoadError,
    OvertakenByEvents,
)
from geostead.formats.base import EntityBatch, EntityReader
from geostead.formats.registry import open_reader
from geostead.model.data_source import Version
from geostead.model.engine import EntityEngine
from geostead.model.entity_type import EntityType
from geostead.model.job import InputFormat, Job, LoadOrder, Progress, snapshot_of
from geostead.operations.attempt import Attempt, AttemptRepeated
from geostead.operations.fetch_upload import fetch_upload
from geostead.operations.load_log import EncodeLog, encoded_log, kept_log, places_of
from geostead.operations.look_up_rows import RowLookUp
from geostead.operations.row_tally import RowTally
from geostead.operations.services import Services
from geostead.operations.tidy_up import snapshots_of, tidy_up, tidy_up_lost
from geostead.operations.write_changes import check_unchanged, find_base, write_changes


def run_load(services: Services, attempt: Attempt, order: LoadOrder, encode_log: EncodeLog) -> bool:
    """Read the upload, write a snapshot and publish or stage it: all of it or nothing. Return whether it came to that.

    Bad rows are left out, counted and described in the error log. Where the upload as a whole cannot become a version
    (LoadError), or what it should change or set is not there any more (OvertakenByEvents), the job is aborted. Raises
    LeaseLost, Unavailable, AttemptRepeated and whatever ``attempt.report`` raises; in all these cases the data source
    stays as it was.
    """
    run = _Run(services, attempt, order, encode_log)
    snapshot_ids = snapshots_of(services, attempt.job)
    try:
        is_completed = run.to_the_end()
    except LeaseLost:
        # Not after Unavailable: the catalog may have recorded the version although its answer never came.
        tidy_up_lost(services, attempt.job)
        raise
    tidy_up(services, attempt.job, snapshot_ids)
    return is_completed


class _Run:
    """One run: the upload, what is known about its rows, and the two ways to end."""

    def __init__(self, services: Services, attempt: Attempt, order: LoadOrder, encode_log: EncodeLog) -> None:
        self._services = services
        self._attempt = attempt
        self._order = order
        self._upload = order.upload_of(attempt.job.attempt)
        self._encode_log = encode_log
        self._engine = _engine(services, attempt.job)
        self._snapshot_id = snapshot_of(attempt.job.id, attempt.job.attempt, self._engine)
        self._limits = services.catalog.get_account(attempt.job.account_id).limits
        self._tally = RowTally(order.operation, self._limits)
        self._reader: EntityReader | None = None
        self._fetched_bytes: int | None = None

    def to_the_end(self) -> bool:
        """Make the version and complete the job, or abort it; return which."""
        try:
            self._complete(self._make_version())
        except (LoadError, OvertakenByEvents) as error:
            self._abort(str(error))
            return False
        return True

    def _make_version(self) -> Version:
        """Read the upload and write the snapshot. Raises LoadError, OvertakenByEvents, AttemptRepeated."""
        job, operation = self._attempt.job, self._order.operation
        if self._engine not in self._services.engines:
            raise EngineMissing(job.data_source_name, self._engine)
        base = find_base(self._services, job, operation) if operation.is_incremental else None
        check_unchanged(self._services, job, self._order)
        self._fetch()
        open_upload = partial(self._services.blobs.open, self._upload)
        reader = open_reader(self._order.input, open_upload, self._limits, job.data_source_name)
        self._reader = reader
        with _never_written_before(self._snapshot_id):
            entity_count = self._write(reader) if base is None else self._write_changes(reader, base)
        if entity_count > self._limits.entities:
            raise LimitReached("entities", entity_count, self._limits.entities)
        entity_type = reader.entity_type if base is None else base.entity_type
        return self._version(entity_type, entity_count)

    def _fetch(self) -> None:
        if self._order.location is not None:
            self._fetched_bytes = fetch_upload(
                self._services, self._attempt, self._order.location, self._upload, self._limits.upload_bytes
            )

    def _write(self, reader: EntityReader) -> int:
        """Write the entities of the upload alone; return how many there are."""
        entity_type = reader.entity_type
        written = self._services.snapshots.write(self._snapshot_id, entity_type, self._counted(reader))
        self._tally.add_duplicates(entity_type.key_name, written)
        self._check_strictly(reader)
        return written.entity_count

    def _write_changes(self, reader: EntityReader, base: Version) -> int:
        """Write the entities of the base with the changes in the upload; return how many there are."""
        entity_type = reader.entity_type
        written = write_changes(self._services, self._snapshot_id, base, entity_type, self._counted(reader))
        self._tally.add_changes(entity_type.key_name, written)
        return written.entity_count

    def _counted(self, reader: EntityReader) -> Iterator[EntityBatch]:
        for batch in self._completed(reader):
            self._tally.add_batch(batch)
            self._check_strictly(reader)
            self._attempt.report(self._progress)
            yield batch
        if self._order.operation.is_incremental:
            self._tally.check_any_good()

    def _completed(self, reader: EntityReader) -> Iterator[EntityBatch]:
        """Return the batches with the places and addresses that are to be looked up."""
        reading = self._order.input
        if isinstance(reading, InputFormat) or not reading.looks_up:
            yield from reader.batches()
            return
        geocoder = self._services.geocoder
        if geocoder is None:
            raise GeocoderMissing
        look_up = RowLookUp(geocoder, reader.entity_type, reading)
        for batch in reader.batches():
            yield look_up.completed(batch, self._report_looked_up)

    def _report_looked_up(self, count: int) -> None:
        """Report the entities of a batch that is looked up, which the tally does not know yet."""
        progress = self._progress
        seen = progress.processed_count + count
        self._attempt.report(replace(progress, total_count=seen, processed_count=seen))

    def _check_strictly(self, reader: EntityReader) -> None:
        """Raise BadRow if the load is strict and a row is bad."""
        issue = self._tally.first_error
        if self._order.strict and issue is not None:
            place = places_of(reader, [issue.row])[issue.row]
            what = f" in {issue.property}" if issue.property else ""
            raise BadRow(
                f"The load is strict, and a row is bad: {place}, entity id '{issue.entity_id}': found "
                f"'{issue.found}'{what}; expected {issue.expected}."
            )

    def _version(self, entity_type: EntityType, entity_count: int) -> Version:
        return Version(
            job_id=self._attempt.job.id,
            data_source_id=self._attempt.job.data_source_id,
            snapshot_id=self._snapshot_id,
            entity_type=entity_type,
            entity_count=entity_count,
            created_at=self._services.now(),
            made_by=self._attempt.job.made_by,
        )

    def _complete(self, version: Version) -> None:
        attempt = self._attempt
        with kept_log(self._services, attempt, self._log(None)) as log:
            self._services.catalog.complete_load(attempt.job, attempt.worker, version, self._ending(log))

    def _abort(self, reason: str) -> None:
        attempt = self._attempt
        with kept_log(self._services, attempt, self._log(reason)) as log:
            self._services.catalog.abort(attempt.job, attempt.worker, reason, self._ending(log))

    def _log(self, reason: str | None) -> bytes | None:
        return encoded_log(self._encode_log, reason, self._tally, self._reader)

    def _ending(self, log: str | None) -> Ending:
        return Ending(self._progress, self._services.now(), log)

    @property
    def _progress(self) -> Progress:
        return replace(self._tally.progress, fetched_bytes=self._fetched_bytes)


def _engine(services: Services, job: Job) -> EntityEngine:
    """Return the engine that the snapshot is to be written with."""
    found = services.catalog.versions_of(job.data_source_id)
    chosen = None if found is None else found.data_source.engine
    return chosen or services.engines[0]


@contextmanager
def _never_written_before(snapshot_id: str) -> Iterator[None]:
    try:
        yield
    except FileExistsError as error:
        raise AttemptRepeated(f"There is a snapshot {snapshot_id} already.") from error
