"""How text is made safe to stand in JSON, XML and URLs; for one text, and for a column of texts at once."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from json.encoder import encode_basestring_ascii
from urllib.parse import quote

import pyarrow as pa
import pyarrow.compute as pc

_URL_SAFE = "!$'()*,;:=@-._~"
_NOT_URL_SAFE = r"[^A-Za-z0-9!$()*,;:=@._~-]"
_NOT_JSON_SAFE = r'["\\/]|[^\x20-\x7e]'
_NOT_XML_SAFE = r"[&<>\"\r]|[^\t\n\x20-\x{d7ff}\x{e000}-\x{fffd}\x{10000}-\x{10ffff}]"
_FEW = 50
"""Up to so many values Python is faster than Arrow, whose every call costs about 10 µs."""
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def json_document(value: object) -> bytes:
    r"""Encode a whole JSON document: compact, on one line, ASCII only, ``/`` as ``\/`` (C1, C4)."""
    # Outside of strings JSON has no slash, and none can be part of an escape sequence.
    return json.dumps(value, separators=(",", ":"), allow_nan=False).replace("/", "\\/").encode()


def json_text(text: str) -> str:
    r"""Escape what stands between the quotation marks of a JSON string: ASCII only, and ``/`` as ``\/`` (C4)."""
    return encode_basestring_ascii(text)[1:-1].replace("/", "\\/")


def xml_text(text: str) -> str:
    """Escape what stands in an XML element or in an attribute within double quotes.

    Carriage returns survive as ``&#13;``; characters that XML cannot hold become U+FFFD.
    """
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
    return _NOT_IN_XML.sub("\ufffd", escaped.replace("\r", "&#13;"))


def url_segment(text: str) -> str:
    """Percent-encode text for one segment of a URL's path; the result needs no escaping in JSON."""
    return quote(text, safe=_URL_SAFE)


def entity_id_in_url(entity_id: str) -> str:
    """Return an entity id as it stands between the quotes of ``Entity('…')``: quotes doubled, percent-encoded."""
    return url_segment(entity_id.replace("'", "''"))


def string(text: str) -> pa.StringScalar:
    """Return an Arrow string.

    Arrow's functions take a plain str as well, but spend 60 µs on guessing its type.
    """
    return pa.scalar(text, pa.string())


def json_texts(column: pa.StringArray) -> pa.StringArray:
    """Return :func:`json_text` of every value."""
    return _escaped(column, _NOT_JSON_SAFE, json_text)


def xml_texts(column: pa.StringArray) -> pa.StringArray:
    """Return :func:`xml_text` of every value."""
    return _escaped(column, _NOT_XML_SAFE, xml_text)


def entity_ids_in_url(column: pa.StringArray) -> pa.StringArray:
    """Return :func:`entity_id_in_url` of every value."""
    return _escaped(column, _NOT_URL_SAFE, entity_id_in_url)


def _escaped(column: pa.StringArray, unsafe: str, escape: Callable[[str], str]) -> pa.StringArray:
    """Escape the values in which the pattern ``unsafe`` occurs, each distinct one once; the others stay as they are."""
    if len(column) <= _FEW:
        return pa.array([escape(text) for text in column.to_pylist()], pa.string())
    mask = pc.match_substring_regex(column, unsafe)
    if not pc.any(mask).as_py():
        return column
    found = column.filter(mask).dictionary_encode()
    texts = pa.array([escape(text) for text in found.dictionary.to_pylist()], pa.string())
    return pc.replace_with_mask(column, mask, texts.take(found.indices))
