"""Receiving a body."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import anyio
import pytest
from anyio import to_thread
from starlette.types import Message

from geostead.errors import UploadTooLarge
from geostead.http.uploads import ClientGone, RequestBody


class Sender:
    """Hands out messages, and counts them."""

    def __init__(self, pieces: Iterator[bytes] | list[bytes], *, hang_up: bool = False) -> None:
        self._pieces = iter(pieces)
        self._hang_up = hang_up
        self.sent_bytes = 0

    async def receive(self) -> dict[str, Any]:
        piece = next(self._pieces, None)
        if piece is None and self._hang_up:
            return {"type": "http.disconnect"}
        self.sent_bytes += len(piece or b"")
        return {"type": "http.request", "body": piece or b"", "more_body": piece is not None}


def chunks_of(body: RequestBody) -> list[bytes]:
    """Read a body as a handler does: in a thread."""

    async def read() -> list[bytes]:
        return await to_thread.run_sync(lambda: list(body.chunks()))

    return anyio.run(read)


def test_small_pieces_come_together_and_large_bodies_come_apart() -> None:
    assert chunks_of(RequestBody(Sender([b"a", b"", b"b"]).receive, {})) == [b"ab"]
    sizes = [len(chunk) for chunk in chunks_of(RequestBody(Sender([bytes(400_000)] * 10).receive, {}))]
    assert sum(sizes) == 4_000_000
    assert all(2**20 <= size < 2**20 + 400_000 for size in sizes[:-1])


def test_no_more_is_received_than_was_asked_for() -> None:
    sender = Sender(iter(lambda: bytes(65_536), None))  # without end

    async def take_two() -> None:
        chunks = RequestBody(sender.receive, {}).chunks()
        await to_thread.run_sync(lambda: (next(chunks), next(chunks)))

    anyio.run(take_two)
    assert sender.sent_bytes == 2 * 2**20


def test_a_client_that_hangs_up_is_noticed() -> None:
    with pytest.raises(ClientGone):
        chunks_of(RequestBody(Sender([b"half"], hang_up=True).receive, {}))


def test_a_body_is_drained_to_its_end_or_to_the_limit() -> None:
    short = Sender([bytes(100)] * 3)
    anyio.run(RequestBody(short.receive, {}).drain, 1000)
    assert short.sent_bytes == 300
    endless = Sender(iter(lambda: bytes(100), None))
    anyio.run(RequestBody(endless.receive, {}).drain, 1000)
    assert endless.sent_bytes == 1000


def test_what_was_read_to_its_end_is_not_received_again() -> None:
    body = RequestBody(Sender([b"a"], hang_up=True).receive, {})
    with pytest.raises(ClientGone):
        chunks_of(body)
    anyio.run(body.drain, 1000)
    assert chunks_of(body) == []


@pytest.mark.parametrize(
    ("header", "expected"), [(b"0", 0), (b"12", 12), (b"", None), (b"-1", None), (b"1e3", None), (b"9" * 5000, None)]
)
def test_the_announced_size_is_a_number_or_unknown(header: bytes, expected: int | None) -> None:
    assert RequestBody(Sender([]).receive, {b"content-length": header}).announced_bytes == expected
    assert RequestBody(Sender([]).receive, {}).announced_bytes is None


def test_a_small_body_is_returned_whole_and_a_larger_one_refused_as_soon_as_that_is_known() -> None:
    assert anyio.run(RequestBody(Sender([b"a", b"", b"b"]).receive, {}).whole, 2) == b"ab"
    endless, announced = Sender(iter(lambda: bytes(100), None)), Sender([])
    with pytest.raises(UploadTooLarge):
        anyio.run(RequestBody(endless.receive, {}).whole, 999)
    assert endless.sent_bytes == 1000
    with pytest.raises(UploadTooLarge):
        anyio.run(RequestBody(announced.receive, {b"content-length": b"1000"}).whole, 999)


@pytest.mark.parametrize("read", [lambda body: body.whole(10), lambda body: body.drain(10)])
def test_who_sends_nothing_has_gone_after_a_while(read: Callable[[RequestBody], Awaitable[object]]) -> None:
    async def receive() -> Message:
        await anyio.sleep_forever()
        raise AssertionError

    async def wait() -> object:
        return await read(RequestBody(receive, {}, 0.01))

    with pytest.raises(ClientGone):
        anyio.run(wait)
    with pytest.raises(ClientGone):
        chunks_of(RequestBody(receive, {}, 0.01))
