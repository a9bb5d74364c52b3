"""Text of dBASE tables, which hardly say in which encoding they are (data-formats.md, section 5).

A text comes with one character, U+0000 to U+00FF, for each of its bytes.
"""

from __future__ import annotations

import codecs
import re

import numpy as np
import pyarrow as pa

from geostead.formats.rows.text_columns import has_byte_above
from geostead.formats.rows.values import Rows

_TEXT_CODEC = re.compile(
    r"(utf-8|cp\d+|iso8859-\d+|koi8-\w|mac-\w+|big5\w*|gb\w+|hz|euc_\w+|shift_jis\w*|johab|tis-620)\Z"
)
_PAGE = re.compile(r"(?:ansi|oem|cp|windows|ibm)?[ _-]*(\d{3,5})\Z")
_ISO = re.compile(r"(?:iso)?[ _-]*8859[ _-]*(\d{1,2})\Z")
_PAGE_NAMES = {"65001": "utf-8", "936": "gb18030"}
_LAST_ASCII = 0x7F


def find_encoding(declared: bytes) -> str | None:
    """Return the name that Python has for what a .cpg file declares: ``UTF-8``, ``1252``, ``ISO 88591``, ``OEM 437``.

    None if it names no encoding of text.
    """
    word = declared.decode("ascii", errors="replace").strip("\ufeff\ufffd \t\r\n\0").lower()
    if match := _ISO.match(word):
        word = f"iso8859-{match[1]}"
    elif match := _PAGE.match(word):
        word = _PAGE_NAMES.get(match[1], f"cp{match[1]}")
    try:
        name = codecs.lookup(word).name
    except (LookupError, ValueError):
        return None
    return name if _TEXT_CODEC.match(name) else None


def decode_text(text: str, encoding: str | None) -> str | None:
    """Decode one text. None if it is not of the encoding.

    Without encoding it is UTF-8 if it can be, else Latin-1 with the additions of Windows (cp1252), which has characters
    where Latin-1 has control codes.
    """
    data = text.encode("latin-1")
    for candidate in (encoding,) if encoding else ("utf-8", "cp1252", "latin-1"):
        try:
            return data.decode(candidate)
        except UnicodeDecodeError:
            continue
    return None


def decode_column(texts: pa.StringArray, encoding: str | None) -> tuple[pa.StringArray, Rows]:
    """Decode a column; return also the rows that are not of the encoding, which stay as they are."""
    if not has_byte_above(texts, _LAST_ASCII):
        return texts, np.zeros(0, np.int64)
    words = texts.dictionary_encode()
    given = words.dictionary.to_pylist()
    decoded = [decode_text(word, encoding) for word in given]
    kept = [word if found is None else found for word, found in zip(given, decoded, strict=True)]
    is_bad = pa.array([found is None for found in decoded], pa.bool_()).take(words.indices).fill_null(False)
    return pa.array(kept, pa.string()).take(words.indices), np.flatnonzero(is_bad.to_numpy(zero_copy_only=False))
