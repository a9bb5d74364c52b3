"""List the jobs of an account for its members."""

from __future__ import annotations

from dataclasses import dataclass

from geostead.model.job import Job, JobStatus
from geostead.operations.list_jobs import LISTED
from geostead.operations.services import Services

PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class JobPage:
    """Some of the jobs of an account."""

    listed: tuple[Job, ...]
    count: int
    """How many there are in all."""
    number: int
    """Which page this is, from 1 on."""

    @property
    def page_count(self) -> int:
        """How many pages there are; one at least."""
        return max(1, -(-self.count // PAGE_SIZE))

    @property
    def has_pending(self) -> bool:
        """Whether one of these may still change."""
        return any(job.status is JobStatus.PENDING for job in self.listed)


def list_own_jobs(services: Services, account_id: str, number: int) -> JobPage:
    """Return a page of the jobs of the last 15 days, downloads too: the pending ones, then the others, newest first.

    ``number`` counts from 1; beyond the last page comes the last one.
    """
    found = services.catalog.list_jobs(account_id, services.now() - LISTED, with_downloads=True)
    last = max(1, -(-len(found) // PAGE_SIZE))
    number = min(max(number, 1), last)
    return JobPage(tuple(found[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]), len(found), number)
