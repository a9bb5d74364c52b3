"""The index of places that all tests of this machine share: it is made once for each version of its data."""

from __future__ import annotations

import fcntl
import os
import tempfile
from pathlib import Path

from geostead.geocoding.index_file import ready_index


def shared_folder() -> Path:
    """Return a folder with a ready index; whoever else wants it waits while it is made."""
    folder = Path(tempfile.gettempdir()) / f"geostead-test-places-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    with (folder / "tests.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        ready_index(folder)
    return folder
