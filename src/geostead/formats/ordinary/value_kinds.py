"""What the values of columns are, found out from a sample (data-formats.md, section 9)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import pyarrow as pa

from geostead.formats.ordinary.plain_values import YES_OR_NO, has_groups, parts_of_day, plain_texts
from geostead.formats.rows.geographies import read_geographies
from geostead.formats.rows.values import read_column
from geostead.model.entity_type import EdmType
from geostead.model.table_reading import DayOrder, Decimals, Use

_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,17})\Z")
_DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]*)?(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,3})?\Z")
_COMMA = re.compile(r"-?(?:0|[1-9][0-9]*|[1-9][0-9]{0,2}(?:\.[0-9]{3})+),[0-9]+\Z")
_ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ].*)?\Z", re.DOTALL)
_SHAPE = re.compile(
    r"\s*(?:POINT|LINESTRING|POLYGON|MULTIPOINT|MULTILINESTRING|MULTIPOLYGON|GEOMETRYCOLLECTION)\s*\(", re.IGNORECASE
)
_MAX_SIGNIFICANT = 17
"""Digits that a double keeps; longer ones are rather a string."""

Words = Sequence[str]
"""The distinct values of a column, without white space around them."""


def words_of(texts: pa.StringArray) -> list[str]:
    """Return the distinct values of a column; empty ones are none."""
    stripped = (word.strip() for word in texts.unique().to_pylist() if word is not None)
    return [word for word in dict.fromkeys(stripped) if word]


def has_decimal_comma(columns: Iterable[Words]) -> bool:
    """Tell whether a column has nothing but numbers, of which some are written with a comma.

    1,234 alone could be a thousand, so that not all of them may look like that.
    """
    return any(_is_with_comma(words) for words in columns)


def _is_with_comma(words: Words) -> bool:
    commas = [word for word in words if _COMMA.match(word)]
    rest = [word for word in words if not _COMMA.match(word)]
    is_certain = any(len(word.rpartition(",")[2]) != 3 or "." in word for word in commas)
    return is_certain and all(_INTEGER.match(word) or has_groups(word) for word in rest)


def find_day_order(columns: Iterable[Words]) -> DayOrder:
    """Find out whether days come before months, where something makes that certain and nothing speaks against it."""
    is_day_first = is_month_first = False
    for words in columns:
        days = [parts_of_day(word) for word in words]
        if not days or None in days:
            continue
        known = [day for day in days if day is not None]
        is_day_first |= any(first > 12 or (mark == "." and second <= 12) for first, mark, second in known)
        is_month_first |= any(second > 12 for _, _, second in known)
    if is_day_first != is_month_first:
        return DayOrder.DAY_FIRST if is_day_first else DayOrder.MONTH_FIRST
    return DayOrder.YEAR_FIRST


def find_use(texts: pa.StringArray, words: Words, *, decimals: Decimals, day_order: DayOrder) -> Use:
    """Return the narrowest type that reads every value back as what it says; a string where there is no value."""
    for use, looks_right in _LOOKS:
        if looks_right(words, decimals, day_order):
            is_read = _reads(texts, use, decimals=decimals, day_order=day_order)
            return use if is_read else Use.STRING
    return Use.STRING


def _reads(texts: pa.StringArray, use: Use, *, decimals: Decimals, day_order: DayOrder) -> bool:
    plain = plain_texts(texts, use.type, decimals=decimals, day_order=day_order)
    if use.type is EdmType.GEOGRAPHY:
        return not any(len(offence.rows) for offence in read_geographies(plain, 100_000).offences)
    return not any(len(offence.rows) for offence in read_column(plain, use.type).offences)


def _are_yes_or_no(words: Words, _decimals: Decimals, _order: DayOrder) -> bool:
    """Tell whether both words of a pair are there: NO alone may be Norway. True and false can be nothing else."""
    found = {word.lower() for word in words}
    return any(found == set(pair) for pair in YES_OR_NO) or (bool(found) and found <= {"true", "false"})


def _are_integers(words: Words, _decimals: Decimals, _order: DayOrder) -> bool:
    return bool(words) and all(map(_INTEGER.match, words))


def _are_decimals(words: Words, decimals: Decimals, _order: DayOrder) -> bool:
    """Tell whether all are numbers; where 1.234 may be one of two, or the number of an article, it decides nothing."""
    if decimals is Decimals.COMMA_AND_DOTS and any(map(has_groups, words)):
        return any(map(_COMMA.match, words)) and all(has_groups(word) or _is_decimal(word, decimals) for word in words)
    return bool(words) and all(_is_decimal(word, decimals) for word in words)


def _is_decimal(word: str, decimals: Decimals) -> bool:
    is_written_so = _DECIMAL.match(word) or (decimals is not Decimals.POINT and _COMMA.match(word))
    digits = sum(map(str.isdigit, re.split("[eE]", word)[0].lstrip("-0.,")))
    return bool(is_written_so) and digits <= _MAX_SIGNIFICANT


def _are_days(words: Words, _decimals: Decimals, day_order: DayOrder) -> bool:
    has_order = day_order is not DayOrder.YEAR_FIRST
    return bool(words) and all(_ISO_DAY.match(word) or (has_order and parts_of_day(word)) for word in words)


def _are_shapes(words: Words, _decimals: Decimals, _order: DayOrder) -> bool:
    return bool(words) and all(map(_SHAPE.match, words))


_LOOKS = (
    (Use.BOOLEAN, _are_yes_or_no),
    (Use.INT64, _are_integers),
    (Use.DOUBLE, _are_decimals),
    (Use.DATETIME, _are_days),
    (Use.GEOGRAPHY, _are_shapes),
)
