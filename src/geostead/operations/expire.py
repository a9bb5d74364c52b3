"""Delete what has outlived its time, and files that nothing names any more.

Any number of processes may do this at any time, because of the order: first the files are listed, then the catalog
is asked what is used. Whatever is listed had been begun before the catalog was asked, and

* a blob is listed only when its writer has left, who recorded it before leaving, or where there are no locks when it
  is so old that it was recorded long ago;
* a snapshot is begun only by an attempt that the catalog has on record, and no two attempts share one;
* a file of a finished job that the job does not name is never named later. An attempt that lost its lease may still
  write one, which goes the next time.

So what is listed and not used then will not be used later. Listed the other way round, a job that was accepted or
claimed in between would lose its files. What has outlived its time is forgotten before anything is listed, in one
transaction, so that its files go in the same run; a process that dies in between leaves them to the next run, of
whatever process. Two that run at once forget each thing once, and deleting what the other one has deleted is fine.

In an installation without accounts nothing goes. Either it is new and empty, or a restore is putting files in, which
look unneeded until the catalog follows, in one transaction. So whether there are accounts is asked after the files are
listed, and before what is used. If there are none, what was listed may be what a restore has begun; if there are, the
catalog is whole, and names all that was restored.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from geostead.catalog.base import Forgotten
from geostead.errors import Unavailable
from geostead.operations.services import Services

_log = logging.getLogger(__name__)


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
    """Forget what has outlived its time, then delete all blobs and snapshots that nothing needs.

    Nothing is deleted while there are no accounts: a restore may be running, whose files the catalog names last.
    A file that cannot be deleted is logged and left to the next run; the others go.
    """
    forgotten = services.catalog.forget_old(services.now())
    unneeded = find_unneeded(services)
    blobs = frozenset(_deleted(unneeded.blobs, services.blobs.delete))
    snapshots = frozenset(_deleted(unneeded.snapshots, services.snapshots.delete))
    return ExpireReport(forgotten, Unneeded(blobs, snapshots))


def find_unneeded(services: Services) -> Unneeded:
    """Return the files that can go, as of now and for good; none in an installation without accounts."""
    blobs, snapshots = frozenset(services.blobs.unused()), frozenset(services.snapshots.ids())
    if not services.catalog.list_accounts():
        return Unneeded(frozenset(), frozenset())
    return Unneeded(blobs - services.catalog.used_blobs(), snapshots - services.catalog.used_snapshots())


def _deleted(names: Iterable[str], delete: Callable[[str], None]) -> Iterator[str]:
    """Delete files; return the names of those that went."""
    for name in sorted(names):
        try:
            delete(name)
        except (OSError, Unavailable):
            _log.exception("Could not delete a file that nothing needs.", extra={"file": name})
        else:
            yield name
