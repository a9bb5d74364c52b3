"""One look for all requests that wait for it together."""

from __future__ import annotations

from asyncio import AbstractEventLoop, get_running_loop
from collections.abc import Callable


class Glance:
    """Looks at most once in each round of the event loop.

    A round runs what has been waiting, in the order of arrival. The first request that wants to look does; the look is
    forgotten by a call that queues behind all who wait already, and before all who come later. So nobody relies on
    a look that is older than its own request.
    """

    def __init__(self, look: Callable[[], None]) -> None:
        self._look = look
        self._fresh_in: AbstractEventLoop | None = None

    def take(self) -> None:
        """Look, unless somebody has since the request of the caller came in. Raises what looking raises."""
        loop = get_running_loop()
        if self._fresh_in is not loop:
            loop.call_soon(self._forget)  # first: who comes while we look must queue behind it
            self._look()
            self._fresh_in = loop

    def _forget(self) -> None:
        self._fresh_in = None
