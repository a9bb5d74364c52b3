"""Which entities the path of a query names: ``/REST/v1/data/{accessId}/{name}/{Type}`` or ``…/{Type}('id')``."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import unquote

_PATH = re.compile(
    r"/+rest/+v1/+data/+(?!(?:DataSourceDownload|jobs)/)([^/]+)/+([^/]+)/+([^('/$%]+)(?:\('((?:[^']|'')*)'\))?/*\Z",
    re.I | re.S,
)
# Where anything is encoded the type and its id stay together, because the parentheses may be encoded.
_ENCODED_PATH = re.compile(
    r"/+rest/+v1/+data/+(?!(?:DataSourceDownload|jobs)/)([^/]+)/+([^/]+)/+([^/$%].*)\Z", re.I | re.S
)
_ENTITY = re.compile(r"([^('/$]+)(?:\('((?:[^']|'')*)'\))?\Z", re.S)
_PLAIN_ENCODED = re.compile("%(?:2[DdEe]|3[0-9]|[46][1-9A-Fa-f]|[57][0-9Aa]|5[Ff]|7[Ee])")


class EntityPath(NamedTuple):
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
    path = raw_path.decode("utf-8", "replace")
    if "%" in path:
        return _read_encoded(path)
    found = _PATH.match(path)
    if found is None:
        return None
    access_id, name, entity_type_name, entity_id = found.groups()
    return EntityPath(access_id, name, entity_type_name, _undoubled(entity_id))


def _read_encoded(path: str) -> EntityPath | None:
    found = _ENCODED_PATH.match(_PLAIN_ENCODED.sub(_plain, path).rstrip("/"))
    entity = _ENTITY.match(unquote(found[3])) if found else None
    if found is None or entity is None:
        return None
    return EntityPath(unquote(found[1]), unquote(found[2]), entity[1], _undoubled(entity[2]))


def _undoubled(entity_id: str | None) -> str | None:
    return None if entity_id is None else entity_id.replace("''", "'")


def _plain(found: re.Match[str]) -> str:
    """Decode a letter, digit or mark that needs no encoding: the two spellings are the same URL (RFC 3986, 6.2.2)."""
    return chr(int(found[0][1:], 16))
