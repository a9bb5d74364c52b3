"""From a job to the operation that does it, and from what went wrong to the job's end."""

from __future__ import annotations

import logging
from collections.abc import Callable
from enum import StrEnum
from typing import assert_never

from geostead.catalog.base import Ending
from geostead.durable import NO_ROOM
from geostead.errors import DiskFull, LeaseLost, LoadError, OvertakenByEvents, Unavailable
from geostead.jobs.lease import Lease, WorkerStops
from geostead.model.job import AccessOrder, DeleteOrder, DownloadOrder, Job, LoadOrder, PublishOrder, RollbackOrder
from geostead.operations.attempt import Attempt, AttemptRepeated
from geostead.operations.check_readiness import check_readiness
from geostead.operations.run_change import run_change
from geostead.operations.run_download import run_download
from geostead.operations.run_load import run_load
from geostead.operations.services import Services
from geostead.operations.tidy_up import snapshots_of, tidy_up
from geostead.telemetry.trace import current_trace
from geostead.wire.error_log import encode_error_log

RECOVERY_LOOK_S = 1.0
"""Pause between two looks whether what the installation stands on answers again."""

_log = logging.getLogger(__name__)


class Outcome(StrEnum):
    """How an attempt at a job ended."""

    COMPLETED = "completed"
    ABORTED = "aborted"
    LOST = "lost"
    """Another worker owns the job by now."""
    LEFT = "left"
    """Something did not answer; the next attempt may succeed."""
    GIVEN_BACK = "given_back"
    """The worker had to stop, or what the installation stands on did not answer for a while."""


def run_job(services: Services, job: Job, worker: str, lease: Lease, pause: Callable[[float], None]) -> Outcome:
    """Run a claimed job to its end; never raises because of the job.

    What cannot be helped by another attempt aborts the job: what whoever ordered it can understand (a full disk too)
    with its message, anything else (a bug, damaged files) with a trace id under which the log of this process tells
    more. A job whose lease was lost belongs to another worker, or was cancelled. Where catalog, store or the database
    for entities do not answer, the job is given back when they do, and that counts as no attempt: an outage, however
    long, costs nobody an accepted job. Where all answer and the job found otherwise, the lease runs out and the job is
    taken again. It is given back at once where the worker stops, or the catalog was set back and counts an attempt that
    was made before.
    """
    try:
        return _dispatch(services, Attempt(job, worker, lease.report))
    except LeaseLost:
        told = {"job": job.id, "attempt": job.attempt}
        _log.warning("Lost a job: another worker has it, or it was cancelled.", extra=told)
        return Outcome.LOST
    except DiskFull as error:
        return _abort(services, job, worker, lease, _reason(services, job, error))
    except Unavailable:
        _log.exception("Left a job to its next attempt.", extra={"job": job.id, "attempt": job.attempt})
        return Outcome.LEFT if _is_ready(services) else _give_back_later(services, job, worker, lease, pause)
    except (WorkerStops, AttemptRepeated) as reason:
        return _give_back(services, job, worker, reason)
    except Exception as error:
        return _abort(services, job, worker, lease, _reason(services, job, error))


def _reason(services: Services, job: Job, error: Exception) -> str:
    """Return why a job is aborted, for whoever ordered it; log what the operator has to know."""
    if isinstance(error, LoadError | OvertakenByEvents):
        return str(error)
    if isinstance(error, DiskFull) or (isinstance(error, OSError) and error.errno in NO_ROOM):
        _log.error("A job failed because the disk is full.", exc_info=error, extra={"job": job.id})
        return str(DiskFull())
    current = current_trace()
    trace = services.new_id() if current is None else current.id
    _log.error("A job failed for no reason of its own.", exc_info=error, extra={"job": job.id, "trace": trace})
    return f"Internal error; the operator finds it in the log under trace {trace}."


def _dispatch(services: Services, attempt: Attempt) -> Outcome:
    match attempt.job.order:
        case LoadOrder() as order:
            is_completed = run_load(services, attempt, order, encode_error_log)
            return Outcome.COMPLETED if is_completed else Outcome.ABORTED
        case DownloadOrder() as order:
            run_download(services, attempt, order)
        case PublishOrder() | RollbackOrder() | DeleteOrder():
            run_change(services, attempt)
        case AccessOrder():
            raise AssertionError("An access job is done when it is accepted; there is nothing to claim.")
        case unknown:
            assert_never(unknown)
    return Outcome.COMPLETED


def _is_ready(services: Services) -> bool:
    """Tell whether all that a job may need answers: more than queries need, for which ``/readyz`` stands."""
    try:
        check_readiness(services)
        services.snapshots.ping()
    except Unavailable:
        return False
    return True


def _give_back_later(
    services: Services, job: Job, worker: str, lease: Lease, pause: Callable[[float], None]
) -> Outcome:
    """Wait until everything answers, or the worker has to stop; then give the job back."""
    try:
        while not _is_ready(services):
            lease.report(lease.progress)
            pause(RECOVERY_LOOK_S)
    except LeaseLost:
        return Outcome.LOST
    except WorkerStops:
        pass
    return _give_back(services, job, worker)


def _give_back(services: Services, job: Job, worker: str, reason: Exception | None = None) -> Outcome:
    try:
        services.catalog.release(job, worker)
    except (LeaseLost, Unavailable):
        _log.exception("Could not give a job back; its lease will run out.", extra={"job": job.id})
    else:
        told = {"job": job.id, "attempt": job.attempt, "reason": str(reason or "")}
        _log.info("Gave a job back.", extra=told)
    return Outcome.GIVEN_BACK


def _abort(services: Services, job: Job, worker: str, lease: Lease, reason: str) -> Outcome:
    try:
        services.catalog.abort(job, worker, reason, Ending(lease.progress, services.now()))
        tidy_up(services, job, snapshots_of(services, job))
    except (LeaseLost, Unavailable):
        _log.exception("Could not record that a job failed.", extra={"job": job.id})
        return Outcome.LEFT
    return Outcome.ABORTED
