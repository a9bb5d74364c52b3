"""Take back a job that has not ended yet."""

from __future__ import annotations

from geostead.model.job import DownloadOrder, Job
from geostead.operations.services import Services
from geostead.operations.tidy_up import tidy_up


def cancel_job(services: Services, job: Job) -> Job:
    """Abort a pending job, reason ``cancelled``, and return it as it ended. Jobs that wait behind it stay.

    Of a job that is running nothing comes any more: its worker notices with the next report of its progress, and takes
    away what it wrote. Raises NotFound; InvalidParameter (``jobId``) for a job that has ended.
    """
    cancelled = services.catalog.cancel(job.id, job.account_id, services.now())
    if cancelled.attempt == 0:  # else a worker may be reading, and tidies up itself
        was_kept = {cancelled.order.snapshot_id} if isinstance(cancelled.order, DownloadOrder) else set()
        tidy_up(services, cancelled, was_kept)
    return cancelled
