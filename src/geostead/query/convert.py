"""Loose typing: from a literal as it was written to a value of a property's type (query-language.md, section 2).

Every function returns None for a literal that does not convert.
"""

from __future__ import annotations

import math
import re
from decimal import Decimal

from geostead.model.instant import parse_ticks
from geostead.query.syntax import LiteralKind, WrittenLiteral

NUMBER = re.compile(r"[+-]?(?:[0-9]++(?:\.[0-9]*+)?|\.[0-9]++)(?:[eE][+-]?[0-9]++)?\Z")
"""A number in invariant notation; neither NaN nor infinite."""

_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}
_PLUS_BECAME_SPACE = re.compile(r"([Tt][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]++)?)?) ([0-9]{2}:[0-9]{2})\Z")
_FARTHEST_EXPONENT = Decimal(999_999)


def to_boolean(literal: WrittenLiteral) -> bool | None:
    """Convert ``true``, ``false``, ``1``, ``0`` (in any case, quoted or not)."""
    if literal.kind is LiteralKind.NUMBER:
        number = to_decimal(literal)
        return bool(number) if number in (0, 1) else None
    if literal.kind in (LiteralKind.TRUTH, LiteralKind.TEXT):
        return _BOOLEANS.get(literal.text.strip().lower())
    return None


def to_decimal(literal: WrittenLiteral) -> Decimal | None:
    """Convert a number, quoted or not, exactly; an absurd exponent is cut to one that compares the same."""
    text = _number_text(literal)
    if text is None:
        return None
    mantissa, _, exponent = text.lower().partition("e")
    if not exponent:
        return Decimal(mantissa)
    power = max(-_FARTHEST_EXPONENT, min(_FARTHEST_EXPONENT, Decimal(exponent)))
    return Decimal(f"{mantissa}e{power}")


def to_double(literal: WrittenLiteral) -> float | None:
    """Convert a number, quoted or not, to the nearest double; one beyond the largest double does not convert."""
    text = _number_text(literal)
    if text is None:
        return None
    number = float(text)
    # 0.0 for -0.0: engines may tell the two apart in a set, the language does not.
    return number + 0.0 if math.isfinite(number) else None


def to_ticks(literal: WrittenLiteral) -> int | None:
    """Convert ``datetime'…'``, the bare and the quoted form to ticks (:mod:`geostead.model.instant`)."""
    if literal.kind not in (LiteralKind.INSTANT, LiteralKind.TEXT):
        return None
    # In a URL the plus of +02:00 is a space unless it was escaped.
    return parse_ticks(_PLUS_BECAME_SPACE.sub(r"\1+\2", literal.text.strip()))


def _number_text(literal: WrittenLiteral) -> str | None:
    if literal.kind is LiteralKind.NUMBER:
        return literal.text
    if literal.kind is not LiteralKind.TEXT:
        return None
    text = literal.text.strip()
    return text if NUMBER.match(text) else None
