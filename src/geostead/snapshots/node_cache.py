"""The folder in which a node keeps snapshots that belong elsewhere: shared by all its processes, bounded in size.

::

    {root}/{name}/             a whole snapshot; nothing in it ever changes
    {root}/{name}.unfinished/  being filled by the one who holds its lock
    {root}/{name}.{…}.gone/    being deleted
    {root}/room.lock           locked while room is made

Locks (``flock``) are on the folders themselves, so that they go with the process that holds them, however it ends, and
what lies around unlocked can be told from what is at work. Who reads a snapshot shares its lock; who makes room needs
it alone, and takes the least recently used first, by the time of its folder. The lock keeps the accounts right and the
snapshot warm, not the reader safe: what is mapped can be read on when its name has gone.

The folder is for a disk of the node's own: locks of network file systems are another matter.
"""

from __future__ import annotations

import fcntl
import logging
import os
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from geostead.durable import publish_folder
from geostead.errors import Unavailable
from geostead.snapshots.files import UNFINISHED, is_snapshot_id, unfinished_folder
from geostead.telemetry.measures import CACHE_BYTES, CACHE_EVICTIONS
from geostead.telemetry.meters import NO_METERS, Meters

GONE = ".gone"
RESERVED_FILE = "reserved"
"""As long as what a folder will hold (and sparse): so that others that make room count it from the beginning."""
LOOK_S = 0.02
"""Pause between two looks whether another process has finished."""
MAX_WAIT_S = 600.0
"""How long to wait for what another process fills, which takes over where that one dies."""

_ROOM_LOCK = "room.lock"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Kept:
    """A folder of the cache."""

    path: Path
    size_bytes: int
    used_at_s: float
    """When it was used last, since the epoch."""


class NodeCache:
    """Folders by name, below ``root``, which is made when the first one is filled."""

    def __init__(self, root: Path, limit_bytes: int, meters: Meters = NO_METERS) -> None:
        self._root = root
        self._limit_bytes = limit_bytes
        self._meters = meters

    def path(self, name: str) -> Path:
        """Return where a folder is once it is finished."""
        return self._root / name

    def has(self, name: str) -> bool:
        """Tell whether a finished folder of that name is there."""
        return self.path(name).is_dir()

    def used_at_s(self) -> dict[str, float]:
        """Return the names of all finished folders, and when each was used last, in seconds since the epoch."""
        return {kept.path.name: kept.used_at_s for kept in self._finished()}

    def hold(self, name: str) -> int | None:
        """Return a descriptor that keeps a finished folder from being evicted until it is closed; None if it is gone.

        None too where somebody has just finished it, or is about to evict it.
        """
        return _lock(self.path(name), fcntl.LOCK_SH)

    def touch(self, name: str) -> None:
        """Take note that a folder has just been used."""
        with suppress(OSError):
            os.utime(self.path(name))

    @contextmanager
    def fill(self, name: str, wait_s: float = MAX_WAIT_S) -> Iterator[Path | None]:
        """Hand out an empty folder to fill, to one at a time on this node; None if somebody else has finished it.

        It gets its name when the block is left without an error, else it goes. Every file is to be synced before.
        Raises Unavailable if another process is at it for longer than ``wait_s``.
        """
        lock = self._wait_for_turn(name, wait_s)
        if lock is None:
            yield None
            return
        folder = unfinished_folder(self.path(name))
        try:
            _clear(folder)
            yield folder
            (folder / RESERVED_FILE).unlink(missing_ok=True)
            publish_folder(folder, self.path(name))
        except BaseException:
            self._remove(folder)
            raise
        finally:
            os.close(lock)

    def _wait_for_turn(self, name: str, wait_s: float) -> int | None:
        until_s = time.monotonic() + wait_s
        folder = unfinished_folder(self.path(name))
        while not self.has(name):
            folder.mkdir(parents=True, exist_ok=True)
            lock = _lock(folder, fcntl.LOCK_EX)
            if lock is None:
                if time.monotonic() > until_s:
                    raise Unavailable("Another process of this node is fetching the data for too long.")
                time.sleep(LOOK_S)
            elif self.has(name):  # finished, and its unfinished name free again, just before it was taken here
                self._remove(folder)
                os.close(lock)
            else:
                return lock
        return None

    def drop(self, name: str) -> None:
        """Remove a finished folder, whoever reads it. Raises OSError where that is not possible."""
        self._remove(self.path(name))

    def drop_idle(self, name: str) -> bool:
        """Remove a finished folder unless somebody reads it; return whether it went."""
        lock = _lock(self.path(name), fcntl.LOCK_EX)
        if lock is None:
            return False
        self._remove(self.path(name))
        os.close(lock)
        return True

    def reserve(self, folder: Path, size_bytes: int, older_than_s: float | None = None) -> bool:
        """Make room for a folder that is being filled, as far as possible; the least recently used go first.

        With ``older_than_s`` (since the epoch) only what was used before that goes, and where that does not suffice,
        nothing is reserved. Return whether there is room now.
        """
        with self._making_room():
            has_room = self._make_room(size_bytes, older_than_s)
            if has_room or older_than_s is None:
                with (folder / RESERVED_FILE).open("wb") as file:
                    file.truncate(size_bytes)
        return has_room

    def evict_idle(self) -> bool:
        """Remove all that nobody reads: the disk is full, whatever the limit says. Return whether there was any."""
        with self._making_room():
            return sum(self.drop_idle(kept.path.name) for kept in self._finished()) > 0

    def tidy_up(self) -> None:
        """Remove what killed processes left, and what is beyond the limit."""
        if not self._root.is_dir():
            return
        for path in self._folders():
            if path.name.endswith(GONE):
                shutil.rmtree(path, ignore_errors=True)
            elif path.name.endswith(UNFINISHED):
                lock = _lock(path, fcntl.LOCK_EX)
                if lock is not None:
                    self._remove(path)
                    os.close(lock)
        with self._making_room():
            self._make_room(0, None)

    def _make_room(self, size_bytes: int, older_than_s: float | None) -> bool:
        """Evict until ``size_bytes`` fit; return whether they do."""
        every = [_kept(path) for path in self._folders()]
        total_bytes = sum(kept.size_bytes for kept in every)
        candidates = sorted(
            (kept for kept in every if is_snapshot_id(kept.path.name) and _is_before(kept, older_than_s)),
            key=lambda kept: kept.used_at_s,
        )
        for kept in candidates:
            if total_bytes + size_bytes <= self._limit_bytes:
                break
            lock = _lock(kept.path, fcntl.LOCK_EX)
            if lock is not None:
                self._remove(kept.path)
                os.close(lock)
                self._meters.add(CACHE_EVICTIONS)
                total_bytes -= kept.size_bytes
        self._meters.set(CACHE_BYTES, total_bytes)
        return total_bytes + size_bytes <= self._limit_bytes

    @contextmanager
    def _making_room(self) -> Iterator[None]:
        """Let one process at a time count and evict."""
        with (self._root / _ROOM_LOCK).open("ab") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def _remove(self, folder: Path) -> None:
        """Take a folder its name, at once, then delete it: nobody ever finds half of one."""
        gone = self._root / f"{folder.name}.{secrets.token_hex(8)}{GONE}"
        with suppress(FileNotFoundError):
            folder.rename(gone)
            shutil.rmtree(gone, ignore_errors=True)

    def _finished(self) -> list[_Kept]:
        return [_kept(path) for path in self._folders() if is_snapshot_id(path.name)]

    def _folders(self) -> list[Path]:
        try:
            return [Path(entry.path) for entry in os.scandir(self._root) if entry.is_dir(follow_symlinks=False)]
        except FileNotFoundError:
            return []


def _is_before(kept: _Kept, older_than_s: float | None) -> bool:
    return older_than_s is None or kept.used_at_s < older_than_s


def _kept(path: Path) -> _Kept:
    """Measure a folder; one that has just gone has nothing."""
    sizes: dict[str, int] = {}
    try:
        used_at_s = path.stat().st_mtime
        for entry in os.scandir(path):
            sizes[entry.name] = entry.stat().st_size
    except FileNotFoundError:
        return _Kept(path, 0, 0.0)
    reserved_bytes = sizes.pop(RESERVED_FILE, 0)
    return _Kept(path, max(reserved_bytes, sum(sizes.values())), used_at_s)


def _lock(folder: Path, how: int) -> int | None:
    """Lock the folder that has this name now; None if there is none, or others hold it. To be closed.

    Raises Unavailable where the disk knows no locks.
    """
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except FileNotFoundError:
        return None
    is_locked = False
    try:
        fcntl.flock(descriptor, how | fcntl.LOCK_NB)
        is_locked = os.path.samestat(os.fstat(descriptor), folder.stat())
    except (BlockingIOError, FileNotFoundError):
        pass
    except OSError as error:
        raise Unavailable(
            f"Nothing can be locked in {folder.parent}: {error.strerror}. GEOSTEAD_CACHE_DIR has to be on a disk of "
            "this machine."
        ) from error
    finally:
        if not is_locked:
            os.close(descriptor)
    return descriptor if is_locked else None


def _clear(folder: Path) -> None:
    """Delete the files of a folder that somebody left."""
    for path in folder.iterdir():
        path.unlink()
