"""Hold the files of an installation against what the catalog says about them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from geostead.catalog.base import NeededFile, NeededFiles
from geostead.errors import SnapshotDamaged, SnapshotMissing
from geostead.operations.counter import Counter, Report
from geostead.operations.expire import Unneeded, find_unneeded
from geostead.operations.services import Services


@dataclass(frozen=True, slots=True)
class Fault:
    """A file that is not as it should be."""

    file: NeededFile
    problem: str


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What a check found."""

    checked: NeededFiles
    faults: tuple[Fault, ...]
    unneeded: Unneeded
    """No fault: what ``expire`` deletes."""


def check_files(services: Services, report: Report) -> CheckReport:
    """Read every file of every snapshot that is needed, and look for every blob; may run beside everything else."""
    needed = services.catalog.needed_files()
    counter = Counter(report)
    counter.expect(len(needed.snapshots) + len(needed.blobs))
    found = [*_damaged_snapshots(services, needed.snapshots, counter), *_missing_blobs(services, needed.blobs, counter)]
    return CheckReport(needed, tuple(_lasting(services, found)), find_unneeded(services))


def _damaged_snapshots(services: Services, files: Iterable[NeededFile], counter: Counter) -> Iterator[Fault]:
    for file in files:
        try:
            services.snapshots.check(file.name)
        except (SnapshotMissing, SnapshotDamaged) as error:
            yield Fault(file, str(error))
        counter.one_done()


def _missing_blobs(services: Services, files: Iterable[NeededFile], counter: Counter) -> Iterator[Fault]:
    for file in files:
        try:
            services.blobs.size_bytes(file.name)
        except FileNotFoundError:
            yield Fault(file, "there is no such file")
        counter.one_done()


def _lasting(services: Services, faults: list[Fault]) -> Iterator[Fault]:
    """Leave out what went while it was checked because nothing needs it any more."""
    needed = services.catalog.needed_files() if faults else NeededFiles((), ())
    names = {file.name for file in (*needed.snapshots, *needed.blobs)}
    return (fault for fault in faults if fault.file.name in names)
