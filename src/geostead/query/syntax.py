"""The tree of a ``$filter`` as it was written: nothing is known yet of the entity type (query-language.md, section 2).

Positions are 1-based characters of the text. They serve messages and do not count when trees are compared, so that
``parse_filter(print_filter(tree)) == tree``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from geostead.query.bound import Comparator, TextTest

PARAMETER = "$filter"
TRUTH_WORDS = frozenset({"true", "false"})
RESERVED_WORDS = TRUTH_WORDS | {"null", "not"}
"""Words that cannot name a property in a filter. All others can: where they stand tells what they mean."""


class LiteralKind(StrEnum):
    """How a literal was written, which its conversion to the type of the property depends on."""

    TEXT = "text"
    NUMBER = "number"
    TRUTH = "truth"
    NULL = "null"
    INSTANT = "instant"


@dataclass(frozen=True, slots=True)
class WrittenLiteral:
    """A literal. ``text`` is what was written, without quotes, ``datetime`` and type suffix."""

    kind: LiteralKind
    text: str
    position: int = field(default=1, compare=False)


@dataclass(frozen=True, slots=True)
class WrittenName:
    """The name of a property, in whatever case."""

    text: str
    position: int = field(default=1, compare=False)


@dataclass(frozen=True, slots=True)
class Comparison:
    """``name comparator literal``; a literal that was written first has been moved to the right."""

    name: WrittenName
    comparator: Comparator
    literal: WrittenLiteral


@dataclass(frozen=True, slots=True)
class Membership:
    """``name in (literal, …)``; at least one literal."""

    name: WrittenName
    literals: tuple[WrittenLiteral, ...]


@dataclass(frozen=True, slots=True)
class TextCall:
    """``startswith(name, literal)`` and the like; what denies one (``eq false``) is a :class:`Negation` around it."""

    test: TextTest
    name: WrittenName
    literal: WrittenLiteral


@dataclass(frozen=True, slots=True)
class Negation:
    """``not operand``."""

    operand: Expression


@dataclass(frozen=True, slots=True)
class Conjunction:
    """``operand and operand …``; at least two."""

    operands: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Disjunction:
    """``operand or operand …``; at least two."""

    operands: tuple[Expression, ...]


Expression = Comparison | Membership | TextCall | Negation | Conjunction | Disjunction


def print_filter(tree: Expression) -> str:
    """Write a tree as the text of a ``$filter``."""
    match tree:
        case Comparison(name, comparator, literal):
            return f"{name.text} {comparator} {_print_literal(literal)}"
        case Membership(name, literals):
            return f"{name.text} in ({','.join(map(_print_literal, literals))})"
        case TextCall(test, name, literal):
            return f"{test}({name.text},{_print_literal(literal)})"
        case Negation(operand):
            return f"not {_print_operand(operand)}"
        case Conjunction(operands):
            return " and ".join(map(_print_operand, operands))
        case Disjunction(operands):
            return " or ".join(print_filter(o) if isinstance(o, Conjunction) else _print_operand(o) for o in operands)


def _print_operand(tree: Expression) -> str:
    """Put parentheses around what would otherwise fall apart or melt into its surroundings."""
    text = print_filter(tree)
    return f"({text})" if isinstance(tree, Conjunction | Disjunction) else text


def _print_literal(literal: WrittenLiteral) -> str:
    match literal.kind:
        case LiteralKind.TEXT:
            return "'" + literal.text.replace("'", "''") + "'"
        case LiteralKind.INSTANT:
            return f"datetime'{literal.text}'"
        case LiteralKind.NUMBER | LiteralKind.TRUTH | LiteralKind.NULL:
            return literal.text
