"""Give every request a trace, and every reply the header that tells its id (http-api.md, section 4.5)."""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from geostead.http.watch import trace_of
from geostead.model.ids import IdMaker

SCOPE_KEY = "geostead.trace"


class TraceIds:
    """Puts the trace into the scope and its id into ``X-Request-Id``."""

    def __init__(self, app: ASGIApp, new_id: IdMaker) -> None:
        self._app = app
        self._new_id = new_id

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        trace = trace_of(dict(scope["headers"]), self._new_id)

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (b"x-request-id", trace.id.encode())]
            await send(message)

        await self._app({**scope, SCOPE_KEY: trace}, receive, send_with_id)
