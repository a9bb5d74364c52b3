"""Watches requests come and go: counts them, traces them, and logs them where the operator wants that.

A query takes some 25 microseconds, so that all of this together may take one: plain integers, and nothing made that
nobody looks at.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from time import perf_counter

from geostead.http.errors import answer_to
from geostead.model.ids import IdMaker
from geostead.operations.services import Services
from geostead.telemetry.measures import CAUSES, UNAVAILABLE
from geostead.telemetry.request_counts import GONE, STATUSES
from geostead.telemetry.trace import Trace, new_trace, read_trace_parent, set_current
from geostead.telemetry.tracing import NO_TRACING, Kind

access_log = logging.getLogger("geostead.access")

*_ROOMS, _OTHER = CAUSES


def trace_of(headers: Mapping[bytes, bytes], new_id: IdMaker) -> Trace:
    """Return the trace that the header ``traceparent`` goes on with; a new one where that is missing or not valid."""
    given = headers.get(b"traceparent")
    trace = None if given is None else read_trace_parent(given.decode("latin-1"))
    return new_trace(new_id()) if trace is None else trace


class Watch:
    """Watches the requests for one operation. For the event loop: nothing here is meant for other threads."""

    def __init__(self, operation: str, services: Services, *, logs: bool) -> None:
        """``operation`` is out of a closed set of names; ``logs`` says whether each request is logged."""
        self._operation = operation
        self._counts = services.meters.requests(operation)
        self._meters = services.meters
        self._tracing = None if services.tracing is NO_TRACING else services.tracing
        self._logs = logs

    def begin(self, trace: Trace, method: str) -> Trace:
        """Make the trace of a request that came in the current one, and return it."""
        if self._tracing is not None:
            trace = self._tracing.begin(trace, Kind.REQUEST, self._operation, {"http.request.method": method})
        set_current(trace)
        return trace

    def end(self, trace: Trace, method: str, status: int, began_s: float) -> None:
        """Count a request that was answered, or whose client is gone, and which came at ``perf_counter`` time."""
        seconds = perf_counter() - began_s
        self._counts.add(status, seconds)
        set_current(None)
        if self._tracing is not None:
            self._tracing.end(trace, status or STATUSES[GONE], failed=status >= 500)
        if self._logs:
            told = {"method": method, "operation": self._operation, "status": status, "trace": trace.id}
            access_log.info("Answered.", extra={**told, "ms": round(seconds * 1000, 3)})

    def refused(self, error: Exception) -> None:
        """Take note of an error that is reported, by cause where something did not answer."""
        if answer_to(error).status == 503:
            self._meters.add(UNAVAILABLE, cause_of(error))


def cause_of(error: BaseException) -> str:
    """Return the room in which an error began that tells that something did not answer."""
    while error.__cause__ is not None and not _rooms(error.__cause__).isdisjoint(_ROOMS):
        error = error.__cause__
    rooms = [room for room in _ROOMS if room in _rooms(error)]
    return rooms[0] if rooms else _OTHER


def _rooms(error: BaseException) -> set[str]:
    """Return the rooms that an error passed through."""
    rooms = set()
    trace = error.__traceback__
    while trace is not None:
        names = str(trace.tb_frame.f_globals.get("__name__")).split(".")
        rooms.add(names[1] if names[0] == "geostead" and len(names) > 1 else "")
        trace = trace.tb_next
    return rooms
