"""Bound queries written as text, in every spelling that query-language.md allows: what is read back is the same query.

Like :mod:`tests.strategies` made from a :class:`random.Random`; the same one makes the same text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from random import Random

import numpy as np
from shapely.geometry.base import BaseGeometry

from geostead.geo.position import Position
from geostead.geo.wkt import write_wkts
from geostead.model.entity_type import EdmType, Property
from geostead.model.instant import MAX_TICKS
from geostead.query.bound import (
    And,
    BoundQuery,
    Compare,
    Constant,
    InBox,
    Intersects,
    IsIn,
    IsMissing,
    Literal,
    Nearby,
    NearRoute,
    Not,
    Or,
    OrderTerm,
    Predicate,
    SpatialFilter,
    TestText,
)

FLIPPED = {"eq": "eq", "ne": "ne", "gt": "lt", "ge": "le", "lt": "gt", "le": "ge"}
_DATED = datetime(1, 1, 1)  # noqa: DTZ001  ticks count from the first day of the calendar
_WORD_END, _WORD_START = re.compile(r"[A-Za-z0-9_.]\Z"), re.compile(r"[A-Za-z0-9_.+-]")


def can_be_written(predicate: Predicate) -> bool:
    """Tell whether there is text for a predicate: there is none for an instant outside of the calendar."""
    match predicate:
        case And(operands) | Or(operands):
            return all(map(can_be_written, operands))
        case Not(operand):
            return can_be_written(operand)
        case Compare(Property(type=EdmType.DATETIME), _, value):
            return 0 <= value <= MAX_TICKS
        case IsIn(Property(type=EdmType.DATETIME), values):
            return all(0 <= value <= MAX_TICKS for value in values)
        case _:
            return True


def spell_filter(random: Random, predicate: Predicate) -> str:
    """Write a ``$filter`` about entities that have an integer called Seats, by which constants are expressed."""
    return _join(random, _tokens(random, predicate))


def spell_spatial(random: Random, spatial: SpatialFilter) -> str:
    """Write a ``spatialFilter``; of a route its two ends."""
    match spatial:
        case Nearby(latitude, longitude, km):
            place = f"{_number(random, latitude)}{_space(random)},{_space(random)}{_number(random, longitude)}"
            first = f"'{_space(random)}{place}{_space(random)}'" if _chance(random, 0.3) else place
            return _call(random, "nearby", [first, _number(random, km)])
        case InBox(south, west, north, east):
            return _call(random, "bbox", [_number(random, one) for one in (south, west, north, east)])
        case Intersects(shape):
            return _call(random, "intersects", [f"'{spell_wkt(random, shape)}'"])
        case NearRoute(line):
            return _call(random, "nearRoute", [_quoted_place(random, place) for place in (line[0], line[-1])])


def spell_select(random: Random, query: BoundQuery) -> str | None:
    """Write a ``$select``; None where none is needed."""
    if query.names is None and not query.distance and query.intersection is None:
        return random.choice((None, "*", " * "))
    items = ["*"] if query.names is None else [_any_case(random, name) for name in query.names if name[:2] != "__"]
    if query.intersection is not None:
        at = len(items) if query.names is None else [*query.names].index("__IntersectedGeom")
        wkt = spell_wkt(random, query.intersection)
        items.insert(at, _call(random, "intersection", [random.choice((wkt, f"'{wkt}'"))]))
    if query.distance or not items:
        items.insert(random.randint(0, len(items)), _any_case(random, "__Distance"))
    return ",".join(f"{_space(random)}{item}{_space(random)}" for item in items)


def spell_order(random: Random, order: Sequence[OrderTerm]) -> str | None:
    """Write an ``$orderby``; None where there is no order."""
    if not order:
        return None
    terms = []
    for term in order:
        name = _any_case(random, "__Distance" if term.property is None else term.property.name)
        terms.append(f"{name} {_any_case(random, 'desc')}" if term.descending else name + random.choice(("", " asc")))
    return ",".join(f"{_space(random)}{term}{_space(random)}" for term in terms)


def spell_wkt(random: Random, shape: BaseGeometry) -> str:
    """Write well-known text in any case and spacing, with an SRID, Z or M that do not count, rings turned around."""
    if _chance(random, 0.3):
        shape = shape.reverse()
    text = str(write_wkts(np.array([shape]))[0])
    if random.random() < 0.2:
        text = re.sub(r"(-?[\d.]+(?:e[-+]?\d+)?) (-?[\d.]+(?:e[-+]?\d+)?)", r"\1 \2 7", text)
        text = re.sub(r"(?<=[A-Z]) (?=\()", random.choice((" Z ", " M ")), text)
        text = re.sub(r"(GEOMETRYCOLLECTION) [ZM] ", r"\1 ", text)
    text = re.sub("[A-Z]+", lambda found: _any_case(random, found[0]), text)
    text = re.sub(" (?=\\()", lambda _: random.choice(("", " ", "  ")), text)
    text = re.sub(", ?", lambda _: random.choice((",", ", ", " , ")), text)
    return random.choice(("", "", "SRID=4326;", "srid=4326; ")) + text


def _tokens(random: Random, predicate: Predicate) -> list[str]:
    match predicate:
        case And(operands):
            return _joined(random, "and", operands)
        case Or(operands):
            return _joined(random, "or", operands)
        case Not(TestText() as test) if _chance(random, 0.5):
            return _text_test(random, test, holds=False)
        case Not(operand):
            return [_any_case(random, "not"), *_operand(random, operand)]
        case Constant() | IsMissing() | IsIn() | Compare() | TestText():
            return _leaf(random, predicate)


def _leaf(random: Random, leaf: Constant | IsMissing | IsIn | Compare | TestText) -> list[str]:
    match leaf:
        case TestText():
            return _text_test(random, leaf, holds=True)
        case Constant(value):
            return ["Seats", "ne" if value else "eq", "0.5"]
        case IsMissing(declared):
            nothing = "''" if declared.type is EdmType.STRING and _chance(random, 0.5) else _any_case(random, "null")
            return _comparison(random, declared, "eq", nothing)
        case IsIn(declared, values, missing):
            literals = [_literal(random, declared, value) for value in sorted(values)]
            return _membership(random, declared, literals + [_any_case(random, "null")] * missing)
        case Compare(declared, comparator, value):
            return _comparison(random, declared, comparator.value, _literal(random, declared, value))


def _joined(random: Random, word: str, operands: Sequence[Predicate]) -> list[str]:
    tokens: list[str] = []
    for operand in operands:
        tokens += [_any_case(random, word)] * bool(tokens) + _operand(random, operand)
    return tokens


def _operand(random: Random, predicate: Predicate) -> list[str]:
    tokens = _tokens(random, predicate)
    return ["(", *tokens, ")"] if isinstance(predicate, And | Or) or _chance(random, 0.2) else tokens


def _comparison(random: Random, declared: Property, comparator: str, literal: str) -> list[str]:
    name = _any_case(random, declared.name)
    if _chance(random, 0.15):
        return [literal, _any_case(random, FLIPPED[comparator]), name]
    return [name, _any_case(random, comparator), literal]


def _membership(random: Random, declared: Property, literals: list[str]) -> list[str]:
    random.shuffle(literals)
    listed = [token for literal in literals for token in (literal, ",")][:-1]
    return [_any_case(random, declared.name), _any_case(random, "in"), "(", *listed, ")"]


def _text_test(random: Random, test: TestText, *, holds: bool) -> list[str]:
    argument = _quote(test.text)
    if test.text and not set(test.text) & set("')") and _chance(random, 0.3):
        argument = f"'{argument}'"
    negated = not holds if _chance(random, 0.5) else _chance(random, 0.2)
    word = _any_case(random, f"not{test.test}" if negated else test.test)
    call = [word, "(", _any_case(random, test.property.name), ",", argument, ")"]
    if negated is holds:
        return [*call, _any_case(random, "eq"), random.choice(("false", "False", "0", "'false'"))]
    return [*call, _any_case(random, "eq"), random.choice(("true", "TRUE", "1"))] if _chance(random, 0.3) else call


def _literal(random: Random, declared: Property, value: Literal) -> str:
    """Write a literal; to a property of another type it may come as text, and to a string as a number."""
    match declared.type:
        case EdmType.STRING:
            text = str(value)
            return text if re.fullmatch("[0-9]{1,10}", text) and _chance(random, 0.5) else _quote(text)
        case EdmType.BOOLEAN:
            word = random.choice(("true", "1") if value else ("false", "0"))
            return random.choice((_any_case(random, word), f"'{word}'"))
        case EdmType.DATETIME:
            return _instant(random, int(value))
        case EdmType.INT64:
            text = str(value)
            return random.choice((text, text, f"{text}L", f"'{text}'", f"{text}.0", f"{text}e0", f"'{text}.'"))
        case _:
            text = repr(float(value))
            return random.choice((text, text, f"{text}d", f"{text}M", f"'{text}'", f"{float(value):.17e}"))


def _instant(random: Random, ticks: int) -> str:
    at = _DATED + timedelta(microseconds=ticks // 10)
    if 100 < at.year < 9000 and _chance(random, 0.2):
        text = f"{(at + timedelta(hours=2)).isoformat(timespec='microseconds')}{ticks % 10}+02:00"
    else:
        text = f"{at.isoformat(timespec='microseconds')}{ticks % 10}" + random.choice(("Z", "z", "", "+00:00"))
    return random.choice((text, f"{_any_case(random, 'datetime')}'{text}'", f"'{text}'"))


def _quoted_place(random: Random, place: Position) -> str:
    latitude, longitude = (_number(random, one) for one in place)
    return f"'{_space(random)}{latitude}{_space(random)},{_space(random)}{longitude}{_space(random)}'"


def _number(random: Random, value: float) -> str:
    text = random.choice((repr(value), f"{value:.17e}"))
    return f"+{text}" if text[0] != "-" and _chance(random, 0.1) else text


def _call(random: Random, function: str, arguments: Sequence[str]) -> str:
    spaced = [f"{_space(random)}{argument}{_space(random)}" for argument in arguments]
    name = f"{_space(random)}{_any_case(random, function)}{_space(random)}"
    return f"{name}({','.join(spaced)}){_space(random)}"


def _join(random: Random, tokens: Sequence[str]) -> str:
    """Put white space between tokens: anywhere, and where two words would become one."""
    text = ""
    for token in tokens:
        must_part = _WORD_END.search(text) is not None and _WORD_START.match(token) is not None
        text += (" " if must_part else "") + _space(random) + token
    return text


def _quote(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _space(random: Random) -> str:
    return random.choice(("", "", "", " ", "  ", "\t"))


def _any_case(random: Random, word: str) -> str:
    change: Callable[[str], str] = random.choice((str, str, str.lower, str.upper, str.swapcase))
    return change(word)


def _chance(random: Random, share: float) -> bool:
    return random.random() < share
