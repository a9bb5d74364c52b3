"""Compress replies where ``Accept-Encoding`` asks for it, and nowhere else (http-api.md, section 1)."""

from __future__ import annotations

from starlette.middleware.gzip import GZipResponder, IdentityResponder
from starlette.types import ASGIApp, Receive, Scope, Send

from geostead.http.negotiation import accepts_gzip

LEAST_BYTES = 1000
"""Smaller bodies are sent as they are: compressing costs more than it saves."""
LEVEL = 4


class Compression:
    """Hands replies to Starlette's compressor; unlike its middleware this one understands ``gzip;q=0``."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif accepts_gzip(dict(scope["headers"]).get(b"accept-encoding", b"")):
            await GZipResponder(self._app, LEAST_BYTES, compresslevel=LEVEL)(scope, receive, send)
        else:
            await IdentityResponder(self._app, LEAST_BYTES)(scope, receive, send)
