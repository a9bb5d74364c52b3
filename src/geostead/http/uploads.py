"""The body of a request: received in the event loop, read from a thread, in bounded memory."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from anyio import fail_after, from_thread
from starlette.types import Receive

from geostead.errors import UploadTooLarge

_BATCH_BYTES = 2**20
_LENGTH = re.compile(rb"[0-9]{1,18}\Z")


class ClientGone(Exception):
    """The client hung up before its body was whole, or sent too slowly; there is nobody to answer."""


class RequestBody:
    """Reads the body of one request, once."""

    def __init__(self, receive: Receive, headers: Mapping[bytes, bytes], patience_s: float | None = None) -> None:
        """Read what ``receive`` gives.

        Who takes longer than ``patience_s`` for a small body, or for 1 MiB of another, has gone; None: nobody has.
        """
        self._receive = receive
        self._patience_s = patience_s
        self._finished = False
        self.announced_bytes = _length(headers.get(b"content-length"))
        """What ``Content-Length`` says; None if it says nothing."""

    def chunks(self) -> Iterator[bytes]:
        """Yield the body in pieces of about 1 MiB, from a thread that anyio started. Raises ClientGone."""
        while batch := from_thread.run(self._next_batch):
            yield batch

    async def whole(self, max_bytes: int) -> bytes:
        """Return a small body. Raises UploadTooLarge as soon as it is known to be larger, ClientGone."""
        content = bytearray()
        _check_size(self.announced_bytes or 0, max_bytes)
        with self._patience():
            while not self._finished:
                content += await self._next_piece()
                _check_size(len(content), max_bytes)
        return bytes(content)

    async def drain(self, limit_bytes: int) -> None:
        """Read on to the end, or for at most ``limit_bytes``, and forget what was read. Raises ClientGone."""
        drained_bytes = 0
        with self._patience():
            while not self._finished and drained_bytes < limit_bytes:
                drained_bytes += len(await self._next_piece())

    async def _next_batch(self) -> bytes:
        """Return about 1 MiB, less at the end, b'' after it: going to a thread and back pays only for that much."""
        pieces: list[bytes] = []
        size_bytes = 0
        with self._patience():
            while not self._finished and size_bytes < _BATCH_BYTES:
                pieces.append(await self._next_piece())
                size_bytes += len(pieces[-1])
        return b"".join(pieces)

    @contextmanager
    def _patience(self) -> Iterator[None]:
        try:
            with fail_after(self._patience_s):
                yield
        except TimeoutError as error:
            self._finished = True
            raise ClientGone from error

    async def _next_piece(self) -> bytes:
        message = await self._receive()
        if message["type"] == "http.disconnect":
            self._finished = True
            raise ClientGone
        self._finished = not message.get("more_body", False)
        piece: bytes = message.get("body", b"")
        return piece


def _check_size(size_bytes: int, max_bytes: int) -> None:
    if size_bytes > max_bytes:
        raise UploadTooLarge("the size of the form in bytes", size_bytes, max_bytes)


def _length(content_length: bytes | None) -> int | None:
    if content_length is None or not _LENGTH.match(content_length):
        return None
    return int(content_length)
