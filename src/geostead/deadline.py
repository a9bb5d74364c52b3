"""Connections that end by a deadline.

A time-out for each read alone is no bound: a server that sends a byte now and then would hold a thread for ever.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterable
from typing import Any

import httpcore


class Deadline:
    """The moment by which something has to be done."""

    def __init__(self, now_s: Callable[[], float], total_s: float) -> None:
        self._now_s = now_s
        self._ends_at_s = now_s() + total_s

    def left_s(self) -> float:
        """Return how much time is left: 0 or less once it is over."""
        return self._ends_at_s - self._now_s()

    def cut(self, timeout_s: float | None, error: type[httpcore.TimeoutException]) -> float:
        """Return how long to wait, at most ``timeout_s``. Raises ``error`` if no time is left."""
        left_s = self.left_s()
        if left_s <= 0:
            raise error
        return left_s if timeout_s is None else min(timeout_s, left_s)


class TimedConnections(httpcore.NetworkBackend):
    """Connects as httpcore does by itself, by a deadline."""

    def __init__(self, deadline: Deadline) -> None:
        self._deadline = deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect. Raises httpcore.ConnectError, ConnectTimeout."""
        timeout_s = self._deadline.cut(timeout, httpcore.ConnectTimeout)
        stream = httpcore.SyncBackend().connect_tcp(host, port, timeout_s, local_address, socket_options)
        return _TimedStream(stream, self._deadline)


class _TimedStream(httpcore.NetworkStream):
    def __init__(self, stream: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._deadline.cut(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._deadline.cut(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        timeout_s = self._deadline.cut(timeout, httpcore.ConnectTimeout)
        return _TimedStream(self._stream.start_tls(ssl_context, server_hostname, timeout_s), self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
