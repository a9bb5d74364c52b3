"""What supervisors and load balancers ask: ``/healthz`` and ``/readyz`` (architecture.md).

Both are answered on the event loop: whatever makes threads wait, these two do not wait for a thread.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

from anyio import CapacityLimiter, to_thread
from starlette.responses import PlainTextResponse, Response

from geostead.http.call import Call
from geostead.http.replies import NOT_KEPT
from geostead.operations.services import Clock

READINESS_KEPT = timedelta(seconds=1)
"""How long a process uses an answer to ``/readyz`` again."""


def get_health(_call: Call) -> Response:
    """Tell that the process is alive."""
    return PlainTextResponse("ok\n", headers=NOT_KEPT)


class Readiness:
    """Tells whether catalog and store answer, as of at most a second ago, and the node is not about to stop.

    Nobody needs a key to ask, and to find it out writes to the disk: so an answer is used again, good or bad, and calls
    that come meanwhile wait for it together. It is found out on a thread that nothing else needs. For one event loop.
    """

    def __init__(self, check: Callable[[], None], clock: Clock, is_draining: Callable[[], bool]) -> None:
        """``check`` raises Unavailable where something does not answer."""
        self._check = check
        self._clock = clock
        self._is_draining = is_draining
        self._thread = CapacityLimiter(1)
        self._under_way: asyncio.Task[None] | None = None
        self._checked_at: datetime | None = None
        self._trouble: Exception | None = None

    async def tell(self) -> Response:
        """Return 200, or 503 from a node that is about to stop. Raises Unavailable, with the reason."""
        if self._is_draining():
            return PlainTextResponse("About to stop: send requests elsewhere.\n", 503, NOT_KEPT)
        if not self._is_fresh(self._clock()):
            if self._under_way is None:
                self._under_way = asyncio.create_task(self._find_out())
            await asyncio.wait((self._under_way,))  # whoever leaves ends nothing that others wait for
        if self._trouble is not None:
            raise self._trouble.with_traceback(None)  # which would grow with every call
        return PlainTextResponse("ok\n", headers=NOT_KEPT)

    async def _find_out(self) -> None:
        try:
            await to_thread.run_sync(self._check, limiter=self._thread)
            self._trouble = None
        except Exception as error:  # told to everybody who waits
            self._trouble = error
        finally:
            self._under_way = None
        self._checked_at = self._clock()

    def _is_fresh(self, now: datetime) -> bool:
        """Tell whether the last answer may be used; not after the clock was put back."""
        return self._checked_at is not None and self._checked_at <= now < self._checked_at + READINESS_KEPT
