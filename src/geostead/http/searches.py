"""Where searches run: on threads, those that ask a server on others than those of snapshots that are at hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from anyio import CapacityLimiter, move_on_after, to_thread

from geostead.errors import Unavailable
from geostead.snapshots.base import Snapshot
from geostead.telemetry.trace import Trace, run_in

T = TypeVar("T")


class Searches:
    """The threads for one kind of search. For one event loop.

    A server may be slow, or hang. Then only those wait who ask it, and not for ever.
    """

    def __init__(self, at_hand: CapacityLimiter, concurrent: int, wait_s: float) -> None:
        """``at_hand`` is for searches that ask no server; of the others ``concurrent`` run, and wait that long."""
        self._at_hand = at_hand
        self._places = CapacityLimiter(concurrent)
        self._threads = CapacityLimiter(concurrent)
        self._wait_s = wait_s

    async def run(self, snapshot: Snapshot, trace: Trace, search: Callable[..., T], *arguments: object) -> T:
        """Search a snapshot. Raises what that raises; Unavailable where too many others ask the server."""
        if not snapshot.is_remote:
            return await to_thread.run_sync(run_in, trace, search, *arguments, limiter=self._at_hand)
        place = object()
        with move_on_after(self._wait_s) as waiting:
            await self._places.acquire_on_behalf_of(place)
        if waiting.cancelled_caught:
            raise Unavailable("Too many queries wait for the database that keeps these entities; try again later.")
        try:  # who has a place finds a thread
            return await to_thread.run_sync(run_in, trace, search, *arguments, limiter=self._threads)
        finally:
            self._places.release_on_behalf_of(place)
