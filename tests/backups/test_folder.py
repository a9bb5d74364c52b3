"""A folder is a backup from the moment in which its contents are written, and only that."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path

import pytest

from geostead.backups.contents import Contents
from geostead.backups.folder import BackupFolder
from geostead.errors import BackupDamaged, InvalidParameter
from tests.disk_calls import DiskCalls


def write(backup: BackupFolder, catalog: str, blobs: dict[str, bytes], snapshots: set[str]) -> Contents:
    """Write files into a folder and make them the backup."""
    backup.catalog_path(catalog).write_text(f"catalog {catalog}")
    for snapshot_id in snapshots:
        backup.snapshot_path(snapshot_id).mkdir(parents=True, exist_ok=True)
        (backup.snapshot_path(snapshot_id) / "manifest.json").write_text("{}")
    contents = Contents(
        datetime(2026, 3, 1, tzinfo=UTC),
        frozenset({"account"}),
        catalog,
        backup.describe_catalog(catalog),
        frozenset(snapshots),
        {name: backup.add_blob(name, io.BytesIO(data)) for name, data in blobs.items()},
    )
    backup.finish(contents)
    return contents


def files_in(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_what_a_backup_names_is_read_back_and_what_it_no_longer_names_goes(tmp_path: Path) -> None:
    backup = BackupFolder(tmp_path / "b")
    with backup.writing() as earlier:
        assert earlier is None
        first = write(backup, "one", {"logs/a-1": b"a", "logs/b-1": b"b"}, {"s1", "s2"})
    with backup.writing() as earlier:
        assert earlier == first
        second = write(backup, "two", {"logs/b-1": b"b", "uploads/c": b"c"}, {"s2"})
    with backup.reading() as contents:
        assert contents == second
        assert backup.check_catalog(contents).read_text() == "catalog two"
        assert b"".join(backup.read_blob("uploads/c", contents.blobs["uploads/c"])) == b"c"
    assert files_in(tmp_path / "b") == {
        "backup.json",
        "backup.lock",
        "catalog-two",
        "snapshots/s2/manifest.json",
        "blobs/logs/b-1",
        "blobs/uploads/c",
    }


def test_what_a_killed_backup_left_goes_with_the_next(tmp_path: Path) -> None:
    backup = BackupFolder(tmp_path)
    for left in ("catalog-dead", "blobs/logs/.a-1", "snapshots/s9.unfinished/x", ".backup.json"):
        (tmp_path / left).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / left).write_text("half")
    (tmp_path / "backup.lock").touch()
    with backup.writing():
        write(backup, "one", {}, set())
    assert files_in(tmp_path) == {"backup.json", "backup.lock", "catalog-one"}


def test_the_contents_get_their_name_when_they_are_on_the_disk_and_nothing_goes_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    backup = BackupFolder(tmp_path)
    with backup.writing():
        write(backup, "one", {"logs/a-1": b"a"}, set())
        calls = DiskCalls(tmp_path, monkeypatch)
        write(backup, "two", {"logs/b-1": b"b"}, set())
    assert calls.made == [
        "sync blobs",
        "sync blobs/logs/.b-1",
        "replace blobs/logs/.b-1 -> blobs/logs/b-1",
        "sync blobs/logs",
        "sync .backup.json",
        "replace .backup.json -> backup.json",
        "sync .",
    ]


def test_a_blob_of_a_new_folder_has_a_durable_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    backup = BackupFolder(tmp_path)
    calls = DiskCalls(tmp_path, monkeypatch)
    backup.add_blob("logs/a-1", io.BytesIO(b"a"))
    assert calls.made.index("sync .") < calls.made.index("sync blobs") < calls.made.index("sync blobs/logs")


def test_contents_that_are_none_are_named(tmp_path: Path) -> None:
    backup = BackupFolder(tmp_path)
    with backup.writing():
        write(backup, "one", {}, set())
    (tmp_path / "backup.json").write_text("{}")
    with pytest.raises(BackupDamaged, match=r"backup\.json: not the contents of a backup"), backup.reading():
        pass


def test_reading_makes_nothing(tmp_path: Path) -> None:
    with pytest.raises(InvalidParameter), BackupFolder(tmp_path / "none").reading():
        pass
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("file", ["catalog.sqlite3", "notes.txt", "snapshots/1-1/manifest.json"])
def test_a_folder_of_something_else_is_not_touched(tmp_path: Path, file: str) -> None:
    (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / file).write_text("not ours")
    with pytest.raises(InvalidParameter, match="a new or empty folder"), BackupFolder(tmp_path).writing():
        pass
    assert files_in(tmp_path) == {file}
