"""How geopy reaches a service: by a deadline for the whole of an exchange and with a bound on every reply.

A connection is made for each request, so that its deadline counts for every byte, headers and TLS included.
No redirect is followed and no proxy of the environment asked: the key goes to the service and to nobody else.
"""

from __future__ import annotations

import json
import ssl
import time
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

import httpcore
from geopy.adapters import AdapterHTTPError, BaseSyncAdapter
from geopy.exc import GeocoderParseError, GeocoderTimedOut, GeocoderUnavailable

from geostead.deadline import Deadline, TimedConnections

MAX_REPLY_BYTES = 2**20

_FAILURES = (httpcore.NetworkError, httpcore.ProtocolError, httpcore.UnsupportedProtocol, OSError)


class ServiceHttp(BaseSyncAdapter):  # type: ignore[misc]  # geopy says nothing about its types
    """What geopy calls an adapter."""

    def __init__(
        self, *, proxies: object, ssl_context: ssl.SSLContext | None, now_s: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__(proxies=proxies, ssl_context=ssl_context)
        self._given_ssl_context = ssl_context
        self._now_s = now_s

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
        sent = [*headers.items(), ("Accept", "application/json"), ("Accept-Encoding", "identity")]
        backend = TimedConnections(Deadline(self._now_s, timeout_s))
        try:
            with (
                httpcore.ConnectionPool(self._ssl_context(url), network_backend=backend) as pool,
                pool.stream("GET", url, headers=sent) as reply,
            ):
                body = _read(reply)
        except httpcore.TimeoutException:
            raise GeocoderTimedOut("The service does not answer in time.") from None
        except _FAILURES:
            raise GeocoderUnavailable("The service cannot be reached.") from None
        if reply.status != 200:
            told = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in reply.headers}
            raise AdapterHTTPError(f"Status {reply.status}.", status_code=reply.status, headers=told, text=None)
        return body

    def _ssl_context(self, url: str) -> ssl.SSLContext | None:
        return self._trust if url.startswith("https:") else None

    @cached_property
    def _trust(self) -> ssl.SSLContext:
        """The certificates that count: they take longer to read than most services to answer."""
        return self._given_ssl_context or httpcore.default_ssl_context()


def _read(reply: httpcore.Response) -> bytes:
    body = bytearray()
    for chunk in reply.iter_stream():
        body += chunk
        if len(body) > MAX_REPLY_BYTES:
            raise GeocoderParseError("The reply is too long.")
    return bytes(body)
