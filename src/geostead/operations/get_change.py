"""Tell where a publish, rollback, delete or access job stands (http-api.md, section 2)."""

from __future__ import annotations

from geostead.errors import NotFound
from geostead.model.job import Job, JobKind
from geostead.operations.authenticate import authenticate
from geostead.operations.get_job import check_may_see
from geostead.operations.services import Services

KEYLESS = frozenset({JobKind.PUBLISH, JobKind.ROLLBACK})
"""Jobs whose id is credential enough: Microsoft's own client polls them without a key."""


def get_change(
    services: Services, key_value: str | None, kinds: frozenset[JobKind], job_id: str, page: str | None = None
) -> Job:
    """Return the job of that id (in either case of its hex digits), which is of one of ``kinds``.

    Without a key only what :data:`KEYLESS` names is found, and nothing tells other jobs from none. ``page`` is as
    with :func:`authenticate`.

    Raises NoCredentials, InvalidCredentials, CredentialsExpired; NotFound; NotAuthorized as :func:`get_job` does.
    """
    found = services.catalog.get_job(job_id.lower())
    job = found if found is not None and found.kind in kinds else None
    if job is not None and job.kind in KEYLESS and not (key_value or "").strip():
        return job
    key = authenticate(services, key_value, page)
    if job is None:
        raise NotFound(f"There is no {' or '.join(sorted(kinds))} job {job_id}.")
    check_may_see(services, key, job)
    return job
