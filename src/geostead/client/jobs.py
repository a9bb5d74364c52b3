"""Jobs: where they stand, and waiting for their end."""

from __future__ import annotations

import time
from collections.abc import Iterator

from geostead.client import paths
from geostead.client.connection import Connection
from geostead.client.documents import issues_of, job_of, jobs_of
from geostead.client.errors import JobAborted, JobUnfinished, NotFound
from geostead.client.values import Job, JobKind, RowIssue

_FIRST_POLL_S = 0.05
_LONGEST_POLL_S = 3.0
_SLOWER = 1.4


class Jobs:
    """The jobs of a Geostead; part of :class:`geostead.client.Geostead`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def jobs(self) -> list[Job]:
        """List the jobs of the account of the last 15 days, pending ones first, then newest first; no downloads.

        Raises NoReply, Refused, UnexpectedReply, as everything here does.
        """
        return jobs_of(self._connection.read(paths.JOBS))

    def job(self, job_id: str) -> Job:
        """Tell where a job stands, whatever it does. It takes the master key of its data source. Raises NotFound."""
        for kind in JobKind:
            try:
                return self._status(kind, job_id)
            except NotFound as error:
                not_found = error
        raise NotFound(f"There is no job {job_id}.", status=404, code="NotFound", trace_id=not_found.trace_id)

    def watch(self, job: Job | str, *, timeout_s: float | None = None) -> Iterator[Job]:
        """Ask for a job again and again, ever less often, and give each state; the last one has ended.

        Raises JobUnfinished after ``timeout_s``, if that is not None. The server may be away in between, for as long
        as requests are tried again.
        """
        started_s = time.monotonic()
        now = self.job(job) if isinstance(job, str) else job
        pause_s = _FIRST_POLL_S
        yield now
        while not now.has_ended:
            if timeout_s is not None and time.monotonic() - started_s + pause_s > timeout_s:
                raise JobUnfinished(now, timeout_s)
            time.sleep(pause_s)
            pause_s = min(_LONGEST_POLL_S, pause_s * _SLOWER)
            now = self._status(now.kind, now.id)
            yield now

    def wait(self, job: Job | str, *, timeout_s: float | None = None) -> Job:
        """Wait for the end of a job and return it. Raises JobAborted, JobUnfinished."""
        *_, ended = self.watch(job, timeout_s=timeout_s)
        if ended.is_aborted:
            raise JobAborted(ended)
        return ended

    def cancel(self, job: Job | str) -> Job:
        """Cancel a pending job and return it as it then is. It takes the master key of its data source.

        Raises BadRequest if it has ended or is too far.
        """
        found = self.job(job) if isinstance(job, str) else job
        return job_of(self._connection.act("DELETE", paths.of_job(found.kind, found.id)), found.kind)

    def error_log(self, job: Job) -> tuple[RowIssue, ...]:
        """Return the error log of a job that has ended: rows that were left out, and notes; () if it has none."""
        if job.kind is JobKind.CHANGE:
            return ()
        try:
            return issues_of(self._connection.read(f"{paths.of_job(job.kind, job.id)}/output/failed"))
        except NotFound:
            return ()

    def _status(self, kind: JobKind, job_id: str) -> Job:
        return job_of(self._connection.read(paths.of_status(kind, job_id)), kind)
