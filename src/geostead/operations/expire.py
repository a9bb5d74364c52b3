"""Delete what has outlived its time, and files that nothing names any more.

Any number of processes may do this at any time, because of the order: first the files are listed, then the catalog
is asked what is used. Whatever is listed had been begun before the catalog was asked, and

* a blob is listed only when its writer has left, who recorded it before leaving;
* a snapshot is begun only by an attempt that the catalog has on record, and no two attempts share one;
* a file of a finished job that the job does not name is never named later. An attempt that lost its lease may still
  write one, which goes the next time.

So what is listed and not used then will not be used later. Listed the other way round, a job that was accepted or
claimed in between would lose its files. What has outlived its time is forgotten before anything is listed, in one
transaction, so that its files go in the same run; a process that dies in between leaves them to the next run, of
whatever process. Two that run at once forget each thing once, and deleting what the other one has deleted is fine.
"""

from __future__ import annotations

from dataclasses import dataclass

from geostead.catalog.base import Forgotten
from geostead.operations.services import Services


@dataclass(frozen=True, slots=True)
class Unneeded:
    """Files that nothing names, nor ever will."""

    blobs: frozenset[str]
    snapshots: frozenset[str]


@dataclass(frozen=True, slots=True)
class ExpireReport:
    """What went."""

    forgotten: Forgotten
    deleted: Unneeded

    @property
    def counts(self) -> dict[str, int]:
        """How much of what went."""
        return {
            "files": self.forgotten.files,
            "jobs": self.forgotten.jobs,
            "stagedVersions": self.forgotten.staged_versions,
            "blobs": len(self.deleted.blobs),
            "snapshots": len(self.deleted.snapshots),
        }


def expire(services: Services) -> ExpireReport:
    """Forget what has outlived its time, then delete all blobs and snapshots that nothing needs."""
    forgotten = services.catalog.forget_old(services.now())
    unneeded = find_unneeded(services)
    for name in unneeded.blobs:
        services.blobs.delete(name)
    for snapshot_id in unneeded.snapshots:
        services.snapshots.delete(snapshot_id)
    return ExpireReport(forgotten, unneeded)


def find_unneeded(services: Services) -> Unneeded:
    """Return the files that can go, as of now and for good."""
    listed_blobs, listed_snapshots = frozenset(services.blobs.unused()), frozenset(services.snapshots.ids())
    return Unneeded(listed_blobs - services.catalog.used_blobs(), listed_snapshots - services.catalog.used_snapshots())
