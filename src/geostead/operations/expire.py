"""Delete what has outlived its time, and files that nothing names any more.

Any number of processes may do this at any time, because of the order: first the files are listed, then the catalog
is asked what is used. Whatever is listed had been begun before the catalog was asked, and

* a blob is listed only when its writer has left, who recorded it before leaving;
* a snapshot is begun only by an attempt that the catalog has on record, and no two attempts share one;
* a file of a finished job that the job does not name is never named later. An attempt that lost its lease may still
  write one, which goes the next time.

So what is listed and not used then will not be used later. Listed the other way round, a job that was accepted or
claimed in between would lose its files.
"""

from __future__ import annotations

from dataclasses import dataclass

from geostead.operations.services import Services


@dataclass(frozen=True, slots=True)
class ExpireReport:
    """What went."""

    forgotten_jobs: int
    """Jobs whose output or error log has outlived its time."""
    deleted_blobs: int
    deleted_snapshots: int


def expire(services: Services) -> ExpireReport:
    """Forget old outputs and logs, then delete all blobs and snapshots that nothing needs."""
    forgotten_jobs = services.catalog.forget_old(services.now())
    return ExpireReport(forgotten_jobs, _delete_blobs(services), _delete_snapshots(services))


def _delete_blobs(services: Services) -> int:
    candidates = set(services.blobs.unused())
    unneeded = candidates - services.catalog.used_blobs()
    for name in unneeded:
        services.blobs.delete(name)
    return len(unneeded)


def _delete_snapshots(services: Services) -> int:
    candidates = set(services.snapshots.ids())
    unneeded = candidates - services.catalog.used_snapshots()
    for snapshot_id in unneeded:
        services.snapshots.delete(snapshot_id)
    return len(unneeded)
