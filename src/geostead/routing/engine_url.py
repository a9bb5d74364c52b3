"""Where a routing server is, and which engine runs there: ``osrm+http://10.0.0.7:5000``."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

EXPECTED = "a URL like osrm+http://127.0.0.1:5000 or valhalla+https://routes.example.com/path, without user or fragment"


class Engine(StrEnum):
    """The routing engines that are spoken to over HTTP."""

    OSRM = "osrm"
    VALHALLA = "valhalla"


@dataclass(frozen=True, slots=True)
class EngineUrl:
    """The address of a routing server, as the operator gave it."""

    engine: Engine
    is_secure: bool
    host: str
    port: int
    path: str
    """What goes before the engine's own paths, without a slash at the end."""
    query: str
    """What goes into every request, a key say: never to be shown."""

    def __str__(self) -> str:
        return f"{'https' if self.is_secure else 'http'}://{self.authority}{self.path}"

    @property
    def authority(self) -> str:
        """Host and port, as a URL has them."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    def target(self, path: str, query: str) -> str:
        """Return path and query string of a request."""
        return f"{self.path}{path}?{query}" + (f"&{self.query}" if self.query else "")


def parse_engine_url(text: str) -> EngineUrl:
    """Read a URL. Raises ValueError, which says what was expected."""
    if not (text.isascii() and text.isprintable()) or " " in text:
        raise ValueError(EXPECTED)
    try:
        parts = urlsplit(text)
        engine_name, _, scheme = parts.scheme.partition("+")
        engine, port, host = Engine(engine_name), parts.port, parts.hostname or ""
        host.encode("idna")  # which is what looking it up begins with
    except ValueError:
        raise ValueError(EXPECTED) from None
    if scheme not in ("http", "https") or not host or "@" in parts.netloc or parts.fragment:
        raise ValueError(EXPECTED)
    is_secure = scheme == "https"
    default_port = 443 if is_secure else 80
    return EngineUrl(engine, is_secure, host, port or default_port, parts.path.rstrip("/"), parts.query)
