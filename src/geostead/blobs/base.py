"""The port to byte blobs: uploads, downloads and error logs. A blob is written once, whole, and never changed.

Names are ``uploads/{job id}``, and of what an attempt at a job writes ``downloads/{job id}-{attempt}``,
``logs/{job id}-{attempt}``, ``uploads/{job id}-{attempt}`` (what it fetches from elsewhere). So no two workers write
the same blob.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import BinaryIO, Protocol


class BlobWriter(Protocol):
    """A blob in the making. Until :meth:`commit` returns, nobody sees it; left without commit, it is gone."""

    def write(self, data: bytes | memoryview, /) -> int:
        """Append bytes; return how many."""

    @property
    def size_bytes(self) -> int:
        """Bytes written so far."""

    def commit(self) -> None:
        """Make the blob durable under its name: when this returns, a power cut does not lose it."""


class BlobStore(Protocol):
    """Blobs by name."""

    def create(self, name: str) -> AbstractContextManager[BlobWriter]:
        """Begin a blob; replaces one of that name on commit.

        Until the context is left the blob counts as in use, committed or not: :meth:`unused` does not list it. So a
        caller can commit the blob, then record it in the catalog, and only then leave.
        """

    def open(self, name: str) -> BinaryIO:
        """Open a blob for reading (seekable). Raises FileNotFoundError if there is none.

        An upload is a file of the disk, with a descriptor, and can be read to its end even when it is deleted. Reading
        on in any other may raise Unavailable or FileNotFoundError.
        """

    def size_bytes(self, name: str) -> int:
        """Return the size of a blob. Raises FileNotFoundError if there is none."""

    def delete(self, name: str) -> None:
        """Delete a blob, durable or not; one that does not exist is fine.

        Raises OSError or Unavailable if it cannot be deleted.
        """

    def unused(self) -> Iterator[str]:
        """List the names of committed blobs that no :meth:`create` context holds, in any process; maybe not all.

        Also deletes what killed writers left unfinished. Leaves out, and logs, what cannot be opened or deleted.
        """

    def check(self) -> None:
        """Return if the store answers: load balancers have it asked every few seconds. Raises Unavailable."""


class RemoteFiles(Protocol):
    """Files elsewhere, reached by URL: where loads fetch their upload from (http-api.md, section 3.1)."""

    def check(self, url: str) -> None:
        """Return if a file may be fetched from this URL, as far as can be told without asking anybody.

        Raises InvalidParameter (``dataLocation``), which repeats no query string: it may hold a signature.
        """

    def fetch(self, url: str) -> AbstractContextManager[Iterator[bytes]]:
        """Open the file and yield it piece by piece.

        Raises, on opening or on reading on, FetchFailed: not allowed (names are resolved here, and only addresses that
        were checked are connected to), not found, refused, too slow, broken off, too many redirects. No message
        repeats a query string.
        """
