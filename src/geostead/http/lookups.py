"""Look-ups in a catalog that is a server: on threads, because it may be slow, locked or gone, and never for long."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from anyio import CapacityLimiter, move_on_after, to_thread

from geostead.errors import Unavailable
from geostead.operations.open_version import EntitySetAddress, OpenVersion, Target
from geostead.operations.open_versions import OpenVersions
from geostead.telemetry.trace import Trace, run_in


class Lookups:
    """Finds versions as they are at the time of a request. For one event loop."""

    def __init__(self, versions: OpenVersions, concurrent: int, wait_s: float) -> None:
        """``concurrent``: how many at once; ``wait_s``: how long a request waits in all."""
        self._versions = versions
        self._look = SharedLook(versions.look)
        self._threads = CapacityLimiter(concurrent)
        self._wait_s = wait_s

    async def open(
        self, key_value: str | None, address: EntitySetAddress, page: str | None, trace: Trace
    ) -> OpenVersion | Target:
        """Return what :meth:`OpenVersions.open` does. Raises what it raises; Unavailable, also if it takes too long."""
        with move_on_after(self._wait_s):
            await self._look.take()
            found = self._versions.remembered(key_value, address, page)
            if found is None:
                found = await to_thread.run_sync(
                    run_in,
                    trace,
                    self._versions.open,
                    key_value,
                    address,
                    page,
                    abandon_on_cancel=True,
                    limiter=self._threads,
                )
            return found
        raise Unavailable("The catalog's database does not answer right now: it takes too long.")


class SharedLook:
    """Looks on one thread, for all who wait for it together. For one event loop.

    Who comes while a look is under way may not rely on it: what it finds may be older than the request. All who come
    meanwhile share the next one.
    """

    def __init__(self, look: Callable[[], None]) -> None:
        self._look = look
        self._thread = CapacityLimiter(1)
        self._next: asyncio.Task[None] | None = None

    async def take(self) -> None:
        """Look. Raises what looking raises."""
        task = self._next
        if task is None:
            task = self._next = asyncio.create_task(self._run())
            task.add_done_callback(_take_note)
        await asyncio.wait((task,))  # whoever gives up ends nothing that others wait for
        task.result()

    async def _run(self) -> None:
        await to_thread.run_sync(self._begin, limiter=self._thread)

    def _begin(self) -> None:
        self._next = None  # first: whoever comes from here on needs another one
        self._look()


def _take_note(task: asyncio.Task[None]) -> None:
    if not task.cancelled():
        task.exception()  # even if nobody waits any more
