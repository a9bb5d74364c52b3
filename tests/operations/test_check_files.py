"""A check finds every damage, and nothing else."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from geostead.model.job import upload_blob
from geostead.operations.check_files import CheckReport, check_files
from geostead.operations.expire import expire
from tests.installations import Installation
from tests.uploads import pipe_upload


def checked(installation: Installation) -> CheckReport:
    return check_files(installation.services, lambda _done, _total: None)


def test_an_installation_that_nobody_touched_has_no_faults(installation: Installation) -> None:
    installation.load("Places", pipe_upload(3, bad_rows=1))
    installation.accept_load("Places", pipe_upload(4))

    report = checked(installation)

    assert report.faults == ()
    assert [file.data_source_name for file in report.checked.snapshots] == ["Places"]
    assert {file.name.partition("/")[0] for file in report.checked.blobs} == {"logs", "uploads"}
    assert report.unneeded.snapshots | report.unneeded.blobs == frozenset()


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


@pytest.mark.parametrize("damage", [flip, truncate, Path.unlink])
def test_damage_of_any_file_of_a_snapshot_is_found_and_told_with_its_data_source(
    installation: Installation, tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    installation.load("Whole", pipe_upload(2))
    job = installation.load("Damaged", pipe_upload(3))
    version = installation.versions("Damaged").published
    assert version is not None
    folder = tmp_path / "snapshots" / version.snapshot_id
    files = [path for path in sorted(folder.iterdir()) if path.name != "manifest.json"]
    assert len(files) >= 3
    for path in files:
        whole = path.read_bytes()
        damage(path)

        (fault,) = checked(installation).faults

        assert path.name in fault.problem
        assert (fault.file.account_name, fault.file.data_source_name, fault.file.job_id) == ("owner", "Damaged", job.id)
        path.write_bytes(whole)
    assert checked(installation).faults == ()


def test_a_snapshot_whose_folder_is_missing_is_found(installation: Installation, tmp_path: Path) -> None:
    installation.load("Places", pipe_upload(3))
    shutil.rmtree(tmp_path / "snapshots")

    (fault,) = checked(installation).faults

    assert "there is no such snapshot" in fault.problem


def test_a_blob_that_a_job_needs_and_that_is_missing_is_found(installation: Installation, tmp_path: Path) -> None:
    failing = installation.load("Places", pipe_upload(3, bad_rows=1))
    pending = installation.accept_load("Places", pipe_upload(4))
    shutil.rmtree(tmp_path / "blobs")

    faults = checked(installation).faults

    assert {fault.file.name for fault in faults} == {failing.error_log, upload_blob(pending.id)}
    assert {fault.problem for fault in faults} == {"there is no such file"}


def test_what_nothing_names_is_no_fault_and_goes_with_expire(installation: Installation, tmp_path: Path) -> None:
    installation.load("Places", pipe_upload(3))
    (snapshot,) = (tmp_path / "snapshots").iterdir()
    shutil.copytree(snapshot, snapshot.with_name("0123-1"))
    with installation.services.blobs.create("uploads/abandoned") as blob:
        blob.commit()

    report = checked(installation)

    assert report.faults == ()
    assert (report.unneeded.snapshots, report.unneeded.blobs) == ({"0123-1"}, {"uploads/abandoned"})
    assert expire(installation.services).deleted == report.unneeded
    assert checked(installation).unneeded.snapshots == frozenset()


def test_what_goes_while_it_is_checked_is_no_fault(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    """Five more loads drop the version that the check is about to read."""
    installation.load("Places", pipe_upload(1, bad_rows=1))
    check = installation.services.snapshots.check

    def check_late(snapshot_id: str) -> None:
        monkeypatch.undo()
        for count in range(2, 7):
            installation.load("Places", pipe_upload(count))
        expire(installation.services)
        check(snapshot_id)

    monkeypatch.setattr(installation.services.snapshots, "check", check_late)
    assert checked(installation).faults == ()
