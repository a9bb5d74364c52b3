"""Hand out what a download wrote (http-api.md, section 3)."""

from __future__ import annotations

from geostead.errors import NotFound
from geostead.model.access import Key
from geostead.model.job import JobKind, JobStatus
from geostead.operations.get_job import get_job
from geostead.operations.job_file import JobFile, file_of
from geostead.operations.services import Services


def open_output(services: Services, key: Key, job_id: str) -> JobFile:
    """Return the output of a download. Raises NotFound, with the reason, NotAuthorized."""
    job = get_job(services, key, JobKind.DOWNLOAD, job_id)
    if job.status is JobStatus.PENDING:
        raise NotFound(f"The download job {job.id} is still pending; its output is here once it is completed.")
    if job.status is JobStatus.ABORTED:
        raise NotFound(f"The download job {job.id} was aborted; it has no output.")
    return file_of(services.blobs, job, job.output, "output")
