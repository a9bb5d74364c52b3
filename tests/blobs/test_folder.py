"""Blobs in a folder."""

import errno
import fcntl
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from geostead.blobs.folder import FolderBlobs
from geostead.errors import DiskFull, Unavailable
from tests.disk_calls import DiskCalls


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "blobs"


@pytest.fixture
def blobs(root: Path) -> FolderBlobs:
    return FolderBlobs(root)


def put(blobs: FolderBlobs, name: str, data: bytes = b"bytes") -> None:
    with blobs.create(name) as blob:
        blob.write(data)
        blob.commit()


def read(blobs: FolderBlobs, name: str) -> bytes:
    with blobs.open(name) as file:
        return file.read()


def files_in(root: Path) -> list[str]:
    return sorted(path.name for path in root.glob("*/*"))


WRITER = """
import sys
from pathlib import Path
from geostead.blobs.folder import FolderBlobs

with FolderBlobs(Path(sys.argv[1])).create(sys.argv[2]) as blob:
    blob.write(b"from another process")
    if sys.argv[3] == "committed":
        blob.commit()
    print("ready", flush=True)
    sys.stdin.read()
"""


def start_writer(root: Path, name: str, state: str) -> subprocess.Popen[str]:
    """Start a process that holds a blob, committed or not, and wait until it does."""
    arguments = [sys.executable, "-c", WRITER, str(root), name, state]
    process = subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def test_who_reads_a_blob_that_is_replaced_or_deleted_reads_on(blobs: FolderBlobs) -> None:
    put(blobs, "logs/a1", b"old")
    with blobs.open("logs/a1") as file:
        put(blobs, "logs/a1", b"new")
        blobs.delete("logs/a1")
        assert file.read() == b"old"


def test_bytes_and_names_are_synced_in_the_order_that_survives_a_power_cut(
    blobs: FolderBlobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = DiskCalls(tmp_path, monkeypatch)
    with blobs.create("uploads/a1") as blob:
        blob.write(b"bytes")
        assert calls.made == ["sync .", "sync blobs"], "both folders are new"
        calls.made.clear()
        blob.commit()
    temporary = re.escape("blobs/uploads/.a1.") + "[0-9a-f]{16}"
    assert len(calls.made) == 3
    assert re.fullmatch(f"sync {temporary}", calls.made[0])
    assert re.fullmatch(f"replace {temporary} -> blobs/uploads/a1", calls.made[1])
    assert calls.made[2] == "sync blobs/uploads"


def test_all_bytes_have_left_the_process_when_the_file_is_synced(
    blobs: FolderBlobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[int] = []
    with blobs.create("uploads/a1") as blob:
        blob.write(b"x" * 10)
        monkeypatch.setattr(os, "fsync", lambda descriptor: sizes.append(os.fstat(descriptor).st_size))
        blob.commit()
    assert sizes[0] == 10


@pytest.mark.parametrize(
    ("number", "error", "message"),
    [
        (errno.ENOSPC, DiskFull, "disk is full"),
        (errno.EDQUOT, DiskFull, "disk is full"),
        (errno.EIO, Unavailable, os.strerror(errno.EIO)),
    ],
)
def test_a_disk_that_fails_is_unavailable_and_leaves_nothing(
    blobs: FolderBlobs,
    root: Path,
    monkeypatch: pytest.MonkeyPatch,
    number: int,
    error: type[Unavailable],
    message: str,
) -> None:
    def fail(_descriptor: int) -> None:
        raise OSError(number, os.strerror(number))

    with blobs.create("uploads/a1") as blob:
        blob.write(b"bytes")
        monkeypatch.setattr(os, "fsync", fail)
        with pytest.raises(error, match=message):
            blob.commit()
    assert files_in(root) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs the device that is always full")
def test_bytes_that_find_no_room_fill_the_disk_and_leave_nothing(blobs: FolderBlobs, root: Path) -> None:
    with blobs.create("uploads/a1") as blob:
        with Path("/dev/full").open("wb") as full:
            os.dup2(full.fileno(), blob._file.fileno())
        with pytest.raises(DiskFull):
            blob.write(b"x" * 1_000_000)
    assert files_in(root) == []


def test_unused_lists_committed_blobs_that_nobody_holds(blobs: FolderBlobs) -> None:
    assert list(blobs.unused()) == []
    put(blobs, "uploads/a1")
    put(blobs, "logs/a1")
    with blobs.create("uploads/a2") as blob:
        blob.write(b"bytes")
        assert sorted(blobs.unused()) == ["logs/a1", "uploads/a1"]
        blob.commit()
        assert sorted(blobs.unused()) == ["logs/a1", "uploads/a1"]
    assert sorted(blobs.unused()) == ["logs/a1", "uploads/a1", "uploads/a2"]


def test_files_and_folders_that_are_no_blobs_are_not_listed_and_stay(blobs: FolderBlobs, root: Path) -> None:
    put(blobs, "uploads/a1")
    foreign = ["uploads/notes.txt", "uploads/.hidden", "uploads/.a1.tmp", "Uploads/a1", "README"]
    for name in foreign:
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_bytes(b"mine")
    (root / "uploads" / "folder").mkdir()
    assert list(blobs.unused()) == ["uploads/a1"]
    assert all((root / name).is_file() for name in foreign)


@pytest.mark.parametrize("state", ["committed", "unfinished"])
def test_a_blob_that_another_process_holds_is_in_use_until_that_process_dies(
    blobs: FolderBlobs, root: Path, state: str
) -> None:
    with start_writer(root, "uploads/a1", state) as process:
        held = list(blobs.unused())
        left = files_in(root)
        process.kill()
    assert held == []
    assert len(left) == 1
    assert list(blobs.unused()) == (["uploads/a1"] if state == "committed" else [])
    assert files_in(root) == (["a1"] if state == "committed" else [])


def test_a_writer_whose_file_is_swept_away_before_it_could_lock_it_takes_another(
    blobs: FolderBlobs, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flock = fcntl.flock

    def sweep_first(file: object, operation: int) -> None:
        monkeypatch.setattr(fcntl, "flock", flock)
        assert list(blobs.unused()) == []
        assert files_in(root) == []
        flock(file, operation)

    monkeypatch.setattr(fcntl, "flock", sweep_first)
    put(blobs, "uploads/a1")
    assert read(blobs, "uploads/a1") == b"bytes"


@pytest.mark.parametrize("refused", ["uploads/b1", "uploads/.b1.0123456789abcdef"])
def test_a_file_that_cannot_be_looked_at_stays_and_hides_no_other(
    blobs: FolderBlobs, root: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, refused: str
) -> None:
    for name in ("uploads/a1", "uploads/c1"):
        put(blobs, name)
    (root / refused).write_bytes(b"ours no more")
    original = Path.open

    def open_others(path: Path, *arguments: object) -> object:
        if path == root / refused:
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return original(path, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(Path, "open", open_others)
    assert list(blobs.unused()) == ["uploads/a1", "uploads/c1"]
    assert [record.__dict__["file"] for record in caplog.records] == [refused]
    assert (root / refused).exists()
