"""What a management reply says, before it is JSON or XML (http-api.md, sections 4.1 and 4.2)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from http import HTTPStatus
from typing import assert_never

from geostead.model.job import (
    AccessOrder,
    DeleteOrder,
    DownloadOrder,
    Job,
    JobStatus,
    LoadOperation,
    LoadOrder,
    PublishOrder,
    RollbackOrder,
)
from geostead.wire.links import Links

NAMESPACE = "http://schemas.microsoft.com/search/local/ws/rest/v1"
ACCEPTED = "Accepted"
"""The status of a publish in the reply that accepts it, and nowhere else (C20)."""

LISTED_LOADS = {
    LoadOperation.COMPLETE: "DataSourceComplete",
    LoadOperation.COMPLETE_STAGING: "DataSourceCompleteStaging",
    LoadOperation.INCREMENTAL: "DataSourceIncremental",
    LoadOperation.INCREMENTAL_STAGING: "DataSourceIncrementalStaging",
}
"""The words of the job list for what a load did."""


class ResourceType(StrEnum):
    """The two types of job that there are; no reply has a third (C17)."""

    DATAFLOW_JOB = "DataflowJob"
    """Moves entities, and counts them."""
    DATA_SERVICE_JOB = "DataServiceJob"
    """Changes what a data source is; nothing to count."""


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
    type: ResourceType
    links: tuple[RoleLink, ...]
    description: str | None
    status: str

    @property
    def counts(self) -> tuple[int, int, int] | None:
        """Total, processed and failed entities; None for a job that has none to count."""
        job = self.job
        if self.type is ResourceType.DATA_SERVICE_JOB:
            return None
        return job.total_count, job.processed_count, job.failed_count

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

    In the job list (``listing``) the description is the operation. Elsewhere that of a load is the caller's own, and
    the reasons of an aborted job are repeated as error details (C18).
    """
    reasons = () if listing else tuple(job.error_message for job in jobs if job.error_message is not None)
    accepted = status_code == HTTPStatus.ACCEPTED
    resources = tuple(_resource(job, links, listing=listing, accepted=accepted) for job in jobs)
    return ManagementReply(status_code, trace_id, links.logo, resources, reasons)


def _resource(job: Job, links: Links, *, listing: bool, accepted: bool) -> JobResource:
    description = _operation(job) if listing else _description(job)
    status = ACCEPTED if accepted else job.status.value
    return JobResource(job, _type_of(job), tuple(_links_of(job, links)), description, status)


def _type_of(job: Job) -> ResourceType:
    match job.order:
        case LoadOrder() | DownloadOrder() | RollbackOrder():
            return ResourceType.DATAFLOW_JOB
        case PublishOrder() | DeleteOrder() | AccessOrder():
            return ResourceType.DATA_SERVICE_JOB
        case _:
            assert_never(job.order)


def _operation(job: Job) -> str:
    """Return the word of the job list for a job; downloads, which are not in it, have one of their own."""
    match job.order:
        case LoadOrder(operation=operation):
            return LISTED_LOADS[operation]
        case DownloadOrder():
            return "DataSourceDownload"
        case PublishOrder():
            return "DataSourcePublishFromStaged"
        case RollbackOrder():
            return "DataSourceRollback"
        case DeleteOrder():
            return "DataSourceDelete"
        case AccessOrder():
            return "DataSourceAccess"
        case _:
            assert_never(job.order)


def _description(job: Job) -> str | None:
    """Return the description outside of the job list."""
    match job.order:
        case LoadOrder() | DownloadOrder():
            return job.description
        case AccessOrder(is_public=is_public):
            return f'Data source "{job.data_source_name}" set {"public" if is_public else "private"}'
        case PublishOrder() | RollbackOrder() | DeleteOrder():
            return _operation(job)
        case _:
            assert_never(job.order)


def _links_of(job: Job, links: Links) -> Iterator[RoleLink]:
    yield RoleLink("self", links.job(job))
    completed = job.status is JobStatus.COMPLETED
    match job.order:
        case LoadOrder() | RollbackOrder() if completed:
            url = links.data_source(job.access_id, job.data_source_name)
            yield RoleLink("dataSource", url, "service")
            yield RoleLink("datasource", url, "service")
        case DownloadOrder() if completed:
            yield RoleLink("output", links.output_succeeded(job), "succeeded")
    if _has_log(job):
        yield RoleLink("output", links.output_failed(job), "failed")


def _has_log(job: Job) -> bool:
    if _type_of(job) is ResourceType.DATA_SERVICE_JOB:
        return False
    return job.status is JobStatus.ABORTED or (job.status is JobStatus.COMPLETED and job.failed_count > 0)
