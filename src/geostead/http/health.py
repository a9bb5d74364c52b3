"""What supervisors and load balancers ask: ``/healthz`` and ``/readyz`` (architecture.md)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Lock

from starlette.responses import PlainTextResponse, Response

from geostead.http.call import Call
from geostead.http.replies import NOT_KEPT
from geostead.operations.services import Clock

READINESS_KEPT = timedelta(seconds=1)
"""How long a process uses a good answer to ``/readyz`` again."""


def get_health(_call: Call) -> Response:
    """Tell that the process is alive."""
    return PlainTextResponse("ok\n", headers=NOT_KEPT)


class Readiness:
    """Tells whether catalog and store answer, as of at most a second ago, and the node is not about to stop.

    Nobody needs a key to ask, and to find it out writes to the disk: so a good answer is used again, and calls that
    come meanwhile wait for it. A bad one is not: who waits for the end of a fault hears of it at once.
    """

    def __init__(self, check: Callable[[], None], clock: Clock, is_draining: Callable[[], bool]) -> None:
        """``check`` raises Unavailable where something does not answer."""
        self._check = check
        self._clock = clock
        self._is_draining = is_draining
        self._lock = Lock()
        self._good_at: datetime | None = None

    def tell(self) -> Response:
        """Return 200, or 503 from a node that is about to stop. Raises Unavailable, with the reason."""
        if self._is_draining():
            return PlainTextResponse("About to stop: send requests elsewhere.\n", 503, NOT_KEPT)
        with self._lock:
            if not self._is_fresh(self._clock()):
                self._check()
                self._good_at = self._clock()
        return PlainTextResponse("ok\n", headers=NOT_KEPT)

    def _is_fresh(self, now: datetime) -> bool:
        """Tell whether the last good answer may be used; not after the clock was put back."""
        return self._good_at is not None and self._good_at <= now < self._good_at + READINESS_KEPT
