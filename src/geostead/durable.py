"""Make files survive a power cut: what a function here has returned from is on the disk, names included.

A file's bytes are durable once the file is synced, its name once the folder that holds it is synced: both are needed,
the bytes first, so that no name ever points at half a file.
"""

from __future__ import annotations

import errno
import os
from pathlib import Path

NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT})
"""The ``errno`` of an OSError that says that the disk, or the share of it that this program may use, is full."""


def sync_file(file: Path | int) -> None:
    """Put the bytes of a file on the disk. ``file`` is a path or an open descriptor."""
    if isinstance(file, int):
        os.fsync(file)
    else:
        _sync_path(file, os.O_RDONLY)


def sync_folder(folder: Path) -> None:
    """Put the names in a folder on the disk: what was created, renamed or deleted in it."""
    _sync_path(folder, os.O_RDONLY | os.O_DIRECTORY)


def make_folder(folder: Path) -> None:
    """Make a folder and what is missing above it, names durable. One that exists is fine.

    The parent is synced even if the folder exists, because whoever made it may not have come to that yet.
    """
    if not folder.parent.exists():
        make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    sync_folder(folder.parent)


def replace_file(temporary: Path, final: Path) -> None:
    """Give a written file its name, in place of a file that has it. Both paths lie on one file system."""
    sync_file(temporary)
    os.replace(temporary, final)  # noqa: PTH105  # its durability is tested by recording the calls of os
    sync_folder(final.parent)


def publish_folder(temporary: Path, final: Path) -> None:
    """Give a folder of files its name, whole or not at all. Both paths lie on one file system.

    Every file is to be synced before, best by whoever wrote it and as soon as it is complete: that way the disk works
    while others are still being written. Raises OSError if ``final`` exists and is not an empty folder.
    """
    sync_folder(temporary)
    os.rename(temporary, final)  # noqa: PTH104  # its durability is tested by recording the calls of os
    sync_folder(final.parent)


def _sync_path(path: Path, flags: int) -> None:
    descriptor = os.open(path, flags)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
