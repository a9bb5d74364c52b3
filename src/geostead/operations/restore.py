"""Put a backup into a new installation.

The catalog goes in last. So an installation that was restored by halves has no account: it answers nothing, and the
restore can be run again.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass

from geostead.backups.contents import Contents, StoredFile
from geostead.backups.folder import BackupFolder
from geostead.errors import InvalidParameter, SnapshotMissing
from geostead.operations.counter import Counter, Report
from geostead.operations.services import Services


def restore(services: Services, backup: BackupFolder, report: Report) -> Contents:
    """Take in everything that a backup holds, held against its checksums; return what that is.

    Jobs that were pending run again. Raises InvalidParameter (``backup``) where there is no whole backup, (``data
    folder``) where the installation has an account; BackupDamaged, SnapshotMissing or SnapshotDamaged.
    """
    with backup.reading() as contents:
        _check_new(services)
        run = _Run(services, backup, Counter(report))
        run.put_in(contents.snapshots, contents.blobs)
        services.catalog.copy_from(backup.check_catalog(contents))
        # A server that is running here already has taken for unneeded what no catalog named until now.
        run.put_in(
            {snapshot_id for snapshot_id in contents.snapshots if not _has_snapshot(services, snapshot_id)},
            {name: written for name, written in contents.blobs.items() if not _has_blob(services, name)},
        )
    return contents


def _check_new(services: Services) -> None:
    accounts = services.catalog.list_accounts()
    if accounts:
        found = f"one with the account {accounts[0].name}"
        raise InvalidParameter("data folder", found, "a new one, or one without accounts")


def _has_snapshot(services: Services, snapshot_id: str) -> bool:
    try:
        services.snapshots.open(snapshot_id)
    except SnapshotMissing:
        return False
    return True


def _has_blob(services: Services, name: str) -> bool:
    try:
        services.blobs.size_bytes(name)
    except FileNotFoundError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class _Run:
    """One restore in the making."""

    services: Services
    backup: BackupFolder
    counter: Counter

    def put_in(self, snapshots: Set[str], blobs: Mapping[str, StoredFile]) -> None:
        """Copy files from the backup; what is there already and whole stays."""
        self.counter.expect(len(snapshots) + len(blobs))
        for snapshot_id in sorted(snapshots):
            self.services.snapshots.copy_in(snapshot_id, self.backup.snapshot_path(snapshot_id))
            self.counter.one_done()
        for name, written in blobs.items():
            self._put_in_blob(name, written)
            self.counter.one_done()

    def _put_in_blob(self, name: str, written: StoredFile) -> None:
        with self.services.blobs.create(name) as blob:
            for chunk in self.backup.read_blob(name, written):
                blob.write(chunk)
            blob.commit()
