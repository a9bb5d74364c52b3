"""Put a backup into a new installation.

The catalog goes in last. So an installation that was restored by halves has no account: it answers nothing, a server
that is running there already deletes nothing (:mod:`geostead.operations.expire`), and the restore can be run again.
"""

from __future__ import annotations

from geostead.backups.contents import Contents
from geostead.backups.folder import BackupFolder
from geostead.errors import InvalidParameter
from geostead.operations.counter import Counter, Report
from geostead.operations.services import Services


def restore(services: Services, backup: BackupFolder, report: Report) -> Contents:
    """Take in everything that a backup holds, held against its checksums; return what that is.

    Jobs that were pending run again. Raises InvalidParameter (``backup``) where there is no whole backup, (``data
    folder``) where the installation has an account; BackupDamaged, SnapshotMissing or SnapshotDamaged.
    """
    with backup.reading() as contents:
        _check_new(services)
        _put_in(services, backup, contents, Counter(report))
        services.catalog.copy_from(backup.check_catalog(contents))
    return contents


def _check_new(services: Services) -> None:
    accounts = services.catalog.list_accounts()
    if accounts:
        found = f"one with the account {accounts[0].name}"
        raise InvalidParameter("data folder", found, "a new one, or one without accounts")


def _put_in(services: Services, backup: BackupFolder, contents: Contents, counter: Counter) -> None:
    """Copy the files from the backup; a snapshot that is there already and whole stays."""
    counter.expect(len(contents.snapshots) + len(contents.blobs))
    for snapshot_id in sorted(contents.snapshots):
        services.snapshots.copy_in(snapshot_id, backup.snapshot_path(snapshot_id))
        counter.one_done()
    for name, written in contents.blobs.items():
        with services.blobs.create(name) as blob:
            for chunk in backup.read_blob(name, written):
                blob.write(chunk)
            blob.commit()
        counter.one_done()
