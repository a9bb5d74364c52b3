"""From the text of a ``$filter`` to its tree, by recursive descent (query-language.md, section 2)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from geostead.errors import InvalidFilter
from geostead.query.bound import Comparator
from geostead.query.characters import find_lone_surrogate
from geostead.query.convert import to_boolean
from geostead.query.lexer import FUNCTIONS, NEGATED_FUNCTIONS, Token, TokenKind, tokenize
from geostead.query.syntax import (
    PARAMETER,
    RESERVED_WORDS,
    TRUTH_WORDS,
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

MAX_DEPTH = 100
"""Parentheses and ``not`` within each other."""

MAX_CONDITIONS = 1_000
"""Comparisons, lists and functions in one filter: each costs a look at every entity that space lets through."""

_LONGEST_CACHED_TEXT = 2_000
_COMPARATORS = {comparator.value: comparator for comparator in Comparator}
_FLIPPED = {
    Comparator.EQ: Comparator.EQ,
    Comparator.NE: Comparator.NE,
    Comparator.GT: Comparator.LT,
    Comparator.GE: Comparator.LE,
    Comparator.LT: Comparator.GT,
    Comparator.LE: Comparator.GE,
}
_LITERAL_KINDS = {
    TokenKind.TEXT: LiteralKind.TEXT,
    TokenKind.NUMBER: LiteralKind.NUMBER,
    TokenKind.INSTANT: LiteralKind.INSTANT,
}
_EXPECTED_OPERAND = "the name of a property, a literal, startswith, endswith, contains, not or ("
_EXPECTED_LITERAL = "a literal: 'text', a number, true, false, null or datetime'…'"
_EXPECTED_COMPARATOR = "eq, ne, gt, ge, lt or le"


def parse_filter(text: str) -> Expression:
    """Read a filter. Raises InvalidFilter with the position where reading stopped and what was expected there."""
    return _parse_cached(text) if len(text) <= _LONGEST_CACHED_TEXT else _parse(text)


def _parse(text: str) -> Expression:
    surrogate = find_lone_surrogate(text)
    if surrogate is not None:
        raise InvalidFilter(PARAMETER, text[surrogate - 1], "Unicode characters", position=surrogate)
    reader = _Reader(tokenize(text))
    tree = reader.read_disjunction()
    reader.expect(TokenKind.END, "and, or, or the end")
    return tree


# Applications send the same few filters over and over; the tree is frozen and can be shared.
_parse_cached = lru_cache(maxsize=512)(_parse)


class _Reader:
    """Reads tokens from left to right; each method reads one rule of the grammar."""

    def __init__(self, tokens: Iterator[Token]) -> None:
        self._rest = tokens
        self._next = next(tokens)
        self._depth = 0
        self._conditions = 0

    def read_disjunction(self) -> Expression:
        operands = [self._read_conjunction()]
        while self._skip_word("or"):
            operands.append(self._read_conjunction())
        return Disjunction(tuple(operands)) if len(operands) > 1 else operands[0]

    def expect(self, kind: TokenKind, expected: str) -> Token:
        token = self._take()
        if token.kind is not kind:
            raise _unexpected(token, expected)
        return token

    def _read_conjunction(self) -> Expression:
        operands = [self._read_negation()]
        while self._skip_word("and"):
            operands.append(self._read_negation())
        return Conjunction(tuple(operands)) if len(operands) > 1 else operands[0]

    def _read_negation(self) -> Expression:
        outer_depth = self._depth
        while self._skip_word("not"):
            self._descend()
        negations = self._depth - outer_depth
        tree = self._read_operand()
        for _ in range(negations):
            tree = Negation(tree)
        self._depth = outer_depth
        return tree

    def _read_operand(self) -> Expression:
        if self._next.kind is not TokenKind.OPEN:
            return self._read_predicate()
        self._descend()
        self._take()
        tree = self.read_disjunction()
        self.expect(TokenKind.CLOSE, "and, or, or )")
        self._depth -= 1
        return tree

    def _read_predicate(self) -> Expression:
        self._conditions += 1
        if self._conditions > MAX_CONDITIONS:
            raise _unexpected(self._next, f"at most {MAX_CONDITIONS} comparisons, lists and functions in one filter")
        token = self._take()
        literal = _as_literal(token)
        if literal is not None:
            comparator = self._read_comparator(_EXPECTED_COMPARATOR, token)
            return Comparison(self._read_name(), _FLIPPED[comparator], literal)
        if token.kind is not TokenKind.WORD:
            raise _unexpected(token, _EXPECTED_OPERAND)
        if self._next.kind is TokenKind.OPEN:
            return self._read_call(token)
        name = WrittenName(token.text, token.position)
        if self._skip_word("in"):
            return Membership(name, self._read_list())
        comparator = self._read_comparator(f"{_EXPECTED_COMPARATOR}, or in", token)
        return Comparison(name, comparator, self._read_literal())

    def _read_call(self, function: Token) -> Expression:
        word = function.text.lower()
        test = FUNCTIONS.get(word) or NEGATED_FUNCTIONS.get(word)
        if test is None:
            raise _unexpected(function, "startswith, endswith or contains before a parenthesis")
        self._take()
        name = self._read_name()
        self.expect(TokenKind.COMMA, f"a comma and the text to look for: {word}({name.text},'text')")
        call = TextCall(test, name, self._read_literal())
        self.expect(TokenKind.CLOSE, f") after the two arguments of {word}")
        holds = self._read_outcome() if self._skip_word("eq") else True
        return call if holds is (word in FUNCTIONS) else Negation(call)

    def _read_outcome(self) -> bool:
        literal = self._read_literal()
        holds = to_boolean(literal)
        if holds is None:
            raise InvalidFilter(PARAMETER, literal.text, "true or false", position=literal.position)
        return holds

    def _read_list(self) -> tuple[WrittenLiteral, ...]:
        self.expect(TokenKind.OPEN, "( and the values after in")
        literals = [self._read_literal()]
        while self._next.kind is TokenKind.COMMA:
            self._take()
            literals.append(self._read_literal())
        self.expect(TokenKind.CLOSE, "a comma or ) after a value of in")
        return tuple(literals)

    def _read_comparator(self, expected: str, operand: Token) -> Comparator:
        token = self._take()
        comparator = _COMPARATORS.get(token.text.lower()) if token.kind is TokenKind.WORD else None
        if comparator is None:
            raise _unexpected(token, f"{expected} after {_shorten(operand.text)}")
        return comparator

    def _read_name(self) -> WrittenName:
        token = self._take()
        if token.kind is not TokenKind.WORD or token.text.lower() in RESERVED_WORDS:
            raise _unexpected(token, "the name of a property")
        return WrittenName(token.text, token.position)

    def _read_literal(self) -> WrittenLiteral:
        token = self._take()
        literal = _as_literal(token)
        if literal is None:
            raise _unexpected(token, _EXPECTED_LITERAL)
        return literal

    def _descend(self) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise _unexpected(self._next, f"at most {MAX_DEPTH} parentheses and nots within each other")

    def _take(self) -> Token:
        token = self._next
        if token.kind is not TokenKind.END:
            self._next = next(self._rest)
        return token

    def _skip_word(self, word: str) -> bool:
        if self._next.kind is not TokenKind.WORD or self._next.text.lower() != word:
            return False
        self._take()
        return True


def _as_literal(token: Token) -> WrittenLiteral | None:
    kind = _LITERAL_KINDS.get(token.kind)
    if kind is not None:
        return WrittenLiteral(kind, token.text, token.position)
    word = token.text.lower()
    if token.kind is not TokenKind.WORD or word not in RESERVED_WORDS or word == "not":
        return None
    if word in TRUTH_WORDS:
        return WrittenLiteral(LiteralKind.TRUTH, token.text, token.position)
    return WrittenLiteral(LiteralKind.NULL, word, token.position)


def _unexpected(token: Token, expected: str) -> InvalidFilter:
    return InvalidFilter(PARAMETER, token.text, expected, position=token.position)


def _shorten(text: str) -> str:
    return text if len(text) <= 50 else f"{text[:47]}..."
