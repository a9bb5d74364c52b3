"""What form a reply takes. Format goes by parameters alone, compression by ``Accept-Encoding`` (http-api.md, 1)."""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache
from hashlib import blake2b

from geostead.http.parameters import Parameters, choice


class Output(StrEnum):
    """Forms of a management reply, by ``output`` or ``o``."""

    JSON = "json"
    XML = "xml"


class Format(StrEnum):
    """Forms of a query reply and of a service document, by ``$format``."""

    ATOM = "atom"
    JSON = "json"


_OUTPUTS = {word.value: word for word in Output}
_FORMATS = {word.value: word for word in Format}
_GZIP = re.compile(rb"(?:^|,)\s*(gzip|x-gzip|\*)\s*(?:;\s*q\s*=\s*([0-9.]+)\s*)?(?=,|$)", re.IGNORECASE)


def output_of(parameters: Parameters) -> Output:
    """Return the form of a management reply; JSON if none is asked for. Raises InvalidParameter."""
    return choice(parameters, _OUTPUTS, "output", "o") or Output.JSON


def format_of(parameters: Parameters) -> Format:
    """Return the form of a service document; Atom if none is asked for. Raises InvalidParameter."""
    return choice(parameters, _FORMATS, "$format") or Format.ATOM


def query_format_of(parameters: Parameters) -> Format:
    """Return the form of a query reply; Atom if none is asked for. Raises InvalidParameter.

    ``jsonp`` without ``$format`` asks for JSON: no other form can be handed to a callback.
    """
    found = choice(parameters, _FORMATS, "$format")
    return found or (Format.JSON if "jsonp" in parameters else Format.ATOM)


def callback_of(parameters: Parameters, form: Format) -> str | None:
    """Return the value of ``jsonp`` where the reply is JSON, unchecked; None if there is nothing to call."""
    return parameters.get("jsonp") if form is Format.JSON else None


@lru_cache(maxsize=256)
def accepts_gzip(accept_encoding: bytes) -> bool:
    """Tell whether an ``Accept-Encoding`` header asks for gzip; ``q=0`` refuses it."""
    weights = {coding.lower(): weight for coding, weight in _GZIP.findall(accept_encoding)}
    asked = next((weights[coding] for coding in (b"gzip", b"x-gzip", b"*") if coding in weights), b"0")
    return asked == b"" or asked.strip(b"0.") != b""


def entity_tag(*parts: bytes) -> bytes:
    """Return the entity tag, without its quotes, of what is a function of ``parts``."""
    return blake2b(b"\0".join(parts), digest_size=12).hexdigest().encode()


def names_tag(if_none_match: bytes, tag: bytes) -> bool:
    """Tell whether an ``If-None-Match`` header names the entity tag ``tag`` (its value without quotes)."""
    return if_none_match != b"" and b'"%b"' % tag in if_none_match
