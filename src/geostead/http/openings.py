"""Snapshots that have to be waited for: each opened once, on a thread, however many requests want it."""

from __future__ import annotations

import asyncio
from functools import partial

from anyio import CapacityLimiter, to_thread

from geostead.errors import Unavailable
from geostead.operations.open_version import OpenVersion, Target
from geostead.snapshots.base import Snapshot, SnapshotStore


class Openings:
    """Openings that are under way. For one event loop.

    The requests for one snapshot take up one thread together, so that those for others find one. A request that gives
    up, because of its time or because its client has left, ends nothing: whoever asks next finds more of it done.
    """

    def __init__(self, snapshots: SnapshotStore, concurrent: int, wait_s: float) -> None:
        """``concurrent``: how many at once; ``wait_s``: how long a request waits for one."""
        self._snapshots = snapshots
        self._threads = CapacityLimiter(concurrent)
        self._wait_s = wait_s
        self._under_way: dict[str, asyncio.Task[Snapshot]] = {}

    async def open(self, target: Target) -> OpenVersion:
        """Open a version. Raises SnapshotMissing or SnapshotDamaged; Unavailable, also if it takes too long."""
        snapshot_id = target.version.snapshot_id
        task = self._under_way.get(snapshot_id)
        if task is None:
            task = asyncio.create_task(self._opened(snapshot_id))
            task.add_done_callback(partial(self._forget, snapshot_id))
            self._under_way[snapshot_id] = task
        done, _ = await asyncio.wait((task,), timeout=self._wait_s)
        if not done:
            raise Unavailable(f"The data source {target.data_source.name} is being fetched; try again in a moment.")
        return OpenVersion(target, task.result())

    async def _opened(self, snapshot_id: str) -> Snapshot:
        return await to_thread.run_sync(self._snapshots.open, snapshot_id, limiter=self._threads)

    def _forget(self, snapshot_id: str, task: asyncio.Task[Snapshot]) -> None:
        del self._under_way[snapshot_id]
        if not task.cancelled():
            task.exception()  # taken note of, even if nobody waits any more
