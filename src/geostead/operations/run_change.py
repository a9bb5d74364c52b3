"""Run a publish, rollback or delete job: one transaction of the catalog, then the files that it made needless."""

from __future__ import annotations

from geostead.catalog.base import Ending
from geostead.model.job import Progress
from geostead.operations.attempt import Attempt
from geostead.operations.services import Services
from geostead.operations.tidy_up import snapshots_of, tidy_up


def run_change(services: Services, attempt: Attempt) -> None:
    """Do what the job was ordered to do, and complete it.

    Raises OvertakenByEvents where what was ordered is not possible any more, LeaseLost, Unavailable.
    """
    snapshot_ids = snapshots_of(services, attempt.job)
    ending = Ending(Progress(0, 0, 0), services.now())
    services.catalog.complete_change(attempt.job, attempt.worker, ending)
    tidy_up(services, attempt.job, snapshot_ids)
