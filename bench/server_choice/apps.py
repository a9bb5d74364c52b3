"""The smallest applications that tell servers and frameworks apart: a canned reply, and an upload that is counted."""

from __future__ import annotations

import asyncio
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

BODY = b"x" * 7_000
HEADERS = [
    (b"content-type", b"application/json; charset=utf-8"),
    (b"content-length", str(len(BODY)).encode()),
    (b"etag", b'"0123456789abcdef01234567"'),
    (b"x-request-id", b"0123456789abcdef0123456789abcdef"),
]


async def bare(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Answer with no framework: ``GET`` with the canned body, ``POST`` with the number of bytes that came."""
    if scope["type"] != "http":
        return
    if scope["path"] == "/deaf":
        await asyncio.sleep(3)
    elif scope["method"] == "POST":
        size_bytes, more = 0, True
        while more:
            message = await receive()
            size_bytes += len(message.get("body", b""))
            more = message.get("more_body", False)
        body = str(size_bytes).encode()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(body))]})
        await send({"type": "http.response.body", "body": body})
        return
    await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
    await send({"type": "http.response.body", "body": BODY})


async def _get(_request: Request) -> Response:
    return Response(BODY, media_type="application/json; charset=utf-8", headers={"ETag": '"0123456789abcdef01234567"'})


async def _post(request: Request) -> Response:
    size_bytes = 0
    async for piece in request.stream():
        size_bytes += len(piece)
    return Response(str(size_bytes))


framework = Starlette(routes=[Route("/", _get, methods=["GET"]), Route("/", _post, methods=["POST"])])
"""The same through Starlette's routing, requests and responses."""
