"""Connections to addresses that were checked, with an end to every wait.

A time-out for each read alone is no bound: a host that sends a byte now and then would hold a worker for ever. So the
time of the whole and the rate count too, below HTTP and TLS, where every byte passes.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import httpcore

from geostead.blobs.location import Address
from geostead.deadline import MAX_ATTEMPTED_ADDRESSES

_MOMENT_S = 0.001


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long a fetch may take."""

    connect_s: float = 10.0
    """For a connection to one address; for TLS as much again."""
    idle_s: float = 30.0
    """Without a single byte."""
    answer_s: float = 60.0
    """From the beginning of an attempt to the end of the answer's headers."""
    total_s: float = 3_600.0
    """For the whole fetch, redirects and all."""
    grace_s: float = 60.0
    """Of waiting for the file in which the rate does not count yet."""
    least_bytes_per_s: float = 1_000.0
    """Average rate below which a host is too slow, counted over the time spent waiting for it."""


class Watch:
    """Tells how long to wait for the next bytes of one fetch."""

    def __init__(self, patience: Patience, now_s: Callable[[], float]) -> None:
        self._patience = patience
        self._now_s = now_s
        self._last_s = now_s() + patience.total_s
        self._answer_by_s = self._last_s
        self._waited_s = 0.0
        self._file_bytes: int | None = None

    def expect_answer(self) -> None:
        """Begin an attempt."""
        self._answer_by_s = min(self._last_s, self._now_s() + self._patience.answer_s)

    def expect_file(self) -> None:
        """Begin with the file: its headers are there."""
        self._file_bytes = 0

    def connect_s(self) -> float:
        """Return how long to wait for a connection: a moment, where there is no time left."""
        return min(self._patience.connect_s, max(self._left_s(), _MOMENT_S))

    def read(self, read: Callable[[float], bytes]) -> bytes:
        """Read with the time-out that is due. Raises httpcore.ReadTimeout."""
        left_s = self._left_s()
        if left_s <= 0:
            raise httpcore.ReadTimeout
        began_s = self._now_s()
        data = read(min(self._patience.idle_s, left_s))
        if self._file_bytes is not None:
            self._waited_s += self._now_s() - began_s
            self._file_bytes += len(data)
        return data

    def _left_s(self) -> float:
        if self._file_bytes is None:
            return self._answer_by_s - self._now_s()
        rate_left_s = self._patience.grace_s + self._file_bytes / self._patience.least_bytes_per_s - self._waited_s
        return min(rate_left_s, self._last_s - self._now_s())


class CheckedAddresses(httpcore.NetworkBackend):
    """Connects to addresses that were checked, whatever the name would resolve to by now."""

    def __init__(self, addresses: Sequence[Address], watch: Watch) -> None:
        self._addresses = addresses[:MAX_ATTEMPTED_ADDRESSES]
        self._watch = watch

    def connect_tcp(
        self,
        host: str,  # noqa: ARG002  the whole point
        port: int,
        timeout: float | None = None,  # noqa: ARG002  the watch knows
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first address that answers. Raises httpcore.ConnectError or ConnectTimeout of the last."""
        failure: Exception | None = None
        for address in self._addresses:
            try:
                stream = httpcore.SyncBackend().connect_tcp(
                    str(address), port, self._watch.connect_s(), local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                return WatchedStream(stream, self._watch)
        raise failure or httpcore.ConnectError("no address")


class WatchedStream(httpcore.NetworkStream):
    """A connection whose reads end."""

    def __init__(self, stream: httpcore.NetworkStream, watch: Watch) -> None:
        self._stream = stream
        self._watch = watch

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002  the watch knows
        """Read what there is, at most ``max_bytes``; empty at the end. Raises httpcore.ReadTimeout, ReadError."""
        return self._watch.read(lambda timeout_s: self._stream.read(max_bytes, timeout_s))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002  the watch knows
        """Write all bytes: a request, which fits into the buffers. Raises httpcore.WriteTimeout, WriteError."""
        self._stream.write(buffer, self._watch.connect_s())

    def close(self) -> None:
        """Close the connection."""
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002  the watch knows
    ) -> httpcore.NetworkStream:
        """Return the connection over TLS. Raises httpcore.ConnectTimeout, ConnectError."""
        stream = self._stream.start_tls(ssl_context, server_hostname, self._watch.connect_s())
        return WatchedStream(stream, self._watch)

    def get_extra_info(self, info: str) -> Any:
        """Return what httpcore asks for."""
        return self._stream.get_extra_info(info)
