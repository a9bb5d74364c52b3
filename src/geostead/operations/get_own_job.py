"""Tell a member of an account where one of its jobs stands."""

from __future__ import annotations

from geostead.errors import NotFound
from geostead.model.job import Job
from geostead.operations.services import Services


def get_own_job(services: Services, account_id: str, job_id: str) -> Job:
    """Return the account's job of that id (in either case of its hex digits), of whatever kind. Raises NotFound."""
    job = services.catalog.get_job(job_id.lower())
    if job is None or job.account_id != account_id:
        raise NotFound(f"There is no job {job_id}.")
    return job
