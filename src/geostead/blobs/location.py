"""The URL of a file elsewhere, read strictly: what was read is what is checked, connected to and sent.

URLs are read in many ways, and who checks a URL in one way and connects in another checks nothing. So a URL that two
readers may take for different hosts is refused, and the parts read here are used for everything that follows.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address
from urllib.parse import quote, urljoin

import idna

MAX_URL_LENGTH = 4_096
DEFAULT_PORTS = {"http": 80, "https": 443}

_URL = re.compile(r"(https?)://([^/?#]*)(/[^?#]*)?(\?[^#]*)?(?:#.*)?", re.IGNORECASE)
_AUTHORITY = re.compile(r"(\[[0-9a-f:.]+\]|[^:\[\]]+)(?::([0-9]{0,5}))?", re.IGNORECASE)
_NAME = re.compile(r"(?!.{254})([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_SAFE_IN_TARGETS = "!$%&'()*+,/:;=?@[]~"

Address = IPv4Address | IPv6Address


@dataclass(frozen=True, slots=True)
class Location:
    """Where a file is: an http or https URL in its parts."""

    scheme: str
    """``http`` or ``https``."""
    host: str
    """A name in ASCII and lower case, without a dot at the end, or an address without brackets."""
    port: int
    """1 to 65,535."""
    path: str
    """As it is sent; at least ``/``."""
    query: str = field(repr=False)
    """As it is sent, with its question mark; empty if there is none. It may hold a signature: never show it."""

    @property
    def address(self) -> Address | None:
        """The host where it is an address, None where it is a name."""
        return _address(self.host)

    @property
    def authority(self) -> str:
        """Host and, unless it is the scheme's own, port: what the header ``Host`` says."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def target(self) -> str:
        """Path and query, as they are sent."""
        return self.path + self.query

    def __str__(self) -> str:
        """Return the URL as it may be shown: without query."""
        return f"{self.scheme}://{self.authority}{self.path}"

    def joined(self, reference: str) -> Location:
        """Return where a redirect leads. Raises ValueError, whose message says what was expected."""
        _check_characters(reference)
        return read_location(urljoin(f"{self}{self.query}", reference))


def read_location(url: str) -> Location:
    """Read a URL; a fragment is dropped, spaces and non-ASCII letters of path and query are percent-encoded.

    Raises ValueError, whose message says what was expected and repeats nothing.
    """
    _check_characters(url)
    parts = _URL.fullmatch(url)
    if not parts:
        raise ValueError("a URL that begins with http:// or https://")
    scheme, authority, path, query = parts.groups()
    host, port = _host_and_port(authority)
    return Location(
        scheme.lower(),
        host,
        DEFAULT_PORTS[scheme.lower()] if port is None else port,
        quote(path or "/", safe=_SAFE_IN_TARGETS),
        quote(query or "", safe=_SAFE_IN_TARGETS),
    )


def shown(url: str) -> str:
    """Return of a URL that cannot be read what may be shown: no query, and nothing that may be a password."""
    beginning = re.split(r"[?#]", url)[0]
    return beginning.partition(":")[0] + ":…" if "@" in url else beginning


def _check_characters(url: str) -> None:
    if not url.isprintable() or len(url) > MAX_URL_LENGTH:
        raise ValueError(f"a URL of at most {MAX_URL_LENGTH:,} characters without line ends, tabs and the like")


def _host_and_port(authority: str) -> tuple[str, int | None]:
    if "@" in authority:
        raise ValueError("a URL without user and password")
    parts = _AUTHORITY.fullmatch(authority)
    port = int(parts[2]) if parts and parts[2] else None
    if not parts or (port is not None and not 1 <= port <= 65_535):
        raise ValueError("a URL with a host and at most a port from 1 to 65,535")
    return _host(parts[1].lower()), port


def _host(text: str) -> str:
    """Return the one spelling of a host; addresses have the usual one or none."""
    if text.startswith("["):
        return str(_bracketed(text[1:-1]))
    name = _ascii(text).removesuffix(".")
    if not _NAME.fullmatch(name):
        raise ValueError("a URL with a host name")
    if _NUMBER.fullmatch(name.rpartition(".")[2]) and not _address(name):
        raise ValueError("a URL whose host is a name or an address such as 192.0.2.1")
    return name


def _bracketed(text: str) -> IPv6Address:
    try:
        return IPv6Address(text)
    except ValueError:
        raise ValueError("an IPv6 address between the brackets") from None


def _ascii(name: str) -> str:
    if name.isascii():
        return name
    try:
        return idna.encode(name, uts46=True).decode()
    except UnicodeError:  # names what it was given
        raise ValueError("a URL with a host name") from None


def _address(host: str) -> Address | None:
    for kind in (IPv4Address, IPv6Address):
        try:
            return kind(host)
        except ValueError:
            continue
    return None
