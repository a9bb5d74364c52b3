"""Back an installation up while it runs.

Files never change, the catalog does, and files go when nothing in the catalog needs them any more. So the files are
copied first, which takes long; then the catalog, which takes a moment; then what that copy of the catalog needs and
the first pass did not see: of the uploads among these, the ones that were there a moment before are held open, because
the end of a job deletes its upload. What a copy needs can be gone nevertheless. Then the catalog has moved on, and is
copied again. What the catalog goes on to need although it is missing or damaged is a fault of the installation: the
backup is completed without it, and says so.

What an earlier backup left is read and held against its checksums, and copied again unless it is what was written: a
disk for backups forgets like any other, and nobody else looks before the day of the restore.

A backup counts from the moment in which its contents are written, the last step but one; see
:mod:`geostead.backups.folder`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import islice
from typing import BinaryIO

from geostead.backups.contents import Contents, StoredFile
from geostead.backups.folder import BackupFolder
from geostead.catalog.base import Catalog, NeededFile, NeededFiles
from geostead.errors import InvalidParameter, SnapshotDamaged, SnapshotMissing, Unavailable
from geostead.operations.counter import Counter, Report
from geostead.operations.services import Services

MAX_PASSES = 5
"""Passes over the files before the catalog is copied; each finds less that is new than the one before."""
MAX_TAKES = 20
"""Copies of the catalog before giving up on one whose files are all still there."""
_MAX_HELD = 200
"""Uploads held open at once, far below what a process may have open."""

OpenScratch = Callable[[], AbstractContextManager[Catalog]]
"""Makes an empty catalog of its own, into which a copy can be read."""


@dataclass(frozen=True, slots=True)
class BackupReport:
    """What a backup came to."""

    contents: Contents
    copied: int
    """Snapshots and blobs that were copied: what the earlier backup did not have, and what it had damaged."""
    mended: int
    """How many of these the earlier backup names: its copies were damaged or gone."""


def back_up(services: Services, backup: BackupFolder, open_scratch: OpenScratch, report: Report) -> BackupReport:
    """Bring a backup up to date with the installation: only files that it does not have, or has damaged, are copied.

    Raises InvalidParameter (``backup``) for a folder of something else or of another installation, (``data folder``)
    for an installation without accounts; Unavailable for a folder in use, and for data sources that change faster than
    they can be copied.
    """
    with backup.writing() as earlier:
        _check_same_installation(services, earlier)
        run = _Run(services, backup, Counter(report), earlier)
        run.copy_ahead()
        for _ in range(MAX_TAKES):
            contents = run.take_catalog(open_scratch)
            if contents is not None:
                backup.finish(contents)
                return BackupReport(contents, run.copied, run.mended)
    raise Unavailable(f"The data sources change faster than they can be copied; gave up after {MAX_TAKES} attempts.")


def _check_same_installation(services: Services, earlier: Contents | None) -> None:
    """Keep a new data folder, made by a server that found its disk lost, from taking the place of the only backup."""
    accounts = {account.id for account in services.catalog.list_accounts()}
    if not accounts:
        raise InvalidParameter("data folder", "one without accounts", "an installation with something to back up")
    if earlier is not None and accounts.isdisjoint(earlier.accounts):
        raise InvalidParameter("backup", "the backup of another installation", "a folder of its own for each")


@dataclass(slots=True)
class _Run:
    """One backup in the making."""

    services: Services
    backup: BackupFolder
    counter: Counter
    earlier: Contents | None
    blobs: dict[str, StoredFile] = field(default_factory=dict)
    """The blobs that are there, and whole."""
    snapshots: set[str] = field(default_factory=set)
    """The snapshots that are there, and whole."""
    copied: int = 0
    mended: int = 0

    def copy_ahead(self) -> None:
        """Copy what the catalog needs now; some of it may go while this runs."""
        for _ in range(MAX_PASSES):
            before = self.copied
            self._copy(self.services.catalog.needed_files(), {})
            if self.copied == before:
                return

    def take_catalog(self, open_scratch: OpenScratch) -> Contents | None:
        """Copy the catalog and what is still missing of its files; None if some of them went too soon."""
        name, taken_at = self.services.new_id(), self.services.now()
        with open_scratch() as scratch, self._hold_uploads() as held:
            self.services.catalog.copy_to(self.backup.catalog_path(name))
            scratch.copy_from(self.backup.catalog_path(name))
            needed = scratch.needed_files()
            missing = set(self._copy(needed, held))
            accounts = frozenset(account.id for account in scratch.list_accounts())
        still_needed = self.services.catalog.needed_files() if missing else NeededFiles((), ())
        if not missing <= {file.name for file in (*still_needed.snapshots, *still_needed.blobs)}:
            self.backup.catalog_path(name).unlink()
            return None
        return Contents(
            taken_at=taken_at,
            accounts=accounts,
            catalog=name,
            catalog_file=self.backup.describe_catalog(name),
            snapshots=frozenset(file.name for file in needed.snapshots) - missing,
            blobs={file.name: self.blobs[file.name] for file in needed.blobs if file.name not in missing},
            missing=tuple(sorted(missing)),
        )

    @contextmanager
    def _hold_uploads(self) -> Iterator[dict[str, BinaryIO]]:
        """Open the blobs that were not copied yet: what is open can be read to its end even when it is deleted."""
        new = (file for file in self.services.catalog.needed_files().blobs if file.name not in self.blobs)
        with ExitStack() as stack:
            held: dict[str, BinaryIO] = {}
            for file in islice(new, _MAX_HELD):
                try:
                    held[file.name] = stack.enter_context(self.services.blobs.open(file.name))
                except FileNotFoundError:
                    continue
            yield held

    def _copy(self, needed: NeededFiles, held: dict[str, BinaryIO]) -> list[str]:
        """Copy what is not there yet, or not whole; return the names of what could not be copied."""
        blobs = [file for file in needed.blobs if file.name not in self.blobs]
        # Those of the oldest versions go first.
        snapshots = [file for file in reversed(needed.snapshots) if file.name not in self.snapshots]
        self.counter.expect(len(blobs) + len(snapshots))
        return [
            *self._missing(blobs, lambda name: self._bring_blob(name, held.get(name))),
            *self._missing(snapshots, self._bring_snapshot),
        ]

    def _missing(self, files: Iterable[NeededFile], bring: Callable[[str], None]) -> Iterator[str]:
        for file in files:
            try:
                bring(file.name)
            except (FileNotFoundError, SnapshotMissing, SnapshotDamaged):
                yield file.name
            self.counter.one_done()

    def _bring_blob(self, name: str, held: BinaryIO | None) -> None:
        written = self.earlier.blobs.get(name) if self.earlier is not None else None
        if written is not None and self.backup.has_blob(name, written):
            self.blobs[name] = written
            return
        with held or self.services.blobs.open(name) as source:
            self.blobs[name] = self.backup.add_blob(name, source)
        self._count(was_there=written is not None)

    def _bring_snapshot(self, snapshot_id: str) -> None:
        path = self.backup.snapshot_path(snapshot_id)
        try:
            self.services.snapshots.check_copy(path)
        except (SnapshotMissing, SnapshotDamaged):
            self.backup.drop_snapshot(snapshot_id)
            self.services.snapshots.copy_out(snapshot_id, path)
            self._count(was_there=self.earlier is not None and snapshot_id in self.earlier.snapshots)
        self.snapshots.add(snapshot_id)

    def _count(self, *, was_there: bool) -> None:
        self.copied += 1
        self.mended += was_there
