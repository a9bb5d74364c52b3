"""Say with a reply that its connection ends (RFC 9112, section 9.6), so that clients and proxies open no more here."""

from __future__ import annotations

from starlette.types import Message, Scope, Send


def last_on_connection(scope: Scope, send: Send) -> Send:
    """Return what sends a reply with ``Connection: close``; the server closes then. HTTP/2 knows no such header."""
    if scope["type"] != "http" or not scope["http_version"].startswith("1"):
        return send

    async def send_with_close(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message["headers"], (b"connection", b"close")]
        await send(message)

    return send_with_close
