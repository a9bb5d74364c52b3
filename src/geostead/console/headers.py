"""The headers that every reply of the console has, so that a page can neither be abused nor call elsewhere."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from geostead.console.options import ConsoleOptions


class SafeHeaders:
    """Adds them to all that an application answers."""

    def __init__(self, app: ASGIApp, options: ConsoleOptions) -> None:
        self._app = app
        self._headers = {
            "content-security-policy": content_security_policy(options),
            "referrer-policy": "same-origin",
            "x-content-type-options": "nosniff",
            "cross-origin-opener-policy": "same-origin",
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""

        async def send_safely(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers[name] = value
                headers.setdefault("cache-control", "no-store")
            await send(message)

        await self._app(scope, receive, send_safely)


def content_security_policy(options: ConsoleOptions) -> str:
    """Allow what comes from here, and for maps the host that the operator chose."""
    elsewhere = "".join(f" {origin}" for origin in _origins(options))
    allowed = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": f"'self' data: blob:{elsewhere}",
        "font-src": "'self'",
        "worker-src": "'self'",
        "connect-src": f"'self'{elsewhere}",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
        "base-uri": "'none'",
    }
    return "; ".join(f"{name} {sources}" for name, sources in allowed.items())


def _origins(options: ConsoleOptions) -> list[str]:
    """Return the origins of the URLs that the operator set."""
    parts = [urlsplit(url) for url in (options.map_style_url, options.map_tiles_url) if url]
    return sorted({f"{part.scheme}://{part.netloc}" for part in parts})
