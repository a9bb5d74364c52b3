"""From the text of a query and an entity type to a bound query (query-language.md)."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import TypeVar

from geostead.errors import InvalidFilter
from geostead.model.entity_type import EdmType, EntityType, Property
from geostead.query.bound import (
    And,
    BoundQuery,
    Comparator,
    Compare,
    Constant,
    IsIn,
    IsMissing,
    Literal,
    Not,
    Or,
    Predicate,
    SpatialFilter,
    TestText,
)
from geostead.query.convert import to_boolean, to_decimal, to_double, to_ticks
from geostead.query.options import QueryText, bind_count, bind_order, bind_page, bind_skip, is_coordinate
from geostead.query.parser import parse_filter
from geostead.query.select import ALL_PROPERTIES, bind_select
from geostead.query.syntax import (
    PARAMETER,
    Comparison,
    Conjunction,
    Disjunction,
    Expression,
    LiteralKind,
    Membership,
    Negation,
    TextCall,
    WrittenLiteral,
    WrittenName,
)

Value = TypeVar("Value")

_LEAST_INT64 = -(2**63)
_GREATEST_INT64 = 2**63 - 1
_UPWARD = (Comparator.GT, Comparator.GE)
_EXPECTED = {
    EdmType.INT64: "a number",
    EdmType.DOUBLE: "a number that a double can hold",
    EdmType.BOOLEAN: "true, false, 1 or 0",
    EdmType.DATETIME: "an ISO 8601 date like datetime'2015-10-29T21:25:09Z'",
    EdmType.GEOGRAPHY: "null, the only value that a geography can be compared with",
}


def bind_query(text: QueryText, entity_type: EntityType, spatial: SpatialFilter | None, max_points: int) -> BoundQuery:
    """Read a whole query but for its spatial filter, and hold it against the entity type of what it asks.

    ``spatial`` is what the spatial filter means; None also where that has yet to be found out.
    Raises InvalidFilter or InvalidParameter: where, what was found, what was expected; LimitExceeded for a shape of
    more points than ``max_points`` allows.
    """
    selection = ALL_PROPERTIES if text.select is None else bind_select(text.select, entity_type, max_points)
    has_distance = text.spatial_filter is not None
    return BoundQuery(
        spatial,
        None if text.filter is None else bind_filter(parse_filter(text.filter), entity_type),
        () if text.orderby is None else bind_order(text.orderby, entity_type, distance_defined=has_distance),
        bind_page(text.top, text.page_size, text.max_page_size),
        bind_skip(text.skip),
        bind_count(text.inlinecount),
        selection.names,
        selection.distance and has_distance,
        selection.unknown_names,
        selection.intersection,
    )


def bind_filter(tree: Expression, entity_type: EntityType) -> Predicate:
    """Hold a filter against an entity type. Raises InvalidFilter for an unknown name or an impossible comparison."""
    match tree:
        case Comparison(name, comparator, literal):
            return _bind_comparison(_find(name, entity_type), comparator, literal)
        case Membership(name, literals):
            return _bind_membership(_find(name, entity_type), literals)
        case TextCall():
            return _bind_call(tree, entity_type)
        case Negation(operand):
            bound = bind_filter(operand, entity_type)
            return bound.operand if isinstance(bound, Not) else Not(bound)
        case Conjunction(operands):
            return And(tuple(bind_filter(operand, entity_type) for operand in operands))
        case Disjunction(operands):
            return Or(tuple(bind_filter(operand, entity_type) for operand in operands))


def _find(name: WrittenName, entity_type: EntityType) -> Property:
    declared = entity_type.find(name.text)
    if declared is None:
        expected = f"the name of a property of the entity type {entity_type.name}"
        raise InvalidFilter(PARAMETER, name.text, expected, position=name.position)
    if is_coordinate(declared):
        expected = "a property other than Latitude and Longitude, which only spatialFilter can filter by"
        raise InvalidFilter(PARAMETER, name.text, expected, position=name.position)
    return declared


def _bind_comparison(declared: Property, comparator: Comparator, literal: WrittenLiteral) -> Predicate:
    if literal.kind is LiteralKind.NULL:
        return _bind_null(declared, comparator, literal)
    match declared.type:
        case EdmType.STRING:
            return _compare_text(declared, comparator, literal.text)
        case EdmType.INT64:
            return _compare_integer(declared, comparator, _required(to_decimal(literal), declared, literal))
        case EdmType.DOUBLE:
            return Compare(declared, comparator, _required(to_double(literal), declared, literal))
        case EdmType.BOOLEAN:
            return Compare(declared, comparator, _required(to_boolean(literal), declared, literal))
        case EdmType.DATETIME:
            return Compare(declared, comparator, _required(to_ticks(literal), declared, literal))
        case EdmType.GEOGRAPHY:
            raise _inconvertible(declared, literal)


def _bind_null(declared: Property, comparator: Comparator, literal: WrittenLiteral) -> Predicate:
    if comparator is Comparator.EQ:
        return IsMissing(declared)
    if comparator is Comparator.NE:
        return Not(IsMissing(declared))
    expected = f"a value after {comparator}; only eq and ne test for null"
    raise InvalidFilter(PARAMETER, literal.text, expected, position=literal.position)


def _compare_text(declared: Property, comparator: Comparator, text: str) -> Predicate:
    if text == "" and comparator is Comparator.EQ:
        return IsMissing(declared)
    if text == "" and comparator is Comparator.NE:
        return Not(IsMissing(declared))
    return Compare(declared, comparator, text)


def _compare_integer(declared: Property, comparator: Comparator, number: Decimal) -> Predicate:
    """Compare mathematically, also with fractions and beyond 64 bits, so that engines see neither."""
    # Just outside is as good as far outside, and floor would write out 1e999999 digit by digit.
    number = max(Decimal(_LEAST_INT64 - 1), min(Decimal(_GREATEST_INT64 + 1), number))
    whole = math.floor(number)
    if whole != number and comparator in _UPWARD:
        return _compare_integer(declared, Comparator.GE, Decimal(whole + 1))
    if whole != number and comparator in (Comparator.LT, Comparator.LE):
        return _compare_integer(declared, Comparator.LE, Decimal(whole))
    if whole == number and _LEAST_INT64 <= whole <= _GREATEST_INT64:
        return Compare(declared, comparator, whole)
    if comparator in (Comparator.EQ, Comparator.NE):
        return Constant(comparator is Comparator.NE)
    every_value_satisfies = (comparator in _UPWARD) is (whole < 0)
    return Not(IsMissing(declared)) if every_value_satisfies else Constant(False)


def _bind_membership(declared: Property, literals: tuple[WrittenLiteral, ...]) -> Predicate:
    tests = [_bind_comparison(declared, Comparator.EQ, literal) for literal in literals]
    values: frozenset[Literal] = frozenset(test.value for test in tests if isinstance(test, Compare))
    missing = any(isinstance(test, IsMissing) for test in tests)
    if not values:
        return IsMissing(declared) if missing else Constant(False)
    if len(values) == 1 and not missing:
        return Compare(declared, Comparator.EQ, *values)
    return IsIn(declared, values, missing)


def _bind_call(call: TextCall, entity_type: EntityType) -> Predicate:
    declared = _find(call.name, entity_type)
    if declared.type is not EdmType.STRING:
        expected = f"a property of type Edm.String for {call.test}; {declared.name} is {declared.type}"
        raise InvalidFilter(PARAMETER, call.name.text, expected, position=call.name.position)
    if call.literal.kind is LiteralKind.NULL:
        expected = f"the text that {call.test} looks for"
        raise InvalidFilter(PARAMETER, call.literal.text, expected, position=call.literal.position)
    return TestText(declared, call.test, call.literal.text)


def _required(value: Value | None, declared: Property, literal: WrittenLiteral) -> Value:
    if value is None:
        raise _inconvertible(declared, literal)
    return value


def _inconvertible(declared: Property, literal: WrittenLiteral) -> InvalidFilter:
    expected = f"{_EXPECTED[declared.type]}, because {declared.name} is {declared.type}"
    return InvalidFilter(PARAMETER, literal.text, expected, position=literal.position)
