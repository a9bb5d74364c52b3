"""Which entities the path of a query names: ``/REST/v1/data/{accessId}/{name}/{Type}`` or ``…/{Type}('id')``."""

from __future__ import annotations

import re
from dataclasses import dataclass

from geostead.http.parameters import decoded

# The type may be followed by an id that holds slashes; what is encoded is decoded only after it was taken apart.
_PATH = re.compile(rb"/+rest/+v1/+data/+(?!DataSourceDownload/)([^/]+)/+([^/]+)/+([^/$%].*)\Z", re.I | re.S)
_ENTITY = re.compile(r"([^('/$]+)(?:\('((?:[^']|'')*)'\))?\Z", re.S)
_PLAIN_ENCODED = re.compile(rb"%(?:2[DdEe]|3[0-9]|[46][1-9A-Fa-f]|[57][0-9Aa]|5[Ff]|7[Ee])")


@dataclass(frozen=True, slots=True)
class EntityPath:
    """The parts of a query's path, decoded, in the case in which they came."""

    access_id: str
    data_source_name: str
    entity_type_name: str
    entity_id: str | None
    """None: all entities."""


def read_path(raw_path: bytes) -> EntityPath | None:
    """Take a path (without query string) apart; None if it is not that of a query.

    Percent-encoding is decoded once, so an id may hold an encoded slash. Repeated slashes before the entity type and
    slashes at the end do not count; a quote within an id is doubled.
    """
    if b"%" in raw_path:
        raw_path = _PLAIN_ENCODED.sub(_plain, raw_path)
    found = _PATH.match(raw_path.rstrip(b"/"))
    entity = _ENTITY.match(decoded(found[3])) if found else None
    if found is None or entity is None:
        return None
    entity_id = entity[2].replace("''", "'") if entity[2] is not None else None
    return EntityPath(decoded(found[1]), decoded(found[2]), entity[1], entity_id)


def _plain(found: re.Match[bytes]) -> bytes:
    """Decode a letter, digit or mark that needs no encoding: the two spellings are the same URL (RFC 3986, 6.2.2)."""
    return bytes([int(found[0][1:], 16)])
