"""List the jobs of an account for its members."""

from __future__ import annotations

from geostead.model.job import Job
from geostead.operations.list_jobs import LISTED
from geostead.operations.paging import ListPage, page_of
from geostead.operations.services import Services


def list_own_jobs(services: Services, account_id: str, number: int) -> ListPage[Job]:
    """Return a page of the jobs of the last 15 days, downloads too: the pending ones, then the others, newest first."""
    return page_of(services.catalog.list_jobs(account_id, services.now() - LISTED, with_downloads=True), number)
