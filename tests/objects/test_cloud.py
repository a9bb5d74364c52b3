"""Objects in real object stores: S3 (SeaweedFS) and Azure Blob Storage (Azurite)."""

from __future__ import annotations

import io
import os
import re
import secrets
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from geostead.errors import Unavailable
from geostead.objects import cloud
from geostead.objects.base import UnfitStore
from geostead.objects.cloud import CloudObjects
from tests.azurite import Azurite
from tests.objects.conftest import Store
from tests.objects.one_byte import breaking
from tests.s3 import SECRET_KEY, S3Server

RACERS = 8
"""Processes; 20 pass as well, and take 20 s to start on a busy machine."""
PARTS = 2 * cloud.PART_BYTES + 5
GOOD, BAD = b"what was written by us", b"what was written by xs"


def file_of(folder: Path, data: bytes) -> tuple[Path, str]:
    path = folder / "written"
    path.write_bytes(data)
    return path, sha256(data).hexdigest()


def names(objects: CloudObjects, prefix: str) -> list[str]:
    return [found.name for found in objects.list(prefix)]


def test_a_store_that_is_set_up_well_passes_and_keeps_nothing_of_the_check(objects: CloudObjects) -> None:
    objects.check()
    assert names(objects, "probes/") == []


@pytest.mark.parametrize("size", [0, 1, cloud.PART_BYTES, PARTS])
def test_a_file_comes_back_as_it_was_written(objects: CloudObjects, tmp_path: Path, size: int) -> None:
    path, digest = file_of(tmp_path, os.urandom(size))
    objects.put_file("some/file", path, digest)
    objects.fetch_file("some/file", tmp_path / "fetched")
    assert (tmp_path / "fetched").read_bytes() == path.read_bytes()
    assert objects.size_bytes("some/file") == size


def test_an_open_object_is_read_from_any_place(objects: CloudObjects, tmp_path: Path) -> None:
    data = os.urandom(PARTS)
    objects.put_file("some/file", *file_of(tmp_path, data))
    with objects.open("some/file") as file:
        assert file.seek(-7, io.SEEK_END) == PARTS - 7
        assert file.read(100) == data[-7:]
        assert file.read() == b""
        assert file.seek(cloud.PART_BYTES - 3) == cloud.PART_BYTES - 3
        assert file.read(6) == data[cloud.PART_BYTES - 3 : cloud.PART_BYTES + 3]
        file.seek(1)
        assert file.read() == data[1:]
        assert file.seek(10, io.SEEK_END) == PARTS + 10
        assert file.read(1) == b""
        with pytest.raises(OSError, match="before the beginning"):
            file.seek(-PARTS - 1, io.SEEK_END)


def test_a_small_object_is_replaced(objects: CloudObjects) -> None:
    objects.put("a/b", b"old")
    objects.put("a/b", b"new")
    assert objects.read("a/b") == b"new"


def test_what_is_not_there_is_not_found_and_may_be_deleted(objects: CloudObjects, tmp_path: Path) -> None:
    objects.delete("a/b")
    for ask in (objects.read, objects.open, objects.size_bytes, lambda name: objects.fetch_file(name, tmp_path / "x")):
        with pytest.raises(FileNotFoundError, match="no such object"):
            ask("a/b")
    objects.put("a/b", b"bytes")
    objects.delete("a/b")
    assert names(objects, "a/") == []


def test_objects_are_listed_by_name_with_the_time_of_the_store(objects: CloudObjects) -> None:
    began_at = objects.now()
    for name in ("a/b/c", "a/b.c", "a/b", "ab/c", "a/a"):
        objects.put(name, b"bytes")
    found = list(objects.list("a/"))
    assert [one.name for one in found] == ["a/a", "a/b", "a/b.c", "a/b/c"]
    assert {one.size_bytes for one in found} == {5}
    assert all(began_at <= one.written_at <= objects.now() for one in found)


def test_more_objects_than_one_reply_lists_are_listed(objects: CloudObjects) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: objects.put(f"many/{number:04}", b""), range(1_100)))
    assert names(objects, "many/") == [f"many/{number:04}" for number in range(1_100)]


def test_a_store_sees_nothing_outside_its_prefix(objects: CloudObjects, store: Store) -> None:
    objects.put("a/b", b"bytes")
    assert names(CloudObjects(store.fresh_url()), "a/") == []


def test_one_of_two_that_create_an_object_wrote_it(objects: CloudObjects) -> None:
    assert objects.create("a/b", b"first")
    assert not objects.create("a/b", b"second")
    assert objects.read("a/b") == b"first"


def test_who_tries_again_after_the_store_had_written_finds_its_own_bytes(objects: CloudObjects) -> None:
    assert objects.create("a/b", b"mine")
    assert objects.create("a/b", b"mine")


RACER = """
import sys
from geostead.errors import Unavailable
from geostead.objects.cloud import CloudObjects

def create(name, data):
    for _ in range(10):  # one that gets no answer, on a busy machine, may have won
        try:
            return objects.create(name, data)
        except Unavailable:
            continue

url, me = sys.argv[1:]
objects = CloudObjects(url)
objects.read("start")
print("ready", flush=True)
sys.stdin.readline()
print(sum(create(f"race/{number}", f"{me} {number}".encode()) for number in range(5)))
"""


def test_of_many_processes_that_create_one_object_exactly_one_wins(store: Store) -> None:
    url = store.fresh_url()
    objects = CloudObjects(url)
    objects.put("start", b"")
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", RACER, url, str(me)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for me in range(20)
    ]
    assert {racer.stdout.readline() for racer in racers if racer.stdout} == {"ready\n"}
    for racer in racers:
        assert racer.stdin is not None
        racer.stdin.write("\n")
        racer.stdin.flush()
    won = [int(racer.communicate()[0]) for racer in racers]
    assert sum(won) == 5
    winners = [int(objects.read(f"race/{number}").split()[0]) for number in range(5)]
    assert [winners.count(me) for me in range(20)] == won


def through(store: Store, port: int, monkeypatch: pytest.MonkeyPatch) -> CloudObjects:
    """Return a store that is reached through another port."""
    variable = "AWS_ENDPOINT_URL" if isinstance(store, S3Server) else "AZURE_STORAGE_ENDPOINT"
    direct = urlsplit(os.environ[variable])
    monkeypatch.setenv(variable, f"http://127.0.0.1:{port}{direct.path}")
    return CloudObjects(store.fresh_url())


@pytest.mark.parametrize("write", ["put", "create", "put_file", "put_parts"])
def test_bytes_that_break_on_the_way_are_not_taken_for_a_success(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write: str
) -> None:
    port = urlsplit(store.endpoint if isinstance(store, S3Server) else store.url).port
    assert port
    with breaking(port, GOOD, BAD) as broken_port:
        objects = through(store, broken_port, monkeypatch)
        data = b"x" * (PARTS if write == "put_parts" else 0) + GOOD
        given = file_of(tmp_path, data) if write.startswith("put_") else (data,)
        ask = objects.put_file if write == "put_parts" else getattr(objects, write)
        with pytest.raises(Unavailable, match=re.escape(objects.url)):
            ask("a/b", *given)


def test_a_file_of_other_bytes_than_announced_is_not_taken_for_a_success(
    azurite: Azurite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in azurite.environment.items():
        monkeypatch.setenv(name, value)
    path, _ = file_of(tmp_path, b"bytes")
    with pytest.raises(Unavailable, match="has other bytes than were written"):
        CloudObjects(azurite.fresh_url()).put_file("a/b", path, sha256(b"others").hexdigest())


def test_a_store_that_ignores_conditions_is_unfit(objects: CloudObjects, monkeypatch: pytest.MonkeyPatch) -> None:
    put = cloud.obstore.put
    monkeypatch.setattr(cloud.obstore, "put", lambda *given, **options: put(*given, **options | {"mode": "overwrite"}))
    with pytest.raises(UnfitStore, match="ignores conditions on writing"):
        objects.check()


def test_a_bucket_that_is_not_there_is_named(store: Store) -> None:
    url = store.fresh_url().replace("//", "//not-", 1)
    for ask in (CloudObjects.check, CloudObjects.now, lambda objects: objects.read("a/b")):
        with pytest.raises(UnfitStore, match=rf"The store {url} is not there") as caught:
            ask(CloudObjects(url))
        assert url not in caught.value.told


def test_wrong_credentials_are_refused_and_never_shown(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = secrets.token_hex(20)
    variable = "AWS_SECRET_ACCESS_KEY" if isinstance(store, S3Server) else "AZURE_STORAGE_ACCOUNT_KEY"
    monkeypatch.setenv(variable, secret)
    objects = CloudObjects(store.fresh_url())
    with pytest.raises(UnfitStore, match="refuses access") as caught:
        objects.check()
    assert secret not in str(caught.value)
    assert SECRET_KEY not in str(caught.value)
    assert caught.value.__suppress_context__


def test_a_signature_in_the_environment_is_never_shown(azurite: Azurite, monkeypatch: pytest.MonkeyPatch) -> None:
    signature = azurite.signed("a").partition("?")[2]
    for name, value in {**azurite.environment, "AZURE_STORAGE_SAS_TOKEN": signature}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AZURE_STORAGE_ACCOUNT_KEY")
    with pytest.raises(UnfitStore, match="refuses access") as caught:
        CloudObjects(azurite.fresh_url()).check()
    assert "sig" not in str(caught.value)


def test_http_has_to_be_allowed(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    variable = "AWS_ALLOW_HTTP" if isinstance(store, S3Server) else "AZURE_ALLOW_HTTP"
    monkeypatch.delenv(variable)
    with pytest.raises(UnfitStore, match=f"{variable}=true would allow it"):
        CloudObjects(store.fresh_url()).check()


def test_variables_that_do_not_suffice_are_noticed_before_anything_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AZURE_STORAGE_ACCOUNT_NAME", raising=False)
    with pytest.raises(UnfitStore, match="The variables that the store az://container is to be reached by"):
        CloudObjects("az://container")


def test_a_store_that_is_not_there_is_unavailable(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Unavailable, match="cannot be reached") as caught:
        through(store, 1, monkeypatch).read("a/b")
    assert not isinstance(caught.value, UnfitStore)
    assert caught.value.told == "The store does not answer right now."
