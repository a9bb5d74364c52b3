"""Killing a process cannot show a missing fsync, so these tests look at the calls and their order."""

import os
from pathlib import Path

import pytest

from geostead.durable import make_folder, publish_folder, replace_file, sync_file, sync_folder
from tests.disk_calls import DiskCalls


@pytest.fixture
def calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DiskCalls:
    return DiskCalls(tmp_path, monkeypatch)


def test_a_file_is_synced_by_its_path_or_by_its_descriptor(tmp_path: Path, calls: DiskCalls) -> None:
    path = tmp_path / "file"
    with path.open("wb") as file:
        sync_file(path)
        sync_file(file.fileno())
    assert calls.made == ["sync file", "sync file"]


def test_a_folder_is_synced(tmp_path: Path, calls: DiskCalls) -> None:
    sync_folder(tmp_path)
    assert calls.made == ["sync ."]


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(NotADirectoryError):
        sync_folder(tmp_path / "file")


def test_a_new_folder_is_made_known_to_every_folder_above_it_that_is_new_too(tmp_path: Path, calls: DiskCalls) -> None:
    make_folder(tmp_path / "a" / "b" / "c")
    assert (tmp_path / "a" / "b" / "c").is_dir()
    assert calls.made == ["sync .", "sync a", "sync a/b"]


def test_a_folder_that_exists_is_made_known_again_because_its_maker_may_not_have_done_so_yet(
    tmp_path: Path, calls: DiskCalls
) -> None:
    (tmp_path / "a").mkdir()
    make_folder(tmp_path / "a")
    assert calls.made == ["sync ."]


def test_a_file_gets_its_name_after_its_bytes_are_synced_and_the_name_is_synced_last(
    tmp_path: Path, calls: DiskCalls
) -> None:
    (tmp_path / "new").write_bytes(b"new")
    (tmp_path / "final").write_bytes(b"old")
    replace_file(tmp_path / "new", tmp_path / "final")
    assert (tmp_path / "final").read_bytes() == b"new"
    assert calls.made == ["sync new", "replace new -> final", "sync ."]


def test_a_folder_gets_its_name_after_the_names_in_it_are_synced_and_the_name_is_synced_last(
    tmp_path: Path, calls: DiskCalls
) -> None:
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "file").write_bytes(b"bytes")
    publish_folder(tmp_path / "new", tmp_path / "final")
    assert (tmp_path / "final" / "file").read_bytes() == b"bytes"
    assert calls.made == ["sync new", "rename new -> final", "sync ."]


def test_a_folder_is_never_published_over_another(tmp_path: Path) -> None:
    for name in ("new", "final"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_text(name)
    with pytest.raises(OSError, match="not empty"):
        publish_folder(tmp_path / "new", tmp_path / "final")
    assert (tmp_path / "final" / "file").read_text() == "final"


def test_a_file_that_cannot_be_synced_does_not_get_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "new").write_bytes(b"new")

    def fail(_descriptor: int) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="Input/output"):
        replace_file(tmp_path / "new", tmp_path / "final")
    assert not (tmp_path / "final").exists()
