"""Blobs as objects in an object store, so that every node sees them.

Nobody can lock an object as :mod:`geostead.blobs.folder` locks a file. So :meth:`ObjectBlobs.unused` goes by age: it
lists what was written more than :data:`GRACE` ago, by the clock of the store alone. What is younger may be about to be
recorded; what is older is recorded by now or never will be:

* The upload of a request is committed and recorded in one go, which takes as long as the catalog may take to answer:
  seconds, then the request fails.
* What a job writes bears the number of the attempt. The catalog counts it as used while the attempt may still record
  it, however old it is, and an attempt that has been overtaken can record nothing.
* A store may date an object by the beginning of its transfer (S3 does with parts). Transfers end long before the
  grace: each part has minutes, and a limit of the account bounds their number.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO, Final

from geostead.blobs.names import check_blob_name, is_blob_name
from geostead.blobs.writer import WriterToFile, disk_trouble
from geostead.objects.base import ObjectStore

GRACE: Final = timedelta(hours=24)
"""How long a blob counts as in use whatever the catalog says."""
PREFIX: Final = "blobs/"
_READ_HERE_AND_THERE = "uploads/"
_FOLDER = "for files on their way"


class ObjectBlobs:
    """Implements :class:`geostead.blobs.base.BlobStore`. ``spool`` is a folder of this node for files on their way.

    What lies in ``spool`` has no name there and is gone with its process. Every method raises Unavailable if the store
    does not answer, and ValueError for a name that is not ``folder/id`` out of letters, digits and hyphens.
    """

    def __init__(self, objects: ObjectStore, spool: Path) -> None:
        self._objects = objects
        self._spool = spool

    @contextmanager
    def create(self, name: str) -> Iterator[ObjectWriter]:
        """Begin a blob, in a file of this node until it is committed. Raises Unavailable, for a full disk DiskFull."""
        key = _key(name)
        file = self._spooled()
        try:
            yield ObjectWriter(self._objects, key, file)
        finally:
            with suppress(OSError):  # of bytes that a full disk did not take; they were not committed either
                file.close()

    def open(self, name: str) -> BinaryIO:
        """Open a blob for reading. Raises FileNotFoundError if there is none, DiskFull if there is no room for it.

        An upload, in which readers go to and fro, is fetched whole first, and stays readable when it is deleted. Any
        other blob is read from the store bit by bit as the reader asks: it is on its way to a client, or to a backup.
        """
        key = _key(name)
        return self._fetched(key) if name.startswith(_READ_HERE_AND_THERE) else self._objects.open(key)

    def size_bytes(self, name: str) -> int:
        """Return the size of a blob. Raises FileNotFoundError if there is none."""
        return self._objects.size_bytes(_key(name))

    def delete(self, name: str) -> None:
        """Delete a blob; one that does not exist is fine."""
        self._objects.delete(_key(name))

    def unused(self) -> Iterator[str]:
        """List the committed blobs that are older than :data:`GRACE`; killed writers leave nothing to list."""
        before = self._objects.now() - GRACE
        for found in self._objects.list(PREFIX):
            name = found.name.removeprefix(PREFIX)
            if found.written_at < before and is_blob_name(name):
                yield name

    def check(self) -> None:
        """Ask for one small object, which need not be there: the store answers, and accepts who asks."""
        with suppress(FileNotFoundError):
            self._objects.read(f"{PREFIX}probes/none")

    def _fetched(self, key: str) -> BinaryIO:
        file = self._spooled()
        try:
            with disk_trouble(_FOLDER, passing=(FileNotFoundError,)):  # of an object that is not there
                self._objects.fetch_file(key, _path_of(file))
                file.seek(0)
        except BaseException:
            file.close()
            raise
        return file

    def _spooled(self) -> BinaryIO:
        with disk_trouble(_FOLDER):
            self._spool.mkdir(mode=0o700, parents=True, exist_ok=True)
            return tempfile.TemporaryFile(dir=self._spool)


class ObjectWriter(WriterToFile):
    """Implements :class:`geostead.blobs.base.BlobWriter`; made by :meth:`ObjectBlobs.create`.

    The store has a committed blob, checked and durable.
    """

    def __init__(self, objects: ObjectStore, key: str, file: BinaryIO) -> None:
        super().__init__(file, _FOLDER)
        self._objects = objects
        self._key = key
        self._sha256 = hashlib.sha256()

    def write(self, data: bytes | memoryview, /) -> int:
        """Append bytes; return how many. Raises Unavailable, for a full disk DiskFull."""
        written = super().write(data)
        self._sha256.update(data)
        return written

    def _publish(self) -> None:
        self._objects.put_file(self._key, _path_of(self._file), self._sha256.hexdigest())


def _key(name: str) -> str:
    return PREFIX + check_blob_name(name)


def _path_of(file: BinaryIO) -> Path:
    """Return a path to a file that has no name, for as long as it is open."""
    return Path(f"/dev/fd/{file.fileno()}")
