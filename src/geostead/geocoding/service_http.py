"""How geopy reaches a service: with an end to every wait and a bound on every reply.

No redirect is followed and no proxy of the environment asked: the key goes to the service and to nobody else.
"""

from __future__ import annotations

import json
import ssl
import time
from collections.abc import Mapping
from typing import Any

import httpcore
from geopy.adapters import AdapterHTTPError, BaseSyncAdapter
from geopy.exc import GeocoderParseError, GeocoderTimedOut, GeocoderUnavailable

MAX_REPLY_BYTES = 2**20
MAX_CONNECTIONS = 10

_FAILURES = (httpcore.NetworkError, httpcore.ProtocolError, httpcore.UnsupportedProtocol, OSError)


class ServiceHttp(BaseSyncAdapter):  # type: ignore[misc]  # geopy says nothing about its types
    """What geopy calls an adapter."""

    def __init__(self, *, proxies: object, ssl_context: ssl.SSLContext | None) -> None:
        super().__init__(proxies=proxies, ssl_context=ssl_context)
        self._pool = httpcore.ConnectionPool(ssl_context, max_connections=MAX_CONNECTIONS, max_keepalive_connections=0)

    def get_json(self, url: str, *, timeout: float, headers: Mapping[str, str]) -> Any:
        """Return the value that a URL gives. Raises what geopy expects; the text of an error holds no URL."""
        try:
            return json.loads(self._get(url, timeout, headers))
        except ValueError:
            raise GeocoderParseError("The reply is not JSON.") from None

    def get_text(self, url: str, *, timeout: float, headers: Mapping[str, str]) -> str:
        """Return the text that a URL gives; errors as above."""
        return self._get(url, timeout, headers).decode(errors="replace")

    def _get(self, url: str, timeout_s: float, headers: Mapping[str, str]) -> bytes:
        ends_at_s = time.monotonic() + timeout_s
        waits = dict.fromkeys(("connect", "read", "write", "pool"), timeout_s)
        sent = [*headers.items(), ("Accept", "application/json"), ("Accept-Encoding", "identity")]
        try:
            with self._pool.stream("GET", url, headers=sent, extensions={"timeout": waits}) as reply:
                body = _read(reply, ends_at_s)
        except httpcore.TimeoutException:
            raise GeocoderTimedOut("The service does not answer in time.") from None
        except _FAILURES:
            raise GeocoderUnavailable("The service cannot be reached.") from None
        if reply.status != 200:
            told = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in reply.headers}
            raise AdapterHTTPError(f"Status {reply.status}.", status_code=reply.status, headers=told, text=None)
        return body


def _read(reply: httpcore.Response, ends_at_s: float) -> bytes:
    body = bytearray()
    for chunk in reply.iter_stream():
        body += chunk
        if len(body) > MAX_REPLY_BYTES:
            raise GeocoderParseError("The reply is too long.")
        if time.monotonic() > ends_at_s:
            raise GeocoderTimedOut("The service does not answer in time.")
    return bytes(body)
