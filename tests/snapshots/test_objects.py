"""Snapshots in an object store are fetched once, whole, by whoever comes first, and let go of again."""

import errno
import fcntl
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from geostead.errors import DiskFull, SnapshotDamaged, SnapshotMissing, Unavailable
from geostead.formats.base import EntityBatch
from geostead.objects.base import ObjectStore
from geostead.objects.cloud import CloudObjects
from geostead.query.bound import BoundQuery
from geostead.snapshots import objects as objects_module
from geostead.snapshots.files import ENTITIES_FILE
from geostead.snapshots.objects import ObjectSnapshots
from tests.entities import batch_of
from tests.s3 import S3Server, running_s3
from tests.snapshots.stored import SHOP, WatchedObjects, ids_of, shops, store_on, write_shops

ONE = [shop["ShopId"] for shop in shops("one-1")]


@pytest.fixture
def watched(objects: ObjectStore) -> WatchedObjects:
    return WatchedObjects(objects)


@pytest.fixture
def store(watched: WatchedObjects, tmp_path: Path) -> ObjectSnapshots:
    """A node that has nothing in its cache, and the snapshot "one-1", which another node wrote."""
    write_shops(store_on(watched, tmp_path / "other"), "one-1")
    return store_on(watched, tmp_path / "cache")


def in_cache(tmp_path: Path) -> set[str]:
    folder = tmp_path / "cache"
    return {path.name for path in folder.iterdir()} - {"room.lock"} if folder.exists() else set()


def test_what_this_node_wrote_is_never_fetched(watched: WatchedObjects, tmp_path: Path) -> None:
    store = store_on(watched, tmp_path / "cache")
    write_shops(store, "one-1")
    assert ids_of(store.open("one-1")) == ONE
    assert not watched.fetched


def test_a_cold_snapshot_is_not_opened_at_once_but_a_fetched_one_is_by_every_process(
    store: ObjectSnapshots, watched: WatchedObjects, tmp_path: Path
) -> None:
    assert store.open_at_once("one-1") is None
    assert ids_of(store.open("one-1")) == ONE
    for process in (store, store_on(watched, tmp_path / "cache")):
        opened = process.open_at_once("one-1")
        assert opened is not None
        assert ids_of(opened) == ONE


def test_all_threads_of_all_processes_share_one_download(
    store: ObjectSnapshots, watched: WatchedObjects, tmp_path: Path
) -> None:
    processes = [store, *(store_on(watched, tmp_path / "cache") for _ in range(3))]
    together = threading.Barrier(12)

    def query(number: int) -> list[str]:
        together.wait()
        return ids_of(processes[number % 4].open("one-1"))

    with ThreadPoolExecutor(12) as threads:
        assert list(threads.map(query, range(12))) == [ONE] * 12
    assert set(watched.fetched.values()) == {1}
    assert watched.calls["read"] == 1, "the manifest"


def test_what_arrives_damaged_is_fetched_once_more(
    store: ObjectSnapshots, watched: WatchedObjects, tmp_path: Path
) -> None:
    def damage(name: str, path: Path) -> None:
        if name.endswith(ENTITIES_FILE) and watched.fetched[name] == 1:
            os.truncate(path, path.stat().st_size - 1)

    watched.after_fetch = damage
    assert ids_of(store.open("one-1")) == ONE
    assert sorted(watched.fetched.values())[-2:] == [1, 2]


def flip_a_bit(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize("damage", [flip_a_bit, lambda path: os.truncate(path, 1), Path.unlink])
def test_what_is_damaged_for_good_is_never_opened_and_leaves_nothing(
    store: ObjectSnapshots, watched: WatchedObjects, tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    watched.after_fetch = lambda name, path: damage(path) if name.endswith(ENTITIES_FILE) else None
    with pytest.raises(SnapshotDamaged, match=r"entities\.arrow"):
        store.open("one-1")
    assert in_cache(tmp_path) == set()


def test_what_is_damaged_in_the_cache_is_fetched_again(
    store: ObjectSnapshots, watched: WatchedObjects, tmp_path: Path
) -> None:
    store.open("one-1")
    os.truncate(tmp_path / "cache" / "one-1" / ENTITIES_FILE, 1)
    other = store_on(watched, tmp_path / "cache")
    assert other.open_at_once("one-1") is None
    assert ids_of(other.open("one-1")) == ONE


def test_a_snapshot_that_is_deleted_while_it_is_fetched_is_missing(
    store: ObjectSnapshots, watched: WatchedObjects, tmp_path: Path
) -> None:
    deleting = store_on(watched, tmp_path / "other")

    def delete(_name: str, path: Path) -> None:
        deleting.delete("one-1")
        path.unlink()

    watched.after_fetch = delete
    with pytest.raises(SnapshotMissing):
        store.open("one-1")
    assert in_cache(tmp_path) == set()


def test_the_manifest_goes_first_so_that_nobody_opens_half_a_snapshot(
    store: ObjectSnapshots, objects: ObjectStore, watched: WatchedObjects, tmp_path: Path
) -> None:
    class Dying(WatchedObjects):
        def delete(self, name: str) -> None:
            super().delete(name)
            if self.calls["delete"] == 2:
                raise Unavailable("died")

    with pytest.raises(Unavailable):
        store_on(Dying(objects), tmp_path / "dying").delete("one-1")
    assert list(store.ids()) == ["one-1"]
    with pytest.raises(SnapshotMissing):
        store.open("one-1")
    store.delete("one-1")
    assert (list(store.ids()), list(objects.list("snapshots/"))) == ([], [])


def test_of_two_workers_that_write_one_snapshot_one_wins_and_nothing_of_the_other_shows(
    objects: ObjectStore, tmp_path: Path
) -> None:
    watched = WatchedObjects(objects)
    watched.before_create = threading.Barrier(2).wait  # type: ignore[assignment]
    workers = [store_on(watched, tmp_path / f"worker{count}") for count in (3, 5)]

    def write(worker: ObjectSnapshots, count: int) -> int:
        try:
            write_shops(worker, "one-1", count)
        except FileExistsError:
            return 0
        return count

    with ThreadPoolExecutor(2) as threads:
        written = list(threads.map(write, workers, (3, 5)))
    assert written.count(0) == 1
    reader = store_on(objects, tmp_path / "reader")
    for store in (reader, *workers):
        assert store.open("one-1").entity_count == max(written)
    reader.check("one-1")


def test_a_full_disk_is_told_as_such_and_what_nobody_reads_goes_first(
    store: ObjectSnapshots, watched: WatchedObjects, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(objects_module, "REST_S", 0.0)
    write_shops(store, "idle-1")
    write_shops(store, "busy-1")
    busy = store.open("busy-1")

    def fill_disk(_name: str, _path: Path) -> None:
        if (tmp_path / "cache" / "idle-1").exists() or is_small:
            raise OSError(errno.ENOSPC, "No space left on device")

    watched.after_fetch = fill_disk
    is_small = True
    with pytest.raises(DiskFull):
        store.open("one-1")
    assert in_cache(tmp_path) == {"busy-1"}
    is_small = False
    assert ids_of(store.open("one-1")) == ONE
    assert ids_of(busy) == [shop["ShopId"] for shop in shops("busy-1")]


def test_a_disk_that_was_full_is_left_alone_for_a_moment(
    store: ObjectSnapshots, watched: WatchedObjects, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(objects_module, "REST_S", 3600.0)
    fetched: list[str] = []

    def fill_disk(name: str, _path: Path) -> None:
        fetched.append(name)
        raise OSError(errno.ENOSPC, "No space left on device")

    watched.after_fetch = fill_disk
    with pytest.raises(DiskFull):
        store.open("one-1")
    tried = len(fetched)
    for _ in range(5):
        with pytest.raises(DiskFull):
            store.open("one-1")
    assert len(fetched) == tried > 0


def test_where_a_full_disk_keeps_a_snapshot_from_being_written_the_idle_ones_go_and_the_next_attempt_has_room(
    watched: WatchedObjects, tmp_path: Path
) -> None:
    store = store_on(watched, tmp_path / "cache")
    write_shops(store, "idle-1")

    def batches() -> Iterator[EntityBatch]:
        if "idle-1" in in_cache(tmp_path) or is_small:
            raise OSError(errno.ENOSPC, "No space left on device")
        yield batch_of(SHOP, shops("one-2"))

    is_small = False
    with pytest.raises(Unavailable, match="made room"):
        store.write("one-1", SHOP, batches())
    assert in_cache(tmp_path) == set()
    store.write("one-2", SHOP, batches())
    busy, is_small = store.open("one-2"), True
    with pytest.raises(OSError, match="No space left"):  # nothing is idle that could go
        store.write("one-3", SHOP, batches())
    assert ids_of(busy) == [shop["ShopId"] for shop in shops("one-2")]


def test_who_writes_waits_for_who_only_looks_what_was_left_behind(store: ObjectSnapshots, tmp_path: Path) -> None:
    folder = tmp_path / "cache" / "two-1.unfinished"
    folder.mkdir(parents=True)
    looking = os.open(folder, os.O_RDONLY)
    fcntl.flock(looking, fcntl.LOCK_EX)
    done = threading.Timer(0.2, os.close, [looking])
    done.start()
    write_shops(store, "two-1")
    done.join()
    assert in_cache(tmp_path) == {"two-1"}


def test_who_only_writes_clears_up_what_killed_processes_left(
    store: ObjectSnapshots, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("geostead.snapshots.objects.SWEEP_S", 0.01)
    (tmp_path / "cache" / "killed-1.unfinished").mkdir(parents=True)
    write_shops(store, "two-1")
    until_s = time.monotonic() + 30
    while "killed-1.unfinished" in in_cache(tmp_path):
        assert time.monotonic() < until_s
        time.sleep(0.01)


def test_what_nobody_asked_for_between_two_sweeps_is_let_go_and_can_be_evicted(
    watched: WatchedObjects, tmp_path: Path
) -> None:
    store = store_on(watched, tmp_path / "cache", limit_bytes=1)
    write_shops(store, "one-1")
    store.open("one-1")
    store.sweep()
    assert in_cache(tmp_path) == {"one-1"}
    store.sweep()
    assert in_cache(tmp_path) == set()
    assert ids_of(store.open("one-1")) == ONE, "fetched again"


def test_a_page_that_is_still_read_keeps_its_snapshot_from_being_evicted(
    watched: WatchedObjects, tmp_path: Path
) -> None:
    store = store_on(watched, tmp_path / "cache", limit_bytes=1)
    write_shops(store, "one-1")
    page = store.open("one-1").search(BoundQuery())
    for _ in range(3):
        store.sweep()
    assert in_cache(tmp_path) == {"one-1"}
    assert len(page.rows) == 3
    del page
    store.sweep()
    assert in_cache(tmp_path) == set()


def test_what_is_fetched_ahead_is_opened_at_once_and_counts_as_used_when_it_was_said(store: ObjectSnapshots) -> None:
    assert store.fetch_ahead("one-1", 1000.0)
    assert store.fetched_at_s() == {"one-1": 1000.0}
    assert store.fetch_ahead("one-1", 2000.0)
    assert store.open_at_once("one-1") is not None


def test_nothing_that_was_used_later_goes_for_what_is_fetched_ahead(watched: WatchedObjects, tmp_path: Path) -> None:
    for name in ("one-1", "two-1"):
        write_shops(store_on(watched, tmp_path / "other"), name)
    one_bytes = sum(path.stat().st_size for path in (tmp_path / "other" / "one-1").iterdir())
    store = store_on(watched, tmp_path / "cache", limit_bytes=one_bytes * 3 // 2)
    store.fetch_ahead("one-1", 1000.0)
    assert not store.fetch_ahead("two-1", 1000.0)
    assert in_cache(tmp_path) == {"one-1"}
    assert store.fetch_ahead("two-1", 1001.0)
    assert in_cache(tmp_path) == {"two-1"}


PROCESS = """
import os, sys, time
from pathlib import Path
from geostead.objects.cloud import CloudObjects
from tests.entities import batch_of
from tests.snapshots.stored import SHOP, WatchedObjects, store_on, write_shops

url, cache, what = sys.argv[1:]

class Hanging(WatchedObjects):
    def create(self, name, data):
        os.write(1, b"now\\n")
        time.sleep(600)

def hang(name, path):
    os.write(1, b"now\\n")
    time.sleep(600)

objects = Hanging(CloudObjects(url))
objects.after_fetch = hang
store = store_on(objects, Path(cache))
write_shops(store, "one-1") if what == "write" else store.open("one-1")
"""


@contextmanager
def process_that_hangs(url: str, cache: Path, what: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a process that is in the middle of writing or fetching "one-1"."""
    with subprocess.Popen(
        [sys.executable, "-c", PROCESS, url, str(cache), what], stdout=subprocess.PIPE, cwd=Path.cwd()
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == b"now\n"
            yield process
        finally:
            process.send_signal(signal.SIGKILL)


def test_what_a_killed_writer_uploaded_is_listed_but_is_no_snapshot_and_can_be_deleted(
    shared_s3: S3Server, objects: ObjectStore, tmp_path: Path
) -> None:
    url = shared_s3.fresh_url()
    objects = CloudObjects(url)
    store = store_on(objects, tmp_path / "cache")
    with process_that_hangs(url, tmp_path / "cache", "write"):
        assert list(store.ids()) == ["one-1"]
    with pytest.raises(SnapshotMissing):
        store.open("one-1")
    store.sweep()
    assert in_cache(tmp_path) == set()
    store.delete("one-1")
    assert list(objects.list("snapshots/")) == []
    write_shops(store, "one-1")
    assert ids_of(store.open("one-1")) == ONE


def test_the_download_of_a_killed_process_is_taken_over(
    shared_s3: S3Server, objects: ObjectStore, tmp_path: Path
) -> None:
    url = shared_s3.fresh_url()
    watched = WatchedObjects(CloudObjects(url))
    write_shops(store_on(watched, tmp_path / "other"), "one-1")
    store = store_on(watched, tmp_path / "cache")
    with process_that_hangs(url, tmp_path / "cache", "open") as process, ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(store.open, "one-1")
        assert not watched.fetched
        process.send_signal(signal.SIGKILL)
        assert ids_of(waiting.result()) == ONE
    assert in_cache(tmp_path) == {"one-1"}


def test_while_the_store_is_down_what_is_cached_is_answered_and_the_rest_is_unavailable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running_s3(tmp_path / "s3") as server:
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)
        objects = CloudObjects(server.fresh_url())
        for name in ("one-1", "two-1"):
            write_shops(store_on(objects, tmp_path / "other"), name)
        store_on(objects, tmp_path / "cache").open("one-1")
        server.kill()
        store = store_on(objects, tmp_path / "cache")
        assert store.open_at_once("two-1") is None
        with pytest.raises(Unavailable):
            store.open("two-1")
        assert ids_of(store.open("one-1")) == ONE
        assert in_cache(tmp_path) == {"one-1"}
        server.start()
        assert ids_of(store.open("two-1")) == [shop["ShopId"] for shop in shops("two-1")]


READER = """
import random, sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from geostead.objects.cloud import CloudObjects
from tests.snapshots.stored import ids_of, shops, store_on

url, cache, limit, seed = sys.argv[1:]
store = store_on(CloudObjects(url), Path(cache), int(limit))

def read(number):
    chosen = random.Random(f"{seed} {number}")
    for turn in range(40):
        name = f"s{chosen.randrange(8)}-1"
        snapshot = store.open_at_once(name) or store.open(name)
        assert ids_of(snapshot) == sorted(shop["ShopId"] for shop in shops(name)), name
        del snapshot
        if turn % 5 == number:
            store.sweep()

with ThreadPoolExecutor(3) as threads:
    list(threads.map(read, range(3)))
"""


def test_a_cache_that_is_much_too_small_gives_right_answers_to_all_and_is_within_its_limit_afterwards(
    shared_s3: S3Server, objects: ObjectStore, tmp_path: Path
) -> None:
    url, limit_bytes = shared_s3.fresh_url(), 8000
    writer = store_on(CloudObjects(url), tmp_path / "other")
    for number in range(8):
        write_shops(writer, f"s{number}-1")
    arguments = [sys.executable, "-c", READER, url, str(tmp_path / "cache"), str(limit_bytes)]
    readers = [subprocess.Popen([*arguments, str(seed)], cwd=Path.cwd()) for seed in range(2)]
    assert [reader.wait() for reader in readers] == [0, 0]
    store = store_on(objects, tmp_path / "cache", limit_bytes)
    store.sweep()
    kept = in_cache(tmp_path)
    assert 0 < len(kept) < 8
    assert sum(path.stat().st_size for path in (tmp_path / "cache").glob("*/*")) <= limit_bytes
