"""The base of the URLs in replies (http-api.md, section 1), and who sent a request: what proxies know better."""

from __future__ import annotations

import ipaddress
import logging
import re
import socket
from collections.abc import Iterable, Mapping
from functools import lru_cache

from starlette.types import Scope

from geostead.http.options import HttpOptions

logger = logging.getLogger(__name__)

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_HOST = re.compile(r"(?:[A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?\Z")


class BaseUrls:
    """Tells the base URL of a request, without a slash at its end."""

    def __init__(self, options: HttpOptions) -> None:
        self._public_url = options.public_url.rstrip("/") if options.public_url else None
        self._trusted = tuple(networks(options.trusted_proxies))

    def of(self, scope: Scope, headers: Mapping[bytes, bytes]) -> str:
        """Return the configured base URL, else the one that the request was sent to.

        What a trusted proxy says in ``X-Forwarded-Host`` and ``X-Forwarded-Proto`` goes before ``Host``.
        """
        if self._public_url is not None:
            return self._public_url
        scheme, host = scope["scheme"].encode(), headers.get(b"host", b"")
        if self._trusted and scope["client"] and is_in(scope["client"][0], self._trusted):
            scheme = _first(headers.get(b"x-forwarded-proto")) or scheme
            host = _first(headers.get(b"x-forwarded-host")) or host
        return _url(scheme, host) or _server_url(scope)

    def sender_of(self, scope: Scope, headers: Mapping[bytes, bytes]) -> str:
        """Return the address that a request came from; '' if it has none.

        From a trusted proxy that is the last one in ``X-Forwarded-For`` that is no trusted proxy: whatever stands
        before it, its sender may have made up. Of a header that comes twice only the last one counts.
        """
        sender: str = scope["client"][0] if scope["client"] else ""
        told = headers.get(b"x-forwarded-for", b"").decode("latin-1").split(",")
        while told and is_in(sender, self._trusted) and (address := _address(told.pop())):
            sender = address
        return sender


def _address(told: str) -> str:
    """Return the address that a proxy tells; '' for what is none."""
    host = told.strip().removeprefix("[").partition("]")[0]
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        return ""


@lru_cache(maxsize=1024)
def _url(scheme: bytes, host: bytes) -> str | None:
    """Return the URL of a host; None if it is not one, so that nothing odd gets into replies."""
    name = host.decode("latin-1")
    return f"{'https' if scheme.lower() == b'https' else 'http'}://{name}" if _HOST.match(name) else None


def _server_url(scope: Scope) -> str:
    """Return the URL of the address that the server listens on, for requests of HTTP/1.0 without ``Host``."""
    host, port = scope.get("server") or ("localhost", None)
    return f"{scope['scheme']}://{f'[{host}]' if ':' in host else host}{f':{port}' if port else ''}"


def _first(values: bytes | None) -> bytes:
    """Return the first of comma-separated values: each proxy adds its own at the end."""
    return (values or b"").split(b",")[0].strip()


@lru_cache(maxsize=1024)
def is_in(client: str, ranges: tuple[Network, ...]) -> bool:
    """Tell whether an address is in any of these ranges; what is no address is in none."""
    try:
        address = ipaddress.ip_address(client)
    except ValueError:
        return False
    return any(address in network for network in ranges)


def networks(proxies: Iterable[str]) -> Iterable[Network]:
    """Read addresses and ranges; host names are looked up, once."""
    for proxy in proxies:
        try:
            yield ipaddress.ip_network(proxy, strict=False)
        except ValueError:
            yield from _addresses_of(proxy)


def _addresses_of(name: str) -> Iterable[Network]:
    try:
        found = {str(entry[4][0]) for entry in socket.getaddrinfo(name, None)}
    except OSError:
        logger.warning("The trusted proxy %s has no address; its headers do not count.", name)
        return []
    return [ipaddress.ip_network(address.partition("%")[0]) for address in sorted(found)]
