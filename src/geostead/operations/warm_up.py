"""Fetch new versions before they are asked for, and let go of what nothing needs: for a node that keeps a cache.

A version is fetched when it is on record, not before: a publication that waited for the caches of all nodes would be
held up by the slowest, or by one that has gone. A version that is staged first is in the caches by the time it is
published; for one that is published at once, the first queries and this fetch share one download.

Only data sources that this node is asked about are fetched: some version of them is in its cache. What is fetched takes
the place of that version in the order in which things are evicted, and nothing that was used more recently goes
for it. So previous versions stay for a rollback as long as there is room, and a full one does not go round in circles.
"""

from __future__ import annotations

import logging
from typing import Protocol

from geostead.catalog.base import Catalog
from geostead.errors import SnapshotDamaged, SnapshotMissing, Unavailable
from geostead.model.data_source import DataSourceVersions
from geostead.model.engine import EntityEngine, engine_of

_log = logging.getLogger(__name__)


class NodeSnapshots(Protocol):
    """What a node has of the snapshots that are kept elsewhere."""

    def fetched_at_s(self) -> dict[str, float]:
        """Return the ids of what is in the cache, and when each was used last, in seconds since the epoch."""

    def fetch_ahead(self, snapshot_id: str, used_at_s: float) -> bool:
        """Fetch a snapshot into room of what was used before ``used_at_s``; it then counts as used at that time.

        Return whether it is in the cache now. Raises SnapshotMissing, SnapshotDamaged or Unavailable.
        """

    def forget(self, snapshot_id: str) -> None:
        """Take a snapshot out of the cache; who has it open reads on."""


def warm_up(catalog: Catalog, node: NodeSnapshots) -> None:
    """Do so once, as things stand. Raises Unavailable, after the rest was done, for versions that cannot be had."""
    used_at_s = node.fetched_at_s()
    if not used_at_s:
        return
    # In this order: what was fetched before the catalog was asked, and is not used, will not be used later.
    unneeded = used_at_s.keys() - catalog.used_snapshots()
    every = (found for account in catalog.list_accounts() for found in catalog.list_every(account.id))
    unavailable_count = sum(_fetch_newest(node, found, used_at_s) for found in every)
    for snapshot_id in unneeded:
        node.forget(snapshot_id)
    if unavailable_count:
        raise Unavailable(f"{unavailable_count} versions could not be fetched ahead.")


def _fetch_newest(node: NodeSnapshots, found: DataSourceVersions, used_at_s: dict[str, float]) -> int:
    """Fetch what a data source is asked for: its published version, and the staged one, which may be the next.

    Return how many of them cannot be had right now.
    """
    times = [used_at_s[version.snapshot_id] for version in found.every if version.snapshot_id in used_at_s]
    unavailable_count = 0
    for version in (found.published, found.staged):
        if times and version is not None and _is_to_be_fetched(version.snapshot_id, used_at_s):
            try:
                node.fetch_ahead(version.snapshot_id, max(times))
            except (SnapshotMissing, SnapshotDamaged):  # trying again would not help
                _log.exception("Could not fetch a version ahead.", extra={"snapshot": version.snapshot_id})
            except Unavailable as error:
                unavailable_count += 1
                told = {"snapshot": version.snapshot_id, "reason": str(error)}
                _log.warning("Could not fetch a version ahead.", extra=told)
    return unavailable_count


def _is_to_be_fetched(snapshot_id: str, used_at_s: dict[str, float]) -> bool:
    return snapshot_id not in used_at_s and engine_of(snapshot_id) is EntityEngine.SNAPSHOTS
