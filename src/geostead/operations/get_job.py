"""Tell where a load or a download stands (http-api.md, section 3)."""

from __future__ import annotations

from geostead.errors import NotAuthorized, NotFound
from geostead.model.access import Key, check_master
from geostead.model.job import Job, JobKind
from geostead.operations.services import Services


def get_job(services: Services, key: Key, kind: JobKind, job_id: str) -> Job:
    """Return the job of that kind and id (in either case of its hex digits).

    Raises NotFound; NotAuthorized unless ``key`` is the master key of the data source, or was when the job was
    accepted (which opens it also when the data source is gone).
    """
    job = services.catalog.get_job(job_id.lower())
    if job is None or job.kind is not kind:
        raise NotFound(f"There is no {kind.value} job {job_id}.")
    check_may_see(services, key, job)
    return job


def check_may_see(services: Services, key: Key, job: Job) -> None:
    """Raise NotAuthorized unless ``key`` may see the job."""
    if key.id == job.master_key_id:
        return
    found = services.catalog.versions_of(job.data_source_id)
    if found is None:
        raise NotAuthorized(f"The key may not see the {job.kind.value} job {job.id}; its master key is needed.")
    check_master(key, found.data_source, f"see the {job.kind.value} jobs of")
