"""The ceiling: an application that does nothing but answer ``/{n}`` with ``n`` bytes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

_Send = Callable[[dict[str, Any]], Awaitable[None]]


async def app(scope: dict[str, Any], _receive: Callable[[], Awaitable[dict[str, Any]]], send: _Send) -> None:
    """Answer every request with as many bytes as its path says."""
    if scope["type"] != "http":
        return
    body = _body(int(scope["path"][1:]))
    headers = [(b"content-type", b"application/json; charset=utf-8"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


_bodies: dict[int, bytes] = {}


def _body(size: int) -> bytes:
    if size not in _bodies:
        _bodies[size] = b"x" * size
    return _bodies[size]
