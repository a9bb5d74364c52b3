"""Hand out the error log of a job (http-api.md, section 3)."""

from __future__ import annotations

from dataclasses import dataclass

from geostead.errors import NotFound
from geostead.model.access import Key
from geostead.model.job import Job, JobKind, JobStatus
from geostead.operations.get_job import get_job
from geostead.operations.job_file import JobFile, file_of
from geostead.operations.services import Services


@dataclass(frozen=True, slots=True)
class AbortReason:
    """All there is to say about an aborted job without an error log: nobody was left to write one."""

    text: str


def open_error_log(services: Services, key: Key, kind: JobKind, job_id: str) -> JobFile | AbortReason:
    """Return the error log of a job, for an aborted one without log its reason.

    Raises NotFound, with the reason, NotAuthorized.
    """
    return log_of(services, get_job(services, key, kind, job_id))


def log_of(services: Services, job: Job) -> JobFile | AbortReason:
    """Return the error log of a job that the caller may see, as :func:`open_error_log` does. Raises NotFound."""
    if job.status is JobStatus.PENDING:
        raise NotFound(f"The {job.kind.value} job {job.id} is still pending; its error log is here once it has ended.")
    if job.error_log is None and job.error_message is not None:
        return AbortReason(job.error_message)
    return file_of(services.blobs, job, job.error_log, "error log")
