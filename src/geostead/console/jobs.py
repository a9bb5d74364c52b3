"""Jobs: the list, the page of one, its error log, and how it is cancelled."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from starlette.responses import Response, StreamingResponse

from geostead.console.own_data_source import JOB, state_of, told
from geostead.console.visit import Visit
from geostead.errors import NotFound, RequestError
from geostead.http.errors import answer_to
from geostead.model.data_source import DataSourceVersions
from geostead.model.job import Job, JobStatus
from geostead.operations.cancel_job import cancel_job
from geostead.operations.find_own import find_own
from geostead.operations.get_own_job import get_own_job
from geostead.operations.job_file import JobFile
from geostead.operations.list_own_jobs import list_own_jobs
from geostead.operations.open_error_log import log_of
from geostead.wire.error_log import encode_error_log

SHOWN_LINES = 200
"""Lines of an error log that a page shows; the file has all."""
_SHOWN_BYTES = 256 * 1024


class LogLine(NamedTuple):
    """One line of an error log."""

    severity: str
    """``error``, ``note`` or ``aborted``."""
    location: str
    entity_id: str
    property: str
    found: str
    expected: str


def show_list(visit: Visit) -> Response:
    """List the jobs of the account; the page looks again by itself."""
    found = list_own_jobs(visit.services, visit.account.id, visit.page_number)
    has_pending = any(job.status is JobStatus.PENDING for job in found.listed)
    return visit.page("jobs.html", found=found, has_pending=has_pending)


def show(visit: Visit) -> Response:
    """Show where a job stands and what is wrong with its rows; the page looks again by itself while it is pending."""
    return _page(visit, _job_of(visit))


def cancel(visit: Visit) -> Response:
    """Cancel a job, or say that it has ended already."""
    job = _job_of(visit)
    try:
        cancel_job(visit.services, job)
    except RequestError as error:
        return _page(visit, _job_of(visit), error)
    return visit.to(JOB, job=job.id)


def send_log(visit: Visit) -> Response:
    """Send the error log of a job as a file."""
    job = _job_of(visit)
    name = f"{job.data_source_name}-{job.id}-errors.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(_log_chunks(visit, job), headers=headers, media_type="text/csv; charset=utf-8")


def _job_of(visit: Visit) -> Job:
    return get_own_job(visit.services, visit.account.id, visit.path["job"])


def _page(visit: Visit, job: Job, error: RequestError | None = None) -> Response:
    status = 200 if error is None else answer_to(error).status
    lines, versions = _log_lines(visit, job), _versions_of(visit, job)
    made = None if versions is None else versions.find(job.id)
    return visit.page(
        "job.html",
        status,
        job=job,
        is_pending=job.status is JobStatus.PENDING,
        is_gone=versions is None,
        state="" if versions is None or made is None else state_of(versions, made),
        lines=lines[:SHOWN_LINES],
        has_more=len(lines) > SHOWN_LINES,
        error=told(visit, error),
    )


def _versions_of(visit: Visit, job: Job) -> DataSourceVersions | None:
    """Return the data source of a job as it is now; None if it is gone, or another one has its name."""
    try:
        found = find_own(visit.services, visit.account.id, job.data_source_name)
    except NotFound:
        return None
    return found.versions if found.data_source.id == job.data_source_id else None


def _log_lines(visit: Visit, job: Job) -> list[LogLine]:
    """Return the first lines of the error log about rows, one more than are shown; none where there is no log."""
    if job.error_log is None:
        return []
    try:
        read = b""
        for chunk in _log_chunks(visit, job):
            read += chunk
            if len(read) > _SHOWN_BYTES:
                break
    except NotFound:
        return []  # it is kept for fourteen days
    rows = csv.reader(io.StringIO(read.decode("utf-8", "replace"), newline=""))
    lines = (LogLine(*row) for row in islice(rows, 1, None) if len(row) == len(LogLine._fields))
    return list(islice((line for line in lines if line.severity != "aborted"), SHOWN_LINES + 1))


def _log_chunks(visit: Visit, job: Job) -> Iterator[bytes]:
    """Return the error log, of an aborted job without one its reason. Raises NotFound."""
    log = log_of(visit.services, job)
    return log.chunks() if isinstance(log, JobFile) else iter((encode_error_log(log.text, [], 0),))
