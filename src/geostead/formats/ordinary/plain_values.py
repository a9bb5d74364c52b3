"""Numbers, days, yes and no as people write them, rewritten as loading reads them; all else stays as it is."""

from __future__ import annotations

import re
from collections.abc import Callable

import pyarrow as pa
import pyarrow.compute as pc

from geostead.model.entity_type import EdmType
from geostead.model.table_reading import DayOrder, Decimals

YES_OR_NO = (
    ("true", "false"),
    ("yes", "no"),
    ("y", "n"),
    ("ja", "nein"),
    ("j", "n"),
    ("wahr", "falsch"),
    ("oui", "non"),
    ("vrai", "faux"),
    ("sí", "no"),
    ("si", "no"),
    ("sì", "no"),
    ("verdadero", "falso"),
    ("vero", "falso"),
    ("sim", "não"),
    ("sim", "nao"),
    ("ja", "nee"),
    ("ja", "nej"),
    ("ja", "nei"),
    ("tak", "nie"),
    ("ano", "ne"),
    ("да", "нет"),
)
"""What tables say for true and false, in small letters. No word is both."""

_BOOLEANS = {word: text for pair in YES_OR_NO for word, text in zip(pair, ("true", "false"), strict=True)}
_WITH_COMMA = r"^\s*([+-]?[0-9]+),([0-9]+)\s*$"
_GROUPS_AND_COMMA = re.compile(r"\s*([+-]?\d{1,3}(?:\.\d{3})+),(\d+)\s*\Z", re.ASCII)
_GROUPS = r"^\s*[+-]?[1-9][0-9]{0,2}(?:\.[0-9]{3})+\s*$"
_DAY = re.compile(
    r"\s*(\d{1,2})([./-])(\d{1,2})\2(\d{4})"
    r"(?:[ T,]+(\d{1,2}):(\d\d)(?::(\d\d)(\.\d{1,7})?)?\s*([AaPp][Mm])?)?\s*\Z",
    re.ASCII,
)
_LONGEST_DAY = 40


def plain_texts(texts: pa.StringArray, edm_type: EdmType, *, decimals: Decimals, day_order: DayOrder) -> pa.StringArray:
    """Rewrite a column of a type; what is not written in one of the ways that are expected stays as it is."""
    if edm_type in (EdmType.DOUBLE, EdmType.INT64) and decimals is Decimals.COMMA_AND_DOTS:
        texts = _each_that_matches(texts, _GROUPS, lambda text: text.replace(".", ""))
    if edm_type is EdmType.DOUBLE and decimals is not Decimals.POINT:
        return _with_points(texts)
    if edm_type is EdmType.BOOLEAN:
        return _each(texts, lambda text: _BOOLEANS.get(text.strip().lower(), text))
    if edm_type is EdmType.DATETIME and day_order is not DayOrder.YEAR_FIRST:
        return _each(texts, lambda text: iso_day(text, day_order))
    return texts


def has_groups(text: str) -> bool:
    """Tell whether a text may be a thousand or more with dots in it, as 1.234 and 1.234.567."""
    return re.match(_GROUPS, text) is not None


def parts_of_day(text: str) -> tuple[int, str, int] | None:
    """Return the first two numbers of a day like 22.11.2026 and what stands between them; None if it is not one."""
    found = _DAY.match(text) if len(text) <= _LONGEST_DAY else None
    return None if found is None else (int(found[1]), found[2], int(found[3]))


def iso_day(text: str, day_order: DayOrder) -> str:
    """Rewrite a day like 22.11.2026 or 11/22/2026 1:05 PM in the order of ISO 8601."""
    found = _DAY.match(text) if len(text) <= _LONGEST_DAY else None
    if found is None:
        return text
    day, month = (found[1], found[3]) if day_order is DayOrder.DAY_FIRST else (found[3], found[1])
    date = f"{found[4]}-{int(month):02}-{int(day):02}"
    if found[5] is None:
        return date
    hour = _hour(int(found[5]), (found[9] or "").lower())
    return text if hour is None else f"{date}T{hour:02}:{found[6]}:{found[7] or '00'}{found[8] or ''}"


def _hour(hour: int, half: str) -> int | None:
    if not half:
        return hour
    return hour % 12 + (12 if half == "pm" else 0) if 1 <= hour <= 12 else None


def _with_points(texts: pa.StringArray) -> pa.StringArray:
    """Rewrite 1.234,5 and 1234,5 as 1234.5."""
    if not pc.any(pc.match_substring(texts, ",")).as_py():
        return texts
    plain = pc.replace_substring_regex(texts, _WITH_COMMA, r"\1.\2")
    if not pc.any(pc.match_substring(plain, ",")).as_py():
        return plain
    return _each(plain, _without_groups)


def _without_groups(text: str) -> str:
    found = _GROUPS_AND_COMMA.match(text)
    return text if found is None else f"{found[1].replace('.', '')}.{found[2]}"


def _each_that_matches(texts: pa.StringArray, pattern: str, rewrite: Callable[[str], str]) -> pa.StringArray:
    """Rewrite the texts that match."""
    matching = pc.match_substring_regex(texts, pattern)
    if not pc.any(matching).as_py():
        return texts
    return pc.replace_with_mask(texts, pc.fill_null(matching, False), _each(texts.filter(matching), rewrite))


def _each(texts: pa.StringArray, rewrite: Callable[[str], str]) -> pa.StringArray:
    """Rewrite each distinct text."""
    words = texts.dictionary_encode()
    rewritten = [rewrite(word) for word in words.dictionary.to_pylist()]
    return pa.array(rewritten, pa.string()).take(words.indices)
