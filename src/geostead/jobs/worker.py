"""The loop of a worker process: claim a job, run it, until told to stop."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable

from geostead.errors import Unavailable
from geostead.jobs.handlers import Outcome, run_job
from geostead.jobs.lease import LEASE_S, Lease
from geostead.jobs.telling import begin, count
from geostead.model.job import Job
from geostead.operations.services import Services
from geostead.telemetry.trace import Trace, traced

GRACE_S = 20.0
"""How long a job may go on after the stop signal before it is given back: well before the worker would be killed."""
LOOK_S = 0.02
"""Pause between two looks at the catalog's revision: a job starts at most this long after it was accepted."""
CLAIM_S = 1.0
"""Pause between two claims where the revision stays: leases run out without a change."""
LENIENCE_S = 5.0
"""How long leases that have run out are left to their holders after something did not answer: they could not renew them
either, beat twice a second, and may need some seconds to connect. Without it an idle worker would be faster, and count
as lost a lease whose holder is alive; three such outages would cost the job."""

_log = logging.getLogger(__name__)


class Worker:
    """Run the jobs of an installation, one at a time; start as many workers as should run side by side."""

    def __init__(
        self,
        services: Services,
        name: str,
        *,
        monotonic_s: Callable[[], float] = time.monotonic,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        """``name`` is unique among all workers of an installation."""
        self._services = services
        self._name = name
        self._monotonic_s = monotonic_s
        self._pause = pause
        self._stopped_s: float | None = None
        self._lenient_until_s = -math.inf

    def stop(self) -> None:
        """Take no more jobs, and give the running one back after :data:`GRACE_S`. Safe in a signal handler.

        A job that even then does not end takes the process with it.
        """
        if self._stopped_s is None:
            self._stopped_s = self._monotonic_s()

    def run(self) -> None:
        """Run jobs as they come, until :meth:`stop` is called."""
        while self._stopped_s is None:
            try:
                seen = self._services.catalog.revision()
                if not self.run_next():
                    self._wait_for_change(seen)
            except Unavailable:
                _log.exception("The catalog does not answer.")
                self._be_lenient()
                self._pause(CLAIM_S)
        self._services.meters.close()
        self._services.tracing.close()

    def run_next(self) -> bool:
        """Claim and run the next runnable job; return whether there was one."""
        with_lapsed = self._monotonic_s() >= self._lenient_until_s
        job = self._services.catalog.claim(self._name, LEASE_S, with_lapsed=with_lapsed)
        if job is None:
            return False
        trace = begin(self._services.tracing, job)
        with traced(trace):
            self._run(job, trace)
        return True

    def _run(self, job: Job, trace: Trace) -> None:
        began_s = self._monotonic_s()
        with Lease(self._services.catalog, job, self._name, self._must_stop) as lease:
            outcome = run_job(self._services, job, self._name, lease, self._pause)
        if outcome in (Outcome.LEFT, Outcome.GIVEN_BACK):
            self._be_lenient()
        seconds = self._monotonic_s() - began_s
        told = {"job": job.id, "kind": job.kind, "attempt": job.attempt, "outcome": outcome}
        _log.info("Ran a job.", extra={**told, "seconds": round(seconds, 3)})
        count(self._services.meters, job, outcome, seconds, lease.progress)
        self._services.tracing.end(trace, outcome.value, failed=outcome is Outcome.ABORTED)

    def _wait_for_change(self, seen: int) -> None:
        """Pause until the catalog has changed since ``seen``, or it is time to try anyway, or to stop."""
        until_s = self._monotonic_s() + CLAIM_S
        while self._stopped_s is None and self._monotonic_s() < until_s:
            self._pause(LOOK_S)
            if self._services.catalog.revision() != seen:
                return

    def _be_lenient(self) -> None:
        self._lenient_until_s = self._monotonic_s() + LENIENCE_S

    def _must_stop(self) -> bool:
        return self._stopped_s is not None and self._monotonic_s() > self._stopped_s + GRACE_S
