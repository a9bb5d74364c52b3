"""The port to an object store. An object is written once, whole, under a name, and never changed.

Names are paths below the URL of the store, like ``blobs/uploads/{job id}``. Every method raises
:class:`geostead.errors.Unavailable` where the store does not answer, after its own attempts; what it may then have done
or not is done as a whole or not at all.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Protocol

from geostead.errors import Unfit


class UnfitStore(Unfit):
    """The store answers, and cannot be used as it is set up."""


@dataclass(frozen=True, slots=True)
class StoredObject:
    """One object as it is listed."""

    name: str
    size_bytes: int
    written_at: datetime
    """By the clock of the store; aware."""


class ObjectStore(Protocol):
    """Objects by name."""

    def create(self, name: str, data: bytes) -> bool:
        """Write a small object unless there is one of that name; return whether it was this call that wrote it.

        Of any number of callers with different bytes, on any nodes, at most one gets True. Whoever finds an object
        compares the bytes, and equal ones count as its own: its first attempt may have succeeded unheard.
        """

    def put(self, name: str, data: bytes) -> None:
        """Write a small object, in place of one that has the name. The store checks the bytes that arrive."""

    def put_file(self, name: str, path: Path, sha256: str) -> None:
        """Write a file as an object, in place of one that has the name; in several parts at once where it is large.

        The store checks the bytes that arrive. ``sha256`` (hexadecimal) is kept beside the object.
        """

    def fetch_file(self, name: str, path: Path) -> None:
        """Write an object into a file, which is not synced.

        Raises FileNotFoundError if there is none, and OSError if the file takes nothing.
        """

    def read(self, name: str) -> bytes:
        """Return a small object. Raises FileNotFoundError if there is none."""

    def open(self, name: str) -> BinaryIO:
        """Open an object for reading (seekable, buffered). Raises FileNotFoundError if there is none."""

    def size_bytes(self, name: str) -> int:
        """Return the size of an object. Raises FileNotFoundError if there is none."""

    def delete(self, name: str) -> None:
        """Delete an object; one that does not exist is fine."""

    def list(self, prefix: str) -> Iterator[StoredObject]:
        """List the objects whose names begin with ``prefix``, a path that ends in a slash, by name."""

    def now(self) -> datetime:
        """Return the time by the clock that dates the objects; aware."""
