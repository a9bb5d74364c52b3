"""Connections that end by a deadline.

A time-out for each read alone is no bound: a server that sends a byte now and then would hold a thread for ever.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import httpcore

MAX_ATTEMPTED_ADDRESSES = 4


def system_addresses(host: str) -> Sequence[str]:
    """Return the addresses of a name, best first, as the operating system knows them. Raises OSError, UnicodeError."""
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


class Deadline:
    """The moment by which something has to be done."""

    def __init__(self, now_s: Callable[[], float], total_s: float) -> None:
        self._now_s = now_s
        self._ends_at_s = now_s() + total_s

    def left_s(self) -> float:
        """Return how much time is left: 0 or less once it is over."""
        return self._ends_at_s - self._now_s()

    def cut(self, timeout_s: float | None, error: type[httpcore.TimeoutException], shares: int = 1) -> float:
        """Return how long to wait, at most ``timeout_s``. Raises ``error`` if no time is left.

        ``shares`` is how many such waits have to fit into what is left.
        """
        left_s = self.left_s() / shares
        if left_s <= 0:
            raise error
        return left_s if timeout_s is None else min(timeout_s, left_s)


class TimedConnections(httpcore.NetworkBackend):
    """Connects to the first address of a host that answers, by a deadline.

    Only the look-up of its name may take longer: the operating system has its own limits for that, some seconds, and
    heeds no other. What it takes counts.
    """

    def __init__(self, deadline: Deadline, resolve: Callable[[str], Sequence[str]] = system_addresses) -> None:
        self._deadline = deadline
        self._resolve = resolve

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect. ``timeout`` is for one address, and each has its share of the time that is left.

        Raises httpcore.ConnectError or ConnectTimeout of the last address.
        """
        failure: Exception | None = None
        addresses = self._addresses(host)
        for shares, address in zip(range(len(addresses), 0, -1), addresses, strict=True):
            timeout_s = self._deadline.cut(timeout, httpcore.ConnectTimeout, shares)
            try:
                stream = httpcore.SyncBackend().connect_tcp(address, port, timeout_s, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                return _TimedStream(stream, self._deadline)
        raise failure or httpcore.ConnectError("no address")

    def _addresses(self, host: str) -> Sequence[str]:
        try:
            return self._resolve(host)[:MAX_ATTEMPTED_ADDRESSES]
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(str(error)) from error


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
