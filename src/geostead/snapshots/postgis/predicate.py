"""A bound predicate as a condition of SQL. Values are always parameters.

SQL knows a third truth, and a bound predicate does not. So negations are carried down to the leaves, where what is
missing is put right; above them are only AND and OR, for which unknown is as good as false.
"""

from __future__ import annotations

from typing import assert_never

from psycopg import sql

from geostead.model.entity_type import EdmType, Property
from geostead.query.bound import (
    And,
    Comparator,
    Compare,
    Constant,
    IsIn,
    IsMissing,
    Literal,
    Not,
    Or,
    Predicate,
    TestText,
    TextTest,
)
from geostead.snapshots.postgis.arguments import Arguments
from geostead.snapshots.postgis.layout import column_of

_INT64_MIN, _INT64_MAX = -(2**63), 2**63 - 1
_NUL = "\0"
_TRUE, _FALSE = sql.SQL("TRUE"), sql.SQL("FALSE")

_OPPOSITE = {
    Comparator.EQ: Comparator.NE,
    Comparator.NE: Comparator.EQ,
    Comparator.GT: Comparator.LE,
    Comparator.GE: Comparator.LT,
    Comparator.LT: Comparator.GE,
    Comparator.LE: Comparator.GT,
}
_OPERATORS = {
    Comparator.EQ: "=",
    Comparator.NE: "<>",
    Comparator.GT: ">",
    Comparator.GE: ">=",
    Comparator.LT: "<",
    Comparator.LE: "<=",
}
# None of these knows special characters.
_TEXT_TESTS = {
    TextTest.STARTS_WITH: "starts_with({column}, {text})",
    TextTest.ENDS_WITH: "right({column}, char_length({text})) = {text}",
    TextTest.CONTAINS: "strpos({column}, {text}) > 0",
}


def condition(  # noqa: PLR0911  # a return for each form
    predicate: Predicate, arguments: Arguments, *, negated: bool = False
) -> sql.Composable:
    """Return a condition that is true where the predicate (``negated``: its negation) holds, else false or unknown."""
    match predicate:
        case And(operands):
            return _joined("OR" if negated else "AND", operands, arguments, negated=negated)
        case Or(operands):
            return _joined("AND" if negated else "OR", operands, arguments, negated=negated)
        case Not(operand):
            return condition(operand, arguments, negated=not negated)
        case Constant(value):
            return _truth(value is not negated)
        case Compare():
            return _comparison(predicate, arguments, negated=negated)
        case IsIn():
            return _membership(predicate, arguments, negated=negated)
        case IsMissing(property_):
            return _missing(property_, negated=negated)
        case TestText():
            return _text_test(predicate, arguments, negated=negated)
        case _:
            assert_never(predicate)


def _joined(word: str, operands: tuple[Predicate, ...], arguments: Arguments, *, negated: bool) -> sql.Composable:
    parts = [condition(operand, arguments, negated=negated) for operand in operands]
    return sql.SQL("({})").format(sql.SQL(f" {word} ").join(parts))


def _comparison(compare: Compare, arguments: Arguments, *, negated: bool) -> sql.Composable:
    property_, comparator, value = compare.property, compare.comparator, compare.value
    if comparator is Comparator.NE:  # missing values satisfy it, so it is a negation, too
        return _comparison(Compare(property_, Comparator.EQ, value), arguments, negated=not negated)
    if isinstance(value, str) and _NUL in value:
        return _comparison_with_nul(compare, value, arguments, negated=negated)
    if isinstance(value, int) and not _INT64_MIN <= value <= _INT64_MAX:
        always = comparator in ((Comparator.LT, Comparator.LE) if value > 0 else (Comparator.GT, Comparator.GE))
        return _missing(property_, negated=not negated) if always else _truth(negated)
    return _plain_comparison(property_, _OPPOSITE[comparator] if negated else comparator, value, arguments, negated)


def _plain_comparison(
    property_: Property, comparator: Comparator, value: Literal, arguments: Arguments, or_missing: bool
) -> sql.Composable:
    column = column_of(property_.name)
    compared = sql.SQL("{} {} {}").format(
        column, sql.SQL(_OPERATORS[comparator]), arguments.literal(value, property_.type)
    )
    if not or_missing or property_.type is EdmType.STRING:
        return compared
    return sql.SQL("({} OR {} IS NULL)").format(compared, column)


def _comparison_with_nul(compare: Compare, value: str, arguments: Arguments, *, negated: bool) -> sql.Composable:
    """Compare with a text that no value can equal: what is not after the part before its U+0000 is before the text."""
    if compare.comparator is Comparator.EQ:
        return _truth(negated)
    is_before = compare.comparator in (Comparator.LT, Comparator.LE)
    comparator = Comparator.LE if is_before is not negated else Comparator.GT
    return _plain_comparison(compare.property, comparator, value.partition(_NUL)[0], arguments, False)


def _membership(is_in: IsIn, arguments: Arguments, *, negated: bool) -> sql.Composable:
    property_, column = is_in.property, column_of(is_in.property.name)
    values = arguments.literals(filter(_is_possible, is_in.values), property_.type)
    if negated:
        is_other = sql.SQL("{} <> ALL ({})").format(column, values)
        if is_in.missing:
            return sql.SQL("({} AND {})").format(is_other, _missing(property_, negated=True))
        return sql.SQL("({} OR {} IS NULL)").format(is_other, column)
    found = sql.SQL("{} = ANY ({})").format(column, values)
    return sql.SQL("({} OR {})").format(found, _missing(property_, negated=False)) if is_in.missing else found


def _is_possible(value: Literal) -> bool:
    if isinstance(value, str):
        return _NUL not in value
    return not isinstance(value, int) or _INT64_MIN <= value <= _INT64_MAX


def _missing(property_: Property, *, negated: bool) -> sql.Composable:
    column = column_of(property_.name)
    if property_.type is EdmType.STRING:
        return sql.SQL("{} <> ''" if negated else "{} = ''").format(column)
    return sql.SQL("{} IS NOT NULL" if negated else "{} IS NULL").format(column)


def _text_test(test: TestText, arguments: Arguments, *, negated: bool) -> sql.Composable:
    if _NUL in test.text:
        return _truth(negated)
    text = arguments.literal(test.text, EdmType.STRING)
    held = sql.SQL(_TEXT_TESTS[test.test]).format(column=column_of(test.property.name), text=text)
    return sql.SQL("NOT {}").format(held) if negated else held


def _truth(value: bool) -> sql.Composable:
    return _TRUE if value else _FALSE
