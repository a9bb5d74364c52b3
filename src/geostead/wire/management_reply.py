"""What a management reply says, before it is JSON or XML (http-api.md, sections 4.1 and 4.2)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

from geostead.model.job import DownloadOrder, Job, JobStatus, LoadOperation, LoadOrder
from geostead.wire.links import Links

DATAFLOW_JOB = "DataflowJob"
NAMESPACE = "http://schemas.microsoft.com/search/local/ws/rest/v1"

LISTED_LOADS = {LoadOperation.COMPLETE: "DataSourceComplete"}
"""The words of the job list for what a load did."""


@dataclass(frozen=True, slots=True)
class RoleLink:
    """A link of a job."""

    role: str
    url: str
    name: str | None = None


@dataclass(frozen=True, slots=True)
class JobResource:
    """A job as replies show it."""

    job: Job
    links: tuple[RoleLink, ...]
    description: str | None

    @property
    def completed_at(self) -> datetime | None:
        """When the job ended; None while it is pending."""
        return None if self.job.status is JobStatus.PENDING else self.job.completed_at


@dataclass(frozen=True, slots=True)
class ManagementReply:
    """A whole reply."""

    status_code: int
    trace_id: str
    logo_url: str
    jobs: tuple[JobResource, ...] | None = None
    """None on an error: there is no resource set at all."""
    error_details: tuple[str, ...] = ()
    """Absent from the document when empty (C18)."""
    authentication_result_code: str = "ValidCredentials"

    @property
    def status_description(self) -> str:
        """The words of HTTP for the status code."""
        return HTTPStatus(self.status_code).phrase


def reply_about(
    jobs: Sequence[Job], links: Links, trace_id: str, status_code: int, *, listing: bool
) -> ManagementReply:
    """Say where jobs stand.

    In the job list (``listing``) the description is the operation. Elsewhere it is the caller's own, and the reasons
    of an aborted job are repeated as error details (C18).
    """
    reasons = () if listing else tuple(job.error_message for job in jobs if job.error_message is not None)
    resources = tuple(
        JobResource(job, tuple(_links_of(job, links)), _operation(job) if listing else job.description) for job in jobs
    )
    return ManagementReply(status_code, trace_id, links.logo, resources, reasons)


def _operation(job: Job) -> str:
    match job.order:
        case LoadOrder(operation=operation):
            return LISTED_LOADS[operation]
        case DownloadOrder():
            return "DataSourceDownload"


def _links_of(job: Job, links: Links) -> Iterator[RoleLink]:
    yield RoleLink("self", links.job(job))
    completed = job.status is JobStatus.COMPLETED
    match job.order:
        case LoadOrder() if completed:
            url = links.data_source(job.access_id, job.data_source_name)
            yield RoleLink("dataSource", url, "service")
            yield RoleLink("datasource", url, "service")
        case DownloadOrder() if completed:
            yield RoleLink("output", links.output_succeeded(job), "succeeded")
    if job.status is JobStatus.ABORTED or (completed and job.failed_count):
        yield RoleLink("output", links.output_failed(job), "failed")
