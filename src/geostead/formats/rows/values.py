"""Columns of text to columns of values (data-formats.md, section 1, "Values").

A column is read at once as far as it is plain; the distinct texts that are left are read one by one, by a parser that
knows the whole rule. Both agree wherever the first one has an opinion.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from geostead.formats.rows.instants import read_plain_instants
from geostead.formats.rows.text_columns import find_longer, find_not_text, has_byte_above, is_text, rows_where
from geostead.model.columns import ARROW_TYPES
from geostead.model.entity_type import EdmType
from geostead.model.instant import parse_ticks
from geostead.model.limits import MAX_STRING_LENGTH

Rows = npt.NDArray[np.int64]

PLAIN_TEXT = "text without control characters"

_WHITE_SPACE = " \t\r\n\u00a0"
_MAX_VALUE_LENGTH = 1000
"""Characters of a value other than a string, white space around it aside: the time that parsing takes has an end."""
_INTEGER = re.compile(r"[+-]?\d{1,1000}+\Z", re.ASCII)
_DECIMAL = re.compile(r"[+-]?(\d++(\.\d*+)?|\.\d++)(e[+-]?\d++)?\Z", re.ASCII | re.IGNORECASE)
_PLAIN_INTEGER = "^-?[0-9]{1,18}$"
_PLAIN_DECIMAL = r"^-?[0-9]{1,20}(\.[0-9]{1,40})?$"
_BOOLEANS = dict.fromkeys(("true", "1", "yes", "y"), True) | dict.fromkeys(("false", "0", "no", "n"), False)


@dataclass(frozen=True, slots=True)
class Offence:
    """Rows whose text is not a value of the type, and what was expected there, as a phrase."""

    rows: Rows
    expected: str


@dataclass(frozen=True, slots=True)
class ValueColumn:
    """A column, read."""

    values: pa.Array
    """By :mod:`geostead.model.columns`; a missing value (or anything) where the text is bad."""
    offences: tuple[Offence, ...] = ()
    """A row may be in several; the first one counts."""


@dataclass(frozen=True, slots=True)
class _Rule:
    """How one type is read."""

    edm_type: EdmType
    expected: str
    read_plain: Callable[[pa.StringArray], pa.Array]
    """Reads a column; null where a text is missing or needs the parser."""
    parse: Callable[[str], object | None]
    """Reads one trimmed text; None if it is not a value."""


def read_strings(texts: pa.StringArray) -> ValueColumn:
    """Keep strings as they are; missing ones become ''. Control characters and too long ones are bad."""
    values = pc.fill_null(texts, "") if texts.null_count else texts
    too_long = Offence(find_longer(texts, MAX_STRING_LENGTH), f"at most {MAX_STRING_LENGTH:,} characters")
    return ValueColumn(values, (Offence(find_not_text(texts), PLAIN_TEXT), too_long))


def read_column(texts: pa.StringArray, edm_type: EdmType) -> ValueColumn:
    """Read a column of any type but geography. Null texts are missing; white space around a value is dropped."""
    if edm_type is EdmType.STRING:
        return read_strings(texts)
    rule = _RULES[edm_type]
    values = rule.read_plain(texts)
    if values.null_count == texts.null_count:
        return ValueColumn(values)
    return _read_rest(texts, values, rule)


def parse_integer(text: str) -> int | None:
    """Read a whole number of 64 bits. None if it is not one."""
    number = int(text) if _INTEGER.match(text) else None
    return number if number is not None and -(2**63) <= number < 2**63 else None


def parse_double(text: str) -> float | None:
    """Read a number in invariant notation. None if it is not one, or too large."""
    number = float(text) if _DECIMAL.match(text) else math.inf
    return number if math.isfinite(number) else None


def parse_boolean(text: str) -> bool | None:
    """Read true, false, 1, 0, yes, no, y or n in any case. None if it is none of them."""
    return _BOOLEANS.get(text.lower())


def _read_rest(texts: pa.StringArray, values: pa.Array, rule: _Rule) -> ValueColumn:
    """Parse the distinct texts that were not plain."""
    open_rows = rows_where(pc.and_(pc.is_null(values), pc.is_valid(texts)))
    words = texts.take(pa.array(open_rows)).dictionary_encode()
    parsed = [_parse_word(word, rule) for word in words.dictionary.to_pylist()]
    found = pa.array([value for value, _ in parsed], ARROW_TYPES[rule.edm_type]).take(words.indices)
    is_bad = np.array([bad for _, bad in parsed], bool)[words.indices.to_numpy()]
    is_open = np.zeros(len(texts), bool)
    is_open[open_rows] = True
    merged = pc.replace_with_mask(values, pa.array(is_open), found)
    return ValueColumn(merged, (Offence(open_rows[is_bad], rule.expected),))


def _parse_word(word: str, rule: _Rule) -> tuple[object | None, bool]:
    """Return the value, or None, and whether the text is bad. Nothing but white space is a missing value."""
    text = word.strip(_WHITE_SPACE)
    value = rule.parse(text) if 0 < len(text) <= _MAX_VALUE_LENGTH and is_text(text) else None
    return value, value is None and text != ""


def _read_plain_integers(texts: pa.StringArray) -> pa.Array:
    values = None if has_byte_above(texts, ord("9")) else _cast(texts, pa.int64())  # pyarrow reads 0x10 as a number
    return _only(texts, _PLAIN_INTEGER).cast(pa.int64()) if values is None else values


def _read_plain_doubles(texts: pa.StringArray) -> pa.Array:
    values = _cast(texts, pa.float64())
    if values is None or pc.all(pc.is_finite(values)).as_py() is False:  # pyarrow reads nan, inf and 1e999
        return _only(texts, _PLAIN_DECIMAL).cast(pa.float64())
    return values


def _read_no_booleans(texts: pa.StringArray) -> pa.Array:
    """Leave all to the parser: distinct texts are few."""
    return pa.nulls(len(texts), pa.bool_())


def _cast(texts: pa.StringArray, arrow_type: pa.DataType) -> pa.Array | None:
    """Return the values if pyarrow reads every text and none is so long that the parser must judge it, else None."""
    if len(find_longer(texts, _MAX_VALUE_LENGTH)):
        return None
    try:
        return texts.cast(arrow_type)
    except pa.ArrowInvalid:
        return None


def _only(texts: pa.StringArray, pattern: str) -> pa.StringArray:
    """Return the texts that match; null for the others."""
    return pc.if_else(pc.match_substring_regex(texts, pattern), texts, None)


_RULES = {
    rule.edm_type: rule
    for rule in (
        _Rule(EdmType.INT64, "a whole number of at most 64 bits", _read_plain_integers, parse_integer),
        _Rule(EdmType.DOUBLE, "a number such as -12.5 or 1e-3", _read_plain_doubles, parse_double),
        _Rule(EdmType.BOOLEAN, "true or false, 1 or 0, yes or no, y or n", _read_no_booleans, parse_boolean),
        _Rule(EdmType.DATETIME, "a date such as 2010-11-03T23:31:37Z", read_plain_instants, parse_ticks),
    )
}
