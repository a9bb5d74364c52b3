"""The index of places that the tests of this checkout share: it is made once for each version of its data."""

from __future__ import annotations

import fcntl
from pathlib import Path

from geostead.geocoding.index_file import IndexFile

FOLDER = Path(__file__).parents[2] / ".tools" / "test-places"


def shared_folder() -> Path:
    """Return a folder with a ready index; whoever else wants it waits while it is made."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (FOLDER / "tests.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        IndexFile(FOLDER).ready()
    return FOLDER
