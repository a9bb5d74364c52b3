"""Delete what the end of a job made needless, at once: what is missed here waits for the next ``expire``."""

from __future__ import annotations

import logging
from collections.abc import Set

from geostead.model.job import Job, JobStatus, LoadOrder, snapshots_of_attempt
from geostead.operations.services import Services

_log = logging.getLogger(__name__)


def snapshots_of(services: Services, job: Job) -> frozenset[str]:
    """Return the snapshots that the end of a job may make needless: those of all versions, and its own."""
    found = services.catalog.versions_of(job.data_source_id)
    versions = () if found is None else found.every
    return snapshots_of_attempt(job.id, job.attempt) | {version.snapshot_id for version in versions}


def tidy_up(services: Services, job: Job, snapshot_ids: Set[str]) -> None:
    """Delete the upload of a job that has ended, and those of the snapshots that nothing names any more.

    Raises nothing: the job has ended, whatever goes wrong here.
    """
    try:
        if isinstance(job.order, LoadOrder):
            services.blobs.delete(job.order.upload_of(job.attempt))
        delete_unnamed(services, snapshot_ids)
    except Exception:
        _log.exception("Could not delete what a job no longer needs.", extra={"job": job.id})


def tidy_up_lost(services: Services, job: Job) -> None:
    """Delete what an attempt at a load wrote that lost its job; the upload stays for the next one, if there may be one.

    There is none for a job that was cancelled, or is gone with its account.
    """
    found = services.catalog.get_job(job.id)
    if isinstance(job.order, LoadOrder) and (found is None or found.status is not JobStatus.PENDING):
        services.blobs.delete(job.order.upload_of(job.attempt))
    delete_unnamed(services, snapshots_of_attempt(job.id, job.attempt))


def delete_unnamed(services: Services, snapshot_ids: Set[str]) -> None:
    """Delete those of the snapshots that no version, download or attempt names.

    A download that is accepted in this very moment finds its version gone when it runs.
    """
    for snapshot_id in snapshot_ids - services.catalog.used_snapshots():
        services.snapshots.delete(snapshot_id)
