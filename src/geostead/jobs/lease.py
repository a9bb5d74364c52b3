"""Holding a job while it runs.

A lease lasts 15 seconds and is renewed twice a second. Short, because that is all the machinery that is needed after a
crash: whatever kills a worker (``kill -9`` of everything, a lost node), its job is runnable again at most 15 seconds
later, and nobody has to find out who died. Not shorter, because a beat can be late: the thread that renews waits for
the interpreter while another one is inside a long call, for a disk that flushes, for a database that fails over; some
29 beats may fail before a job is lost. Losing one is harmless anyway (the attempt finds out and its work is thrown
away), it only costs time. The beat is faster than the lease needs because it carries the progress that callers poll.

A job is asked to end with each report of its progress. In between it may sort or write for longer than whoever stops
the worker waits before killing it, and a killed attempt counts as lost. So the thread that renews has the last word: a
few beats after the job should have ended it gives the job back and ends the process.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable
from contextvars import copy_context
from types import TracebackType

from geostead.catalog.base import Jobs
from geostead.errors import GeosteadError, LeaseLost, Unavailable
from geostead.model.job import Job, Progress

LEASE_S = 15.0
BEAT_S = 0.5
LAST_BEATS = 4
"""Beats that a job has to end by itself once it has to be given back."""

_log = logging.getLogger(__name__)


class WorkerStops(GeosteadError):
    """The worker was told to stop and cannot wait for the end of this job."""


class Lease:
    """Renew the lease of one job from a thread, for as long as the ``with`` block runs."""

    def __init__(
        self,
        catalog: Jobs,
        job: Job,
        worker: str,
        must_stop: Callable[[], bool],
        end_process: Callable[[int], object] = os._exit,
    ) -> None:
        """Begin with a job that ``worker`` has claimed; ``must_stop`` tells when it has to be given back.

        ``end_process`` ends the process with an exit code, whatever other threads are doing.
        """
        self._catalog = catalog
        self._job = job
        self._worker = worker
        self._must_stop = must_stop
        self._end_process = end_process
        self._progress = Progress(job.total_count, job.processed_count, job.failed_count)
        self._lost = False
        self._done = threading.Event()
        beat = copy_context().run  # with the trace of the job, which is in the context
        self._thread = threading.Thread(target=beat, args=(self._beat,), name=f"lease of {job.id}", daemon=True)

    def report(self, progress: Progress) -> None:
        """Take note of the progress, for the next beat.

        Raises LeaseLost if another worker owns the job by now, WorkerStops if it has to be given back.
        """
        self._progress = progress
        if self._lost:
            raise LeaseLost(f"Job {self._job.id} is no longer this worker's.")
        if self._must_stop():
            raise WorkerStops(f"Job {self._job.id} is given back.")

    @property
    def progress(self) -> Progress:
        """What was reported last."""
        return self._progress

    def __enter__(self) -> Lease:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._done.set()
        self._thread.join()

    def _beat(self) -> None:
        last_beats = 0
        while not self._done.wait(BEAT_S):
            last_beats += self._must_stop()
            if last_beats <= LAST_BEATS:
                self._touch(self._renew)
            elif self._touch(self._release):
                _log.warning("Ended a process in the middle of its job.", extra={"job": self._job.id})
                self._end_process(0)
                return

    def _renew(self) -> None:
        self._catalog.renew(self._job, self._worker, LEASE_S, self._progress)

    def _release(self) -> None:
        self._catalog.release(self._job, self._worker)

    def _touch(self, change: Callable[[], None]) -> bool:
        """Change the lease; return whether that is settled, because it was done or the lease is lost."""
        try:
            if not self._lost:
                change()
        except LeaseLost:
            self._lost = True
        except Unavailable:
            return False  # the next beat may succeed; the lease outlasts several
        except Exception:  # the job runs on, so its lease has to
            _log.exception("Could not renew or give back a lease.", extra={"job": self._job.id})
            return False
        return True
