"""A routing server: asked over HTTP, with an end to every wait, and let alone while it fails.

The operator names its address, so it may be anywhere. What comes from there is not trusted more than that: it is
bounded in time and size, no redirect is followed, and callers of the API are told neither its address nor what it said.
"""

from __future__ import annotations

import logging
import ssl
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property

import httpcore

from geostead import __version__
from geostead.deadline import Deadline, TimedConnections
from geostead.errors import Unavailable
from geostead.routing.base import RoutingServer
from geostead.routing.breaker import Breaker
from geostead.routing.engine_url import EngineUrl

CONNECT_S = 3.0
PAUSES_S = (0.1, 0.5)
"""How long to wait before the second and the third attempt."""
MAX_REPLY_BYTES = 32 * 2**20
"""Ten times what the longest routes on Earth take."""

_ANSWERS = frozenset({200, 400})
_PASSING = frozenset({500, 502, 503, 504})
_HEADERS = (
    ("User-Agent", f"geostead/{__version__}"),
    ("Accept", "application/json"),
    ("Accept-Encoding", "identity"),
    ("Connection", "close"),
)

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What asking needs of the machine."""

    trust: Callable[[], ssl.SSLContext] = httpcore.default_ssl_context
    """Gives the certificates that count: those of the system and of ``SSL_CERT_FILE``, and Mozilla's."""
    now_s: Callable[[], float] = time.monotonic
    wait_s: Callable[[float], None] = time.sleep


class _Failed(Exception):
    """An attempt gave no answer, and another one would not either."""


class _FailedForNow(_Failed):
    """An attempt gave no answer; another one may."""


_SURROUNDINGS = Surroundings()


class EngineServer:
    """Asks one routing server. Threads may share it."""

    def __init__(self, url: EngineUrl, timeout_s: float, surroundings: Surroundings = _SURROUNDINGS) -> None:
        self._url = url
        self._timeout_s = timeout_s
        self._surroundings = surroundings
        self._breaker = Breaker(surroundings.now_s)

    def described(self) -> RoutingServer:
        """Return what may be told about the server."""
        return RoutingServer(self._url.engine, str(self._url))

    def deadline(self) -> Deadline:
        """Return by when a route has to be there that is asked for now."""
        return Deadline(self._surroundings.now_s, self._timeout_s)

    def ask(self, path: str, query: str, deadline: Deadline) -> bytes:
        """Return what the server answers with 200 or 400, the statuses that mean that the engine understood.

        Raises Unavailable, and logs why.
        """
        try:
            with self._breaker.call():
                return self._answer(self._url.target(path, query), deadline)
        except _Failed as error:
            raise self.unavailable(str(error)) from error

    def unavailable(self, why: str) -> Unavailable:
        """Log what is wrong with the server, for its operator, and return what callers are told."""
        _log.warning("The routing engine at %s does not answer: %s.", self._url, why)
        return Unavailable("The routing engine does not answer; try again later.")

    def _answer(self, target: str, deadline: Deadline) -> bytes:
        for pause_s in PAUSES_S:
            try:
                return self._attempt(target, deadline)
            except _FailedForNow:
                if deadline.left_s() <= pause_s:
                    raise
                self._surroundings.wait_s(pause_s)
        return self._attempt(target, deadline)

    def _attempt(self, target: str, deadline: Deadline) -> bytes:
        try:
            return self._exchange(target, deadline)
        except httpcore.TimeoutException as error:
            raise _Failed("it took too long") from error
        except (httpcore.NetworkError, httpcore.RemoteProtocolError) as error:
            if isinstance(error.__cause__, ssl.SSLCertVerificationError):
                raise _Failed("its certificate is not accepted") from error
            raise _FailedForNow("no connection could be made, or it broke off") from error

    def _exchange(self, target: str, deadline: Deadline) -> bytes:
        """Connect, and send one request: there is no connection kept that could have gone stale."""
        at = self._url
        url = httpcore.URL(scheme="https" if at.is_secure else "http", host=at.host, port=at.port, target=target)
        with (
            httpcore.HTTPConnection(
                url.origin,
                ssl_context=self._ssl_context if at.is_secure else None,
                network_backend=TimedConnections(deadline),
            ) as connection,
            connection.stream(
                "GET", url, headers=[("Host", at.authority), *_HEADERS], extensions={"timeout": {"connect": CONNECT_S}}
            ) as response,
        ):
            _check_status(response.status)
            return _bounded(response.iter_stream())

    @cached_property
    def _ssl_context(self) -> ssl.SSLContext:
        return self._surroundings.trust()


def _check_status(status: int) -> None:
    if status in _PASSING:
        raise _FailedForNow(f"it answered {status}")
    if status not in _ANSWERS:
        raise _Failed(f"it answered {status}; expected 200, from the address that GEOSTEAD_ROUTING_URL names")


def _bounded(pieces: Iterable[bytes]) -> bytes:
    received = bytearray()
    for piece in pieces:
        received += piece
        if len(received) > MAX_REPLY_BYTES:
            raise _Failed(f"its answer has more than {MAX_REPLY_BYTES:,} bytes")
    return bytes(received)
