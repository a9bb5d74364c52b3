"""Jobs: what a request asked for, where it stands, and what came of it (http-api.md, sections 3 and 4.1)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class JobKind(StrEnum):
    """What a job does. The value names the kind in the catalog."""

    LOAD = "load"
    DOWNLOAD = "download"


class JobStatus(StrEnum):
    """Where a job is; the values are the words of the contract (C20)."""

    PENDING = "Pending"
    COMPLETED = "Completed"
    ABORTED = "Aborted"


class LoadOperation(StrEnum):
    """How a load combines with what is there."""

    COMPLETE = "complete"


class InputFormat(StrEnum):
    """The formats of an upload."""

    CSV = "csv"
    TAB = "tab"
    PIPE = "pipe"
    XML = "xml"


@dataclass(frozen=True, slots=True)
class LoadOrder:
    """What a load was asked to do."""

    operation: LoadOperation
    input: InputFormat
    upload: str
    """Blob name of the upload."""
    set_public: bool | None = None
    """None: as it is (private, when new)."""
    query_key_id: str | None = None
    """None: as it is."""


@dataclass(frozen=True, slots=True)
class DownloadOrder:
    """What a download was asked to write."""

    version_id: str
    """The load job id of the version, fixed when the download was accepted."""


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
    """The master key when the job was accepted; opens the job's status even after the data source is gone."""
    order: LoadOrder | DownloadOrder
    status: JobStatus
    created_at: datetime
    completed_at: datetime | None = None
    description: str | None = None
    """The caller's own words on a load."""
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


def upload_blob(job_id: str) -> str:
    """Return the blob name of what a load job reads."""
    return f"uploads/{job_id}"


def output_blob(job_id: str) -> str:
    """Return the blob name of what a download job writes."""
    return f"downloads/{job_id}"


def log_blob(job_id: str) -> str:
    """Return the blob name of a job's error log."""
    return f"logs/{job_id}"


def snapshot_of(job_id: str, attempt: int) -> str:
    """Return the id of the snapshot that an attempt writes: no two attempts share files."""
    return f"{job_id}-{attempt}"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a running job is; reported with the heartbeat."""

    total_count: int
    processed_count: int
    failed_count: int
