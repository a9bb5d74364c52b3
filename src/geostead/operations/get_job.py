"""Tell where a load or a download stands (http-api.md, section 3)."""

from __future__ import annotations

from geostead.errors import NotAuthorized, NotFound
from geostead.model.access import Key
from geostead.model.job import Job, JobKind
from geostead.operations.services import Services


def get_job(services: Services, key: Key, kind: JobKind, job_id: str) -> Job:
    """Return the job of that kind and id (in either case of its hex digits).

    Raises NotFound; NotAuthorized unless ``key`` may see it (:func:`may_see`).
    """
    job = services.catalog.get_job(job_id.lower())
    if job is None or job.kind is not kind:
        raise NotFound(f"There is no {kind.value} job {job_id}.")
    check_may_see(services, key, job)
    return job


def check_may_see(services: Services, key: Key, job: Job) -> None:
    """Raise NotAuthorized unless ``key`` may see the job. The message tells whoever has an id no more than that."""
    if not may_see(services, key, job):
        raise NotAuthorized(f"The key may not see the job {job.id}; its master key is needed.")


def may_see(services: Services, key: Key, job: Job) -> bool:
    """Tell whether ``key`` is the master key of the job's data source.

    Where that is gone, or has no master key any more because its first load failed, the one that was it when the job
    was accepted counts.
    """
    found = services.catalog.versions_of(job.data_source_id)
    present = None if found is None else found.data_source.master_key_id
    return key.id == (present or job.master_key_id)
