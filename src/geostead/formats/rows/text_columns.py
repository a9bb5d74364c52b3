"""Columns of text, looked at as bytes: what must be known of every cell at the price of a few passes over memory."""

from __future__ import annotations

import re

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

NOT_TEXT = "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\u009f\ufffe\uffff]"
"""Control characters other than tab, CR and LF, and the two code points that XML, the download format, cannot hold."""

_NOT_TEXT = re.compile(NOT_TEXT)
_SHOWN = 100

# Bytes that occur in the UTF-8 form of a character of NOT_TEXT, and hardly elsewhere.
_IS_SUSPICIOUS = np.zeros(256, dtype=bool)
_IS_SUSPICIOUS[[byte for byte in range(32) if byte not in b"\t\n\r"]] = True
_IS_SUSPICIOUS[[0x7F, 0xC2, 0xEF]] = True


def bytes_of(texts: pa.StringArray) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return the bytes behind a column, and where in them each text begins and how long it is (0 for null)."""
    _, offsets, data = texts.buffers()
    ends = np.frombuffer(offsets, np.int32)[texts.offset : texts.offset + len(texts) + 1].astype(np.int64)
    codes = np.frombuffer(data, np.uint8) if data is not None else np.zeros(0, np.uint8)
    lengths = np.diff(ends)
    if texts.null_count:
        lengths[pc.is_null(texts).to_numpy(zero_copy_only=False)] = 0
    return codes, ends[:-1], lengths


def has_byte_above(texts: pa.StringArray, byte: int) -> bool:
    """Tell whether any text has a byte greater than ``byte``."""
    own = _own_bytes(texts)
    return len(own) > 0 and int(own.max()) > byte


def has_any_byte(texts: pa.StringArray, byte: int) -> bool:
    """Tell whether any text has this byte."""
    return bool((_own_bytes(texts) == byte).any())


def find_not_text(texts: pa.StringArray) -> npt.NDArray[np.int64]:
    """Return the rows that have a character of NOT_TEXT."""
    own = _own_bytes(texts)
    is_plain_ascii = len(own) == 0 or (own.min() >= 32 and own.max() < 127)
    if is_plain_ascii or not _IS_SUSPICIOUS[own].any():
        return np.zeros(0, np.int64)
    return rows_where(pc.match_substring_regex(texts, NOT_TEXT))


def find_longer(texts: pa.StringArray, length: int) -> npt.NDArray[np.int64]:
    """Return the rows with more than ``length`` characters (code points)."""
    _, _, lengths = bytes_of(texts)
    if not len(lengths) or lengths.max() <= length:
        return np.zeros(0, np.int64)
    return rows_where(pc.greater(pc.utf8_length(texts), length))


def rows_where(mask: pa.BooleanArray) -> npt.NDArray[np.int64]:
    """Return the rows where a mask is true (null is not)."""
    return np.flatnonzero(pc.fill_null(mask, False).to_numpy(zero_copy_only=False))


def is_text(text: str) -> bool:
    """Tell whether a text has no character of NOT_TEXT."""
    return _NOT_TEXT.search(text) is None


def shown(text: str | None) -> str:
    """Cut a text to 100 characters and make its control characters visible, for a message."""
    cut = (text or "")[:_SHOWN]
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in cut)[:_SHOWN]


def _own_bytes(texts: pa.StringArray) -> npt.NDArray[np.uint8]:
    """Return the bytes of all texts of a column, which may be a slice of a larger one."""
    _, offsets, data = texts.buffers()
    if data is None or not len(texts):
        return np.zeros(0, np.uint8)
    ends = np.frombuffer(offsets, np.int32)
    return np.frombuffer(data, np.uint8)[ends[texts.offset] : ends[texts.offset + len(texts)]]
