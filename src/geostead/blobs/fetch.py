"""Files elsewhere, fetched over http and https from hosts that the operator allows.

Whoever may load may name a URL, so the server must not become a way into the network that it stands in. Each hop of a
fetch goes the same way: read the URL (:mod:`~geostead.blobs.location`), look its host up once, check every address
(:mod:`~geostead.blobs.allowed_hosts`), connect to an address that was checked (:mod:`~geostead.blobs.watched_stream`).
There is no proxy, cookie, password or ``Referer``: httpcore sends what stands here and nothing else.
"""

from __future__ import annotations

import re
import ssl
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from ipaddress import ip_address

import httpcore

from geostead import __version__
from geostead.blobs.allowed_hosts import AllowedHosts
from geostead.blobs.location import Address, Location, read_location, shown
from geostead.blobs.watched_stream import CheckedAddresses, Patience, Watch
from geostead.deadline import system_addresses
from geostead.errors import FetchFailed, InvalidParameter

MAX_REDIRECTS = 5
PAUSES_S = (0.5, 2.0)
"""How long to wait before the second and the third attempt to get an answer."""

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PASSING = frozenset({500, 502, 503, 504})
_HINTS = {
    403: "; a signature is missing, wrong or has expired",
    404: "; there is no such file, or it is not public and the URL has no signature",
    409: "; the storage account may allow no access without a signature",
}
_HEADERS = {
    "User-Agent": f"geostead/{__version__}",
    "Accept": "*/*",
    "Accept-Encoding": "identity",  # sizes and first bytes are those of the file itself
    "Connection": "close",
}
_AZURE_ERROR = re.compile(rb"[A-Za-z]{1,60}")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What fetching needs of the machine."""

    resolve: Callable[[str], Sequence[str]] = system_addresses
    """Gives the addresses of a name; raises OSError if it has none."""
    trust: Callable[[], ssl.SSLContext] = httpcore.default_ssl_context
    """Gives the certificates that count: those of the system and of ``SSL_CERT_FILE``, and Mozilla's."""
    now_s: Callable[[], float] = time.monotonic
    wait_s: Callable[[float], None] = time.sleep


_PATIENCE = Patience()
_SURROUNDINGS = Surroundings()


class HttpFiles:
    """Implements :class:`geostead.blobs.base.RemoteFiles`."""

    def __init__(
        self,
        allowed_hosts: Sequence[str],
        patience: Patience = _PATIENCE,
        surroundings: Surroundings = _SURROUNDINGS,
    ) -> None:
        self._allowed = AllowedHosts(allowed_hosts)
        self._patience = patience
        self._surroundings = surroundings

    def check(self, url: str) -> None:
        """Return if a file may be fetched from this URL. Raises InvalidParameter (``dataLocation``)."""
        try:
            location = read_location(url)
        except ValueError as error:
            raise InvalidParameter("dataLocation", shown(url), str(error)) from None  # the cause may repeat the URL
        if not self._allowed.may_allow(location):
            raise InvalidParameter("dataLocation", str(location), "a URL on a host that the operator allows")

    @contextmanager
    def fetch(self, url: str) -> Iterator[Iterator[bytes]]:
        """Open the file and yield it piece by piece. Raises FetchFailed."""
        location = _first_location(url)
        watch = Watch(self._patience, self._surroundings.now_s)
        for _ in range(MAX_REDIRECTS + 1):
            with ExitStack() as hop:
                response = self._answer(location, watch, hop)
                if response.status not in _REDIRECTS:
                    _check_status(location, response)
                    watch.expect_file()
                    yield _pieces(location, response)
                    return
                location = _next_location(location, response)
        raise _failure(location, f"there were more than {MAX_REDIRECTS} redirects")

    def _answer(self, location: Location, watch: Watch, hop: ExitStack) -> httpcore.Response:
        """Ask until there is an answer that counts; ``hop`` closes it."""
        addresses = self._checked_addresses(location)
        with _in_our_words(location):
            for pause_s in PAUSES_S:
                if response := _unless_passing(_ask(location, addresses, watch, self._surroundings.trust), hop):
                    return response
                self._surroundings.wait_s(pause_s)
            return hop.enter_context(_ask(location, addresses, watch, self._surroundings.trust))

    def _checked_addresses(self, location: Location) -> list[Address]:
        """Look the host up, once, and return its addresses if every one of them is allowed."""
        if not self._allowed.may_allow(location):
            raise _failure(location, "the operator does not allow its host")
        addresses = [location.address] if location.address is not None else self._looked_up(location)
        if not all(self._allowed.allow(location.host, address) for address in addresses):
            raise _failure(location, "its host has an address that the operator does not allow")
        return addresses

    def _looked_up(self, location: Location) -> list[Address]:
        try:
            addresses = [ip_address(text) for text in self._surroundings.resolve(location.host)]
        except OSError as error:
            raise _failure(location, "its host has no address that is known here") from error
        if not addresses:
            raise _failure(location, "its host has no address that is known here")
        return addresses


def _first_location(url: str) -> Location:
    try:
        return read_location(url)
    except ValueError as error:
        raise FetchFailed(f"{shown(url)} cannot be fetched; expected {error}.") from None


def _next_location(location: Location, response: httpcore.Response) -> Location:
    """Return where a redirect leads. Raises FetchFailed."""
    reference = _header(response, b"location").decode(errors="replace")
    try:
        following = location.joined(reference)
    except ValueError as error:
        raise _failure(location, f"it redirects elsewhere; expected there {error}") from None
    if not reference or (location.scheme, following.scheme) == ("https", "http"):
        raise _failure(location, "it redirects from https to http" if reference else "it redirects to nowhere")
    return following


@contextmanager
def _ask(
    location: Location, addresses: Sequence[Address], watch: Watch, trust: Callable[[], ssl.SSLContext]
) -> Iterator[httpcore.Response]:
    """Connect, and send one request; the host's name counts for TLS, the address for the connection."""
    watch.expect_answer()
    url = httpcore.URL(scheme=location.scheme, host=location.host, port=location.port, target=location.target)
    headers: list[tuple[str, str]] = [("Host", location.authority), *_HEADERS.items()]
    with (
        httpcore.HTTPConnection(
            url.origin,
            ssl_context=trust() if location.scheme == "https" else None,
            network_backend=CheckedAddresses(addresses, watch),
        ) as connection,
        connection.stream("GET", url, headers=headers) as response,
    ):
        yield response


def _unless_passing(asked: AbstractContextManager[httpcore.Response], hop: ExitStack) -> httpcore.Response | None:
    """Return the answer, for ``hop`` to close; None where another attempt may get a better one."""
    with ExitStack() as attempt:
        try:
            response = attempt.enter_context(asked)
        except (httpcore.NetworkError, httpcore.RemoteProtocolError) as error:
            if isinstance(error.__cause__, ssl.SSLCertVerificationError):
                raise
            return None
        if response.status in _PASSING:
            return None
        hop.push(attempt.pop_all())
    return response


def _pieces(location: Location, response: httpcore.Response) -> Iterator[bytes]:
    with _in_our_words(location):
        yield from response.iter_stream()


def _check_status(location: Location, response: httpcore.Response) -> None:
    """Raise FetchFailed unless the answer is 200. What the host wrote into it is not repeated."""
    if response.status == HTTPStatus.OK:
        return
    try:
        reason = f" {HTTPStatus(response.status).phrase}"
    except ValueError:
        reason = ""
    code = _header(response, b"x-ms-error-code")
    code_words = f" ({code.decode()})" if _AZURE_ERROR.fullmatch(code) else ""
    hint = _HINTS.get(response.status, "; expected 200 OK")
    raise _failure(location, f"its host answered {response.status}{reason}{code_words}{hint}")


def _header(response: httpcore.Response, name: bytes) -> bytes:
    return next((value for key, value in response.headers if key.lower() == name), b"")


@contextmanager
def _in_our_words(location: Location) -> Iterator[None]:
    try:
        yield
    except httpcore.TimeoutException as error:
        raise _failure(location, "its host took too long") from error
    except httpcore.ConnectError as error:
        raise _failure(location, _no_connection(error)) from error
    except (httpcore.NetworkError, httpcore.ProtocolError) as error:
        raise _failure(location, "the connection broke off, or what came was not HTTP") from error


def _no_connection(error: httpcore.ConnectError) -> str:
    match error.__cause__:
        case ssl.SSLCertVerificationError(verify_message=message):
            return f"its host's certificate is not accepted ({message})"
        case ssl.SSLError():
            return "no TLS connection to its host could be made"
        case _:
            return "no connection to its host could be made"


def _failure(location: Location, why: str) -> FetchFailed:
    return FetchFailed(f"{location} cannot be fetched: {why}.")
