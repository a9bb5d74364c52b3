"""What is told of a job that runs: numbers for the metrics, and the trace that it goes on with."""

from __future__ import annotations

from geostead.jobs.handlers import Outcome
from geostead.model.job import Job, JobKind, Progress
from geostead.telemetry.measures import JOB_SECONDS, JOBS_ENDED, ROWS
from geostead.telemetry.meters import Meters
from geostead.telemetry.trace import Trace, read_trace
from geostead.telemetry.tracing import Kind, Tracing


def begin(tracing: Tracing, job: Job) -> Trace:
    """Return the trace of a job: that of the request that accepted it, else one of its own."""
    trace = None if job.trace is None else read_trace(job.trace)
    attributes: dict[str, str | int] = {"geostead.job": job.id, "geostead.attempt": job.attempt}
    return tracing.begin(trace or Trace(job.id), Kind.JOB, f"{job.kind} job", attributes)


def count(meters: Meters, job: Job, outcome: Outcome, seconds: float, progress: Progress) -> None:
    """Count an attempt at a job, and of a load the rows that it has read."""
    meters.add(JOBS_ENDED, job.kind, outcome)
    meters.observe(JOB_SECONDS, job.kind, seconds=seconds)
    if job.kind is JobKind.LOAD:
        meters.add(ROWS, "good", amount=progress.processed_count - progress.failed_count)
        meters.add(ROWS, "bad", amount=progress.failed_count)
