"""One request, as the handlers of the management side see it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from starlette.responses import Response

from geostead.http.options import HttpOptions
from geostead.http.parameters import Parameters
from geostead.http.uploads import RequestBody
from geostead.model.access import Key
from geostead.operations.services import Services
from geostead.wire.links import Links


@dataclass(slots=True)
class Asker:
    """Who asks about what, as far as that is known."""

    key: Key | None = None
    """The key that was found to open something; None as long as nobody has looked."""
    source: str = ""
    """Name of the data source that an operation found, in its own spelling; '' where none did, whatever was said."""


@dataclass(frozen=True, slots=True)
class Call:
    """What was asked, and what is needed to answer."""

    services: Services
    method: str
    parameters: Parameters
    path: Mapping[str, str]
    """The variable parts of the path, decoded, in the case in which they came."""
    body: RequestBody
    links: Links
    options: HttpOptions
    trace_id: str
    client: str = ""
    """The address that the request came from, a proxy's where there is one; '' if it has none."""
    is_forwarded: bool = False
    """Whether a proxy says that it passed the request on."""
    asker: Asker = field(default_factory=Asker)
    page: str | None = None
    """The page that the request says it comes from."""
    if_none_match: bytes = b""
    """The header ``If-None-Match``."""


Handler = Callable[[Call], Response | Awaitable[Response]]
"""Answers a call: reads parameters, authorises, calls an operation, encodes. Raises GeosteadError."""
