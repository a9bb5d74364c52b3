"""The cache of a node stays within its limit, gives up nothing that is read, and heals from whatever was killed."""

import errno
import fcntl
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from geostead.errors import Unavailable
from geostead.snapshots.node_cache import GONE, NodeCache

LIMIT = 1000


@pytest.fixture
def cache(tmp_path: Path) -> NodeCache:
    return NodeCache(tmp_path / "cache", LIMIT)


def fill(cache: NodeCache, name: str, size_bytes: int = 400, used_at_s: float | None = None) -> bool:
    """Fill a folder with one file; return whether this was the one who did."""
    with cache.fill(name) as folder:
        if folder is None:
            return False
        cache.reserve(folder, size_bytes)
        (folder / "file").write_bytes(name[:1].encode() * size_bytes)
    if used_at_s is not None:
        os.utime(cache.path(name), (used_at_s, used_at_s))
    return True


@contextmanager
def reading(cache: NodeCache, name: str) -> Iterator[None]:
    lock = cache.hold(name)
    assert lock is not None
    try:
        yield
    finally:
        os.close(lock)


def leftovers(cache: NodeCache) -> set[str]:
    return {path.name for path in cache.path("x").parent.iterdir() if "." in path.name} - {"room.lock"}


def test_what_was_used_longest_ago_makes_room(cache: NodeCache) -> None:
    for second, name in enumerate("abc", start=1):
        fill(cache, name, 300, second)
    cache.touch("a")
    fill(cache, "d", 300)
    assert cache.used_at_s().keys() == {"a", "c", "d"}


def test_what_is_read_stays_and_the_next_one_goes_for_it(cache: NodeCache) -> None:
    fill(cache, "a", 400, 1)
    fill(cache, "b", 400, 2)
    with reading(cache, "a"):
        fill(cache, "c", 400)
        assert cache.used_at_s().keys() == {"a", "c"}


def test_where_all_is_read_the_limit_gives_way_until_it_is_not(cache: NodeCache) -> None:
    fill(cache, "a", 600, 1)
    with reading(cache, "a"):
        fill(cache, "b", 600)
        assert cache.used_at_s().keys() == {"a", "b"}
    cache.tidy_up()
    assert cache.used_at_s().keys() == {"b"}


def test_room_that_is_reserved_counts_before_it_is_used(cache: NodeCache) -> None:
    with cache.fill("a") as first, cache.fill("b") as second:
        assert first is not None
        assert second is not None
        assert cache.reserve(first, 700)
        assert not cache.reserve(second, 400)


def test_what_is_fetched_ahead_takes_the_room_of_what_was_used_before_alone(cache: NodeCache) -> None:
    fill(cache, "a", 500, 10)
    fill(cache, "b", 500, 20)
    with cache.fill("c") as folder:
        assert folder is not None
        assert not cache.reserve(folder, 500, older_than_s=10)
        assert cache.reserve(folder, 500, older_than_s=20)
    assert cache.used_at_s().keys() == {"b", "c"}


def test_one_at_a_time_fills_a_folder_and_the_others_find_it_done(cache: NodeCache) -> None:
    began, go_on = threading.Event(), threading.Event()
    done: list[bool] = []

    def first() -> None:
        with cache.fill("a") as folder:
            assert folder is not None
            began.set()
            go_on.wait()
            (folder / "file").write_bytes(b"a")

    threads = [threading.Thread(target=first)]
    threads[0].start()
    began.wait()
    with pytest.raises(Unavailable), cache.fill("a", wait_s=0):
        pass
    threads += [threading.Thread(target=lambda: done.append(fill(cache, "a"))) for _ in range(4)]
    for thread in threads[1:]:
        thread.start()
    go_on.set()
    for thread in threads:
        thread.join()
    assert done == [False] * 4
    assert leftovers(cache) == set()


def test_what_could_not_be_filled_leaves_nothing_and_the_next_one_begins_anew(cache: NodeCache) -> None:
    def broken() -> None:
        with cache.fill("a") as folder:
            assert folder is not None
            (folder / "half").touch()
            raise OSError("the disk is full")

    with pytest.raises(OSError, match="full"):
        broken()
    assert not cache.has("a")
    assert fill(cache, "a")
    assert {path.name for path in cache.path("a").iterdir()} == {"file"}
    assert leftovers(cache) == set()


FILLER = """
import sys, time
from pathlib import Path
from geostead.snapshots.node_cache import NodeCache
with NodeCache(Path(sys.argv[1]), 1000).fill("a") as folder:
    (folder / "half").write_bytes(b"x" * 900)
    print("filling", flush=True)
    time.sleep(600)
"""


@contextmanager
def process_that_fills(cache: NodeCache) -> Iterator[subprocess.Popen[bytes]]:
    """Run a process that is in the middle of filling the folder "a"."""
    root = cache.path("x").parent
    with subprocess.Popen([sys.executable, "-c", FILLER, str(root)], stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == b"filling\n"
            yield process
        finally:
            process.kill()


def test_a_killed_process_is_taken_over_by_who_waits_for_it(cache: NodeCache) -> None:
    with process_that_fills(cache) as process:
        with pytest.raises(Unavailable), cache.fill("a", wait_s=0.05):
            pass
        done: list[bool] = []
        waiting = threading.Thread(target=lambda: done.append(fill(cache, "a")))
        waiting.start()
        process.send_signal(signal.SIGKILL)
        waiting.join()
    assert done == [True]
    assert {path.name for path in cache.path("a").iterdir()} == {"file"}
    assert leftovers(cache) == set()


def test_what_a_killed_process_left_is_cleared_up_and_what_a_living_one_does_is_not(cache: NodeCache) -> None:
    with process_that_fills(cache) as process:
        (cache.path("x").parent / f"b.0123{GONE}").mkdir()
        cache.tidy_up()
        assert leftovers(cache) == {"a.unfinished"}
        process.send_signal(signal.SIGKILL)
        process.wait()
        cache.tidy_up()
    assert leftovers(cache) == set()


def test_who_holds_a_folder_that_is_dropped_reads_on(cache: NodeCache) -> None:
    fill(cache, "a")
    with reading(cache, "a"), (cache.path("a") / "file").open("rb") as file:
        cache.drop("a")
        cache.drop("a")
        assert not cache.has("a")
        assert file.read() == b"a" * 400
    assert cache.hold("a") is None


def test_a_folder_that_is_just_being_evicted_cannot_be_held(cache: NodeCache) -> None:
    fill(cache, "a")
    descriptor = os.open(cache.path("a"), os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    assert cache.hold("a") is None
    os.close(descriptor)


def test_a_cache_that_nobody_has_filled_yet_is_no_folder(cache: NodeCache) -> None:
    cache.tidy_up()
    cache.touch("a")
    cache.drop("a")
    assert (cache.used_at_s(), cache.has("a"), cache.hold("a")) == ({}, False, None)
    assert not cache.path("a").parent.exists()


_names = st.sampled_from("abcdef")
_sizes = st.integers(0, 600)


class CacheMachine(RuleBasedStateMachine):
    """Two processes' worth of users of one cache, against a model: which folders there are, and who reads them."""

    def __init__(self) -> None:
        super().__init__()
        self.second = 0.0
        self.kept: dict[str, int] = {}
        """Least recently used first."""
        self.held: dict[str, list[int]] = {}

    @initialize()
    def start(self) -> None:
        root = Path(os.environ["GEOSTEAD_TEST_CACHE"]) / os.urandom(8).hex()
        self.users = (NodeCache(root, LIMIT), NodeCache(root, LIMIT))

    def teardown(self) -> None:
        for lock in [lock for locks in self.held.values() for lock in locks]:
            os.close(lock)

    def use(self, name: str, user: int) -> None:
        self.second += 1
        os.utime(self.users[user].path(name), (self.second, self.second))
        self.kept[name] = self.kept.pop(name)

    def expect_room(self, size_bytes: int) -> None:
        for name in list(self.kept):
            if sum(self.kept.values()) + size_bytes <= LIMIT:
                break
            if not self.held.get(name):
                del self.kept[name]

    @rule(name=_names, size=_sizes, user=st.integers(0, 1))
    def fill(self, name: str, size: int, user: int) -> None:
        is_new = name not in self.kept
        assert fill(self.users[user], name, size) == is_new
        if is_new:
            self.expect_room(size)
            self.kept[name] = size
        self.use(name, user)

    @rule(name=_names, user=st.integers(0, 1))
    def hold(self, name: str, user: int) -> None:
        lock = self.users[user].hold(name)
        assert (lock is not None) == (name in self.kept)
        if lock is not None:
            self.held.setdefault(name, []).append(lock)
            self.use(name, user)

    @precondition(lambda self: any(self.held.values()))
    @rule(data=st.data())
    def let_go(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(sorted(name for name, locks in self.held.items() if locks)))
        os.close(self.held[name].pop())

    @rule(user=st.integers(0, 1))
    def tidy_up(self, user: int) -> None:
        self.users[user].tidy_up()
        self.expect_room(0)
        read_bytes = sum(size for name, size in self.kept.items() if self.held.get(name))
        assert sum(self.kept.values()) <= max(LIMIT, read_bytes)

    @rule(user=st.integers(0, 1))
    def find_the_disk_full(self, user: int) -> None:
        if self.kept:
            self.users[user].evict_idle()
        self.kept = {name: size for name, size in self.kept.items() if self.held.get(name)}

    @invariant()
    def both_see_what_the_model_has(self) -> None:
        for user in self.users:
            assert user.used_at_s().keys() == self.kept.keys()
            for name, size in self.kept.items():
                assert (user.path(name) / "file").read_bytes() == name.encode() * size


def test_any_users_of_a_cache_find_what_the_model_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEOSTEAD_TEST_CACHE", str(tmp_path))
    from hypothesis.stateful import run_state_machine_as_test

    run_state_machine_as_test(CacheMachine, settings=settings(max_examples=40, stateful_step_count=30, deadline=None))


def test_a_disk_that_knows_no_locks_is_told_as_such_and_no_descriptor_is_lost(
    cache: NodeCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(cache, "a")

    def refuse(_file: object, _how: int) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", refuse)
    before = len(list(Path("/proc/self/fd").iterdir()))
    with pytest.raises(Unavailable, match="GEOSTEAD_CACHE_DIR"):
        cache.hold("a")
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_who_finds_the_disk_full_is_told_whether_that_made_room(cache: NodeCache) -> None:
    fill(cache, "a")
    with reading(cache, "a"):
        assert not cache.evict_idle()
    assert cache.evict_idle()
