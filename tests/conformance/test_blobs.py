"""What every store of blobs does: a folder, S3 and Azure Blob Storage."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from geostead.blobs.base import BlobStore
from geostead.blobs.folder import FolderBlobs
from geostead.blobs.objects import ObjectBlobs
from geostead.objects.cloud import CloudObjects
from tests.azurite import Azurite, running_azurite
from tests.s3 import S3Server

SEVERAL_PARTS = 20_000_000


@pytest.fixture(scope="module")
def azurite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Azurite]:
    with running_azurite(tmp_path_factory.mktemp("azurite")) as server:
        yield server


@pytest.fixture(params=["folder", "shared_s3", "azurite"])
def blobs(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> BlobStore:
    if request.param == "folder":
        return FolderBlobs(tmp_path / "blobs")
    server: S3Server | Azurite = request.getfixturevalue(request.param)
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)
    return ObjectBlobs(CloudObjects(server.fresh_url()), tmp_path / "spool")


def put(blobs: BlobStore, name: str, data: bytes = b"bytes") -> None:
    with blobs.create(name) as blob:
        blob.write(data)
        blob.commit()


def read(blobs: BlobStore, name: str) -> bytes:
    with blobs.open(name) as file:
        return file.read()


def test_a_store_that_works_passes_the_check_and_keeps_nothing_of_it(blobs: BlobStore) -> None:
    blobs.check()
    assert list(blobs.unused()) == []


def test_a_committed_blob_is_read_as_it_was_written(blobs: BlobStore) -> None:
    with blobs.create("uploads/a1") as blob:
        assert blob.write(b"some ") == 5
        assert blob.write(memoryview(b"bytes")) == 5
        assert blob.size_bytes == 10
        blob.commit()
    assert read(blobs, "uploads/a1") == b"some bytes"
    assert blobs.size_bytes("uploads/a1") == 10


@pytest.mark.parametrize("name", ["uploads/a1", "downloads/a1"])
def test_a_large_blob_can_be_read_from_any_place(blobs: BlobStore, name: str) -> None:
    data = os.urandom(SEVERAL_PARTS)
    put(blobs, name, data)
    with blobs.open(name) as file:
        assert file.read(10) == data[:10]
        file.seek(-3, os.SEEK_END)
        assert file.read() == data[-3:]
        file.seek(8_000_000)
        assert file.read(5_000_000) == data[8_000_000:13_000_000]
        assert file.tell() == 13_000_000


def test_an_empty_blob_is_one(blobs: BlobStore) -> None:
    put(blobs, "logs/a1", b"")
    assert read(blobs, "logs/a1") == b""
    assert blobs.size_bytes("logs/a1") == 0


def test_an_upload_is_a_file_of_the_disk_as_reader_processes_need_it(blobs: BlobStore) -> None:
    put(blobs, "uploads/a1", b"for a process")
    with blobs.open("uploads/a1") as file:
        copied = subprocess.run(
            [sys.executable, "-c", "import sys; sys.stdout.write(sys.stdin.read())"],
            stdin=file,
            stdout=subprocess.PIPE,
            check=True,
        )
    assert copied.stdout == b"for a process"


def test_nobody_sees_a_blob_before_it_is_committed(blobs: BlobStore) -> None:
    with blobs.create("uploads/a1") as blob:
        blob.write(b"half")
        with pytest.raises(FileNotFoundError):
            blobs.open("uploads/a1")
        blob.commit()
        assert read(blobs, "uploads/a1") == b"half"


def test_a_blob_that_was_not_committed_is_gone(blobs: BlobStore, tmp_path: Path) -> None:
    with blobs.create("uploads/a1") as blob:
        blob.write(b"half")
    with suppress(KeyError), blobs.create("uploads/a2") as blob:
        blob.write(b"half")
        raise KeyError
    for name in ("uploads/a1", "uploads/a2"):
        with pytest.raises(FileNotFoundError):
            blobs.size_bytes(name)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_blob_replaces_one_of_its_name_only_when_it_is_committed(blobs: BlobStore) -> None:
    put(blobs, "logs/a1", b"old")
    with blobs.create("logs/a1") as blob:
        blob.write(b"new")
        assert read(blobs, "logs/a1") == b"old"
        blob.commit()
    assert read(blobs, "logs/a1") == b"new"


def test_who_reads_an_upload_that_is_replaced_or_deleted_reads_on(blobs: BlobStore) -> None:
    put(blobs, "uploads/a1", b"old")
    with blobs.open("uploads/a1") as file:
        put(blobs, "uploads/a1", b"new")
        blobs.delete("uploads/a1")
        assert file.read() == b"old"


def test_a_committed_blob_never_changes(blobs: BlobStore) -> None:
    with blobs.create("uploads/a1") as blob:
        blob.write(b"bytes")
        blob.commit()
        with pytest.raises(ValueError, match="committed"):
            blob.write(b"more")
        with pytest.raises(ValueError, match="committed"):
            blob.commit()
    assert read(blobs, "uploads/a1") == b"bytes"


@pytest.mark.parametrize("name", ["uploads/a1", "logs/a1"])
def test_an_unknown_blob_is_not_found(blobs: BlobStore, name: str) -> None:
    with pytest.raises(FileNotFoundError):
        blobs.open(name)
    with pytest.raises(FileNotFoundError):
        blobs.size_bytes(name)


def test_a_blob_is_deleted_and_one_that_does_not_exist_may_be(blobs: BlobStore) -> None:
    put(blobs, "uploads/a1")
    blobs.delete("uploads/a1")
    blobs.delete("uploads/a1")
    with pytest.raises(FileNotFoundError):
        blobs.open("uploads/a1")


WRONG_NAMES = (
    *("", "a1", "uploads", "uploads/", "uploads/../a1", "../uploads/a1", "/etc/passwd", "uploads/.a1", "a/b/c"),
    *("uploads/a\n", "uploads/a 1", "uploads/é", "Uploads/a1", "uploads/" + "a" * 81),
)


@pytest.mark.parametrize("name", WRONG_NAMES)
def test_a_name_that_is_not_of_the_form_is_refused(blobs: BlobStore, tmp_path: Path, name: str) -> None:
    for ask in (blobs.open, blobs.delete, blobs.size_bytes):
        with pytest.raises(ValueError, match=re.escape("is not the name of a blob")):
            ask(name)
    with pytest.raises(ValueError, match="name"), blobs.create(name):
        pass
    assert list(tmp_path.iterdir()) == []
