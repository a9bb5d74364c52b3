"""Jobs: what a request asked for, where it stands, and what came of it (http-api.md, sections 3 and 4.1)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import assert_never

from geostead.model.engine import EntityEngine, scratch_of
from geostead.model.table_reading import TableReading


class JobKind(StrEnum):
    """What a job does. The value names the kind in the catalog."""

    LOAD = "load"
    DOWNLOAD = "download"
    PUBLISH = "publish"
    ROLLBACK = "rollback"
    DELETE = "delete"
    ACCESS = "access"


class JobStatus(StrEnum):
    """Where a job is; the values are the words of the contract (C20)."""

    PENDING = "Pending"
    COMPLETED = "Completed"
    ABORTED = "Aborted"


class LoadOperation(StrEnum):
    """How a load combines with what is there, and where its version goes."""

    COMPLETE = "complete"
    COMPLETE_STAGING = "completeStaging"
    INCREMENTAL = "incremental"
    INCREMENTAL_STAGING = "incrementalStaging"

    @classmethod
    def of(cls, *, is_incremental: bool, is_staging: bool) -> LoadOperation:
        """Return the operation that is both, either or neither."""
        return next(o for o in cls if (o.is_incremental, o.is_staging) == (is_incremental, is_staging))

    @property
    def is_incremental(self) -> bool:
        """Whether the load changes the entities of another version, its base."""
        return self in (LoadOperation.INCREMENTAL, LoadOperation.INCREMENTAL_STAGING)

    @property
    def is_staging(self) -> bool:
        """Whether the version is staged, not published."""
        return self in (LoadOperation.COMPLETE_STAGING, LoadOperation.INCREMENTAL_STAGING)


class InputFormat(StrEnum):
    """The formats of an upload."""

    CSV = "csv"
    TAB = "tab"
    PIPE = "pipe"
    XML = "xml"
    KML = "kml"
    SHP = "shp"
    GEOJSON = "geojson"
    GEOPARQUET = "geoparquet"


class DataFormat(StrEnum):
    """The formats of a download."""

    XML = "xml"
    CSV = "csv"
    GEOJSON = "geojson"
    GEOPARQUET = "geoparquet"


@dataclass(frozen=True, slots=True)
class LoadOrder:
    """What a load was asked to do."""

    operation: LoadOperation
    input: InputFormat | TableReading
    """The format, or how a table is read that does not say it itself."""
    upload: str
    """Blob name of the upload that came with the request; see :meth:`upload_of`."""
    set_public: bool | None = None
    """None: as it is (private, when new)."""
    query_key_id: str | None = None
    """None: as it is."""
    location: str | None = field(default=None, repr=False)
    """URL to fetch the upload from, a secret where it holds a signature; None: it came with the request."""
    strict: bool = False
    """Whether a single bad row aborts the load."""

    base: str | None = None
    """Id of the version that the upload was made out of: where another one has its place by now, the load is aborted.
    None: whatever is there."""

    def upload_of(self, attempt: int) -> str:
        """Return the blob name of what an attempt reads: with a ``location`` it writes that itself, no other does."""
        return self.upload if self.location is None else f"{self.upload}-{attempt}"


@dataclass(frozen=True, slots=True)
class DownloadOrder:
    """What a download was asked to write; fixed when it was accepted."""

    version_id: str
    """The load job id of the version."""
    snapshot_id: str
    """Its files, kept for as long as the download is pending or has its output, even where the version is dropped.

    Deleting the data source aborts a pending download; of a finished one the files stay.
    """


@dataclass(frozen=True, slots=True)
class PublishOrder:
    """Publish the version that is staged when the job runs."""


@dataclass(frozen=True, slots=True)
class RollbackOrder:
    """Publish any version once more."""

    version_id: str
    """The load job id of the version."""


@dataclass(frozen=True, slots=True)
class DeleteOrder:
    """Delete a data source with all its versions, or only what is staged."""

    staged_only: bool


@dataclass(frozen=True, slots=True)
class AccessOrder:
    """Make a data source public or private; done in the moment in which it is accepted."""

    is_public: bool


ChangeOrder = PublishOrder | RollbackOrder | DeleteOrder | AccessOrder
"""What changes a data source in the catalog alone."""

Order = LoadOrder | DownloadOrder | ChangeOrder


def kind_of(order: Order) -> JobKind:
    """Return the kind of the jobs that carry out such an order."""
    match order:
        case LoadOrder():
            return JobKind.LOAD
        case DownloadOrder():
            return JobKind.DOWNLOAD
        case PublishOrder():
            return JobKind.PUBLISH
        case RollbackOrder():
            return JobKind.ROLLBACK
        case DeleteOrder():
            return JobKind.DELETE
        case AccessOrder():
            return JobKind.ACCESS
        case unknown:
            assert_never(unknown)


@dataclass(frozen=True, slots=True)
class Job:
    """A unit of work: accepted once, durable, run by one worker at a time, perhaps more than once."""

    id: str
    kind: JobKind
    account_id: str
    data_source_id: str
    data_source_name: str
    access_id: str
    master_key_id: str
    """The master key when the job was accepted; it opens the job's status when the data source is gone."""
    order: Order
    status: JobStatus
    created_at: datetime
    completed_at: datetime | None = None
    description: str | None = None
    """The caller's own words on a load."""
    fetched_bytes: int | None = None
    """How much of the upload was fetched so far; None until a load with a location has begun to."""
    total_count: int = 0
    processed_count: int = 0
    """Rows seen so far, failed ones included."""
    failed_count: int = 0
    error_message: str | None = None
    """Why the job was aborted; absent otherwise."""
    attempt: int = 0
    """How many times a worker has taken it."""
    output: str | None = None
    """Blob name of what a download wrote, once completed."""
    error_log: str | None = None
    """Blob name of the error log, if there is one."""
    trace: str | None = None
    """Trace of the request that accepted the job, as :class:`geostead.telemetry.trace.Trace` is written; None if there
    was none."""
    made_by: str | None = None
    """Who asked for it: the e-mail address of a person, or the name of a key; None for jobs of older programs."""


def upload_blob(job_id: str) -> str:
    """Return the blob name of the upload that came with the request."""
    return f"uploads/{job_id}"


def output_blob(job_id: str, attempt: int) -> str:
    """Return the blob name of what an attempt at a download writes: none overwrites the output of another one."""
    return f"downloads/{job_id}-{attempt}"


def log_blob(job_id: str, attempt: int) -> str:
    """Return the blob name of the error log that an attempt writes: none overwrites the log of another one."""
    return f"logs/{job_id}-{attempt}"


def snapshot_of(job_id: str, attempt: int, engine: EntityEngine = EntityEngine.SNAPSHOTS) -> str:
    """Return the id of the snapshot that an attempt writes: no two attempts share files."""
    return engine.named(f"{job_id}-{attempt}")


def snapshots_of_attempt(job_id: str, attempt: int) -> frozenset[str]:
    """Return the ids of all snapshots that an attempt may write, with either engine: its own, and copies of a base."""
    written = [snapshot_of(job_id, attempt, engine) for engine in EntityEngine]
    return frozenset([*written, *map(scratch_of, written)])


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a running job is; reported with the heartbeat."""

    total_count: int
    processed_count: int
    failed_count: int
    fetched_bytes: int | None = None
    """As in :class:`Job`; None leaves it as it is."""
