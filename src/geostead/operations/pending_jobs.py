"""Find what is under way for a data source."""

from __future__ import annotations

from geostead.model.data_source import DataSource
from geostead.model.job import Job, JobStatus
from geostead.operations.services import Services


def pending_jobs(services: Services, data_source: DataSource) -> list[Job]:
    """Return the pending jobs of a data source, newest first: those that change it, then a download."""
    catalog = services.catalog
    changes = catalog.list_jobs(data_source.account_id, services.now())
    downloads = catalog.newest_downloads(data_source.account_id, data_source.name)
    return [
        job
        for job in (*changes, *downloads)
        if job.status is JobStatus.PENDING and job.data_source_id == data_source.id
    ]
