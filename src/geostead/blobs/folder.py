"""Blobs as files of one folder.

A writer holds a lock (``flock``) on its file, under its temporary name and, once committed, under its final one, until
its context is left. The operating system frees the lock of a process that dies, so a free lock tells exactly that
nobody is writing any more.
"""

from __future__ import annotations

import fcntl
import logging
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from geostead.blobs.names import check_blob_name, is_blob_name
from geostead.blobs.writer import WriterToFile, disk_trouble
from geostead.durable import make_folder, replace_file
from geostead.errors import Unavailable

_TEMPORARY_NAME = re.compile(r"[a-z]{1,20}/\.[A-Za-z0-9-]{1,80}\.[0-9a-f]{16}\Z")
_FOLDER = "of the blobs"

_log = logging.getLogger(__name__)


class FolderBlobs:
    """Implements :class:`geostead.blobs.base.BlobStore`; ``root`` is made with the first blob.

    Every method raises ValueError for a name that is not ``folder/id`` out of letters, digits and hyphens.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    @contextmanager
    def create(self, name: str) -> Iterator[FileWriter]:
        """Begin a blob; until the context is left, :meth:`unused` does not list it. Raises Unavailable."""
        final = self._path(name)
        with disk_trouble(_FOLDER):
            make_folder(final.parent)
            file, temporary = _create_locked(final)
        try:
            yield FileWriter(file, temporary, final)
        finally:
            temporary.unlink(missing_ok=True)
            with suppress(OSError):  # of bytes that a full disk did not take; they were not committed either
                file.close()

    def open(self, name: str) -> BinaryIO:
        """Open a blob for reading. Raises FileNotFoundError if there is none."""
        return self._path(name).open("rb")

    def size_bytes(self, name: str) -> int:
        """Return the size of a blob. Raises FileNotFoundError if there is none."""
        return self._path(name).stat().st_size

    def delete(self, name: str) -> None:
        """Delete a blob; one that does not exist is fine."""
        self._path(name).unlink(missing_ok=True)

    def unused(self) -> Iterator[str]:
        """List the committed blobs that nobody holds, in any process; delete what killed writers left.

        Whatever else lies in the folders is somebody else's and stays; so does, with a line in the log, what cannot be
        opened or deleted.
        """
        for path in sorted(path for path in self._root.glob("*/*") if path.is_file()):
            name = f"{path.parent.name}/{path.name}"
            try:
                if _TEMPORARY_NAME.match(name):
                    _delete_if_abandoned(path)
                    continue
                is_unused = is_blob_name(name) and not _is_held(path)
            except OSError:
                _log.exception("Could not find out whether a file is in use.", extra={"file": name})
                continue
            if is_unused:
                yield name

    def check(self) -> None:
        """Write a blob, read it and delete it. Raises Unavailable, with the reason."""
        token = secrets.token_hex(16)
        name = f"probes/{token}"
        with self.create(name) as blob:  # in use until the end of the block: nobody else deletes it
            blob.write(token.encode())
            blob.commit()
            try:
                with self.open(name) as file:
                    found = file.read()
            except OSError as error:
                raise Unavailable(f"The store does not give back what was written: {error.strerror}.") from error
            finally:
                self.delete(name)
        if found != token.encode():
            raise Unavailable("The store gives back something else than what was written.")

    def _path(self, name: str) -> Path:
        return self._root / check_blob_name(name)


class FileWriter(WriterToFile):
    """Implements :class:`geostead.blobs.base.BlobWriter`; made by :meth:`FolderBlobs.create`."""

    def __init__(self, file: BinaryIO, temporary: Path, final: Path) -> None:
        super().__init__(file, _FOLDER)
        self._temporary = temporary
        self._final = final

    def _publish(self) -> None:
        replace_file(self._temporary, self._final)


def _create_locked(final: Path) -> tuple[BinaryIO, Path]:
    """Create and lock a temporary file beside ``final``."""
    while True:
        temporary = final.with_name(f".{final.name}.{secrets.token_hex(8)}")
        file = temporary.open("xb")
        fcntl.flock(file, fcntl.LOCK_EX)
        if os.fstat(file.fileno()).st_nlink:
            return file, temporary
        file.close()  # taken for abandoned in the moment before it was locked


def _delete_if_abandoned(temporary: Path) -> None:
    with _locked_if_free(temporary, fcntl.LOCK_EX) as locked:
        if locked:
            temporary.unlink(missing_ok=True)


def _is_held(path: Path) -> bool:
    """Tell whether a writer holds the file; one that has just gone counts as held."""
    with _locked_if_free(path, fcntl.LOCK_SH) as locked:
        return not locked


@contextmanager
def _locked_if_free(path: Path, lock: int) -> Iterator[bool]:
    try:
        file = path.open("rb")
    except FileNotFoundError:
        yield False
        return
    with file:
        try:
            fcntl.flock(file, lock | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
