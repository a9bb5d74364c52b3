"""Writing a blob into a file that is to become it, wherever it is kept; and what goes wrong with the file's disk."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

from geostead.durable import NO_ROOM
from geostead.errors import DiskFull, Unavailable


class WriterToFile(ABC):
    """Implements :class:`geostead.blobs.base.BlobWriter`, all but what makes the file a blob."""

    def __init__(self, file: BinaryIO, folder: str) -> None:
        """``folder`` is what the file lies in, for people."""
        self._file = file
        self._folder = folder
        self._size_bytes = 0
        self._committed = False

    def write(self, data: bytes | memoryview, /) -> int:
        """Append bytes; return how many. Raises Unavailable, for a full disk DiskFull."""
        self._check_not_committed()
        with disk_trouble(self._folder):
            written = self._file.write(data)
        self._size_bytes += written
        return written

    @property
    def size_bytes(self) -> int:
        """Bytes written so far."""
        return self._size_bytes

    def commit(self) -> None:
        """Make the blob durable under its name. Raises Unavailable, for a full disk DiskFull."""
        self._check_not_committed()
        with disk_trouble(self._folder):
            self._file.flush()
            self._publish()
        self._committed = True

    @abstractmethod
    def _publish(self) -> None:
        """Make what was written and flushed the blob, durably."""

    def _check_not_committed(self) -> None:
        if self._committed:
            raise ValueError("The blob has been committed; it never changes again.")


@contextmanager
def disk_trouble(folder: str, *, passing: tuple[type[OSError], ...] = ()) -> Iterator[None]:
    """Turn an OSError of a disk, but for ``passing``, into DiskFull or Unavailable, which names the folder."""
    try:
        yield
    except passing:
        raise
    except OSError as error:
        if error.errno in NO_ROOM:
            raise DiskFull from error
        raise Unavailable(f"The folder {folder} takes nothing right now: {error.strerror}.") from error
