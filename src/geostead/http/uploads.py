"""The body of a request: received in the event loop, read from a thread, in bounded memory."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from anyio import from_thread
from starlette.types import Receive

_BATCH_BYTES = 2**20
_LENGTH = re.compile(rb"[0-9]{1,18}\Z")


class ClientGone(Exception):
    """The client hung up before its body was whole; there is nobody to answer."""


class RequestBody:
    """Reads the body of one request, once."""

    def __init__(self, receive: Receive, headers: Mapping[bytes, bytes]) -> None:
        self._receive = receive
        self._finished = False
        self.announced_bytes = _length(headers.get(b"content-length"))
        """What ``Content-Length`` says; None if it says nothing."""

    def chunks(self) -> Iterator[bytes]:
        """Yield the body in pieces of about 1 MiB, from a thread that anyio started. Raises ClientGone."""
        while batch := from_thread.run(self._next_batch):
            yield batch

    async def drain(self, limit_bytes: int) -> None:
        """Read on to the end, or for at most ``limit_bytes``, and forget what was read. Raises ClientGone."""
        drained_bytes = 0
        while not self._finished and drained_bytes < limit_bytes:
            drained_bytes += len(await self._next_piece())

    async def _next_batch(self) -> bytes:
        """Return about 1 MiB, less at the end, b'' after it: going to a thread and back pays only for that much."""
        pieces: list[bytes] = []
        size_bytes = 0
        while not self._finished and size_bytes < _BATCH_BYTES:
            pieces.append(await self._next_piece())
            size_bytes += len(pieces[-1])
        return b"".join(pieces)

    async def _next_piece(self) -> bytes:
        message = await self._receive()
        if message["type"] == "http.disconnect":
            self._finished = True
            raise ClientGone
        self._finished = not message.get("more_body", False)
        piece: bytes = message.get("body", b"")
        return piece


def _length(content_length: bytes | None) -> int | None:
    if content_length is None or not _LENGTH.match(content_length):
        return None
    return int(content_length)
