"""From the text of a ``$filter`` to its tokens (query-language.md, section 2)."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import NamedTuple

from geostead.errors import InvalidFilter
from geostead.model.limits import MAX_STRING_LENGTH
from geostead.query.bound import TextTest
from geostead.query.syntax import PARAMETER


class TokenKind(StrEnum):
    """The sorts of tokens."""

    WORD = "word"
    NUMBER = "number"
    TEXT = "text"
    INSTANT = "instant"
    OPEN = "open"
    CLOSE = "close"
    COMMA = "comma"
    END = "end"


class Token(NamedTuple):
    """One token. ``text`` of a literal is without quotes, ``datetime`` and type suffix."""

    kind: TokenKind
    text: str
    position: int
    """1-based character where the token begins, quotes included."""


FUNCTIONS: dict[str, TextTest] = {test.value: test for test in TextTest}
NEGATED_FUNCTIONS: dict[str, TextTest] = {f"not{test.value}": test for test in TextTest}
END_TEXT = "the end"

# Possessive quantifiers throughout: no text makes this expression look at a character more than a few times.
_TOKEN = re.compile(
    r"""(\s*+)(?:
      (?i:datetime)'(?P<quoted_instant>[^']*+)'
    | (?P<instant>[0-9]{4}-[0-9]{2}-[0-9]{2}
        (?:[Tt][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]++)?)?
            (?:[Zz]|[+-][0-9]{2}:?[0-9]{2}|[ ][0-9]{2}:[0-9]{2})?)?)
    | (?P<number>[+-]?(?:[0-9]++(?:\.[0-9]*+)?|\.[0-9]++)(?:[eE][+-]?[0-9]++)?)(?:[LlMmDdFf](?![A-Za-z0-9_]))?
    | (?P<word>[A-Za-z_][A-Za-z0-9_]*+)
    | '(?P<text>[^']*+(?:''[^']*+)*+)'
    | (?P<open>\()
    | (?P<close>\))
    | (?P<comma>,)
    | (?P<end>\Z)
    )""",
    re.VERBOSE,
)

# startsWith(Name,''Al''): Microsoft's own client quotes twice. Bounded by the longest value that a string can have.
_TWICE_QUOTED = re.compile(rf"(\s*+)''(?!'|\s*+\))(.{{0,{MAX_STRING_LENGTH}}}?)''(?=\s*+\))", re.DOTALL)

_KINDS = {kind.value: kind for kind in TokenKind} | {"quoted_instant": TokenKind.INSTANT}


def tokenize(text: str) -> Iterator[Token]:
    """Cut a filter into tokens as they are asked for; the last one is the end.

    Raises InvalidFilter at a character that begins none.
    """
    recent: deque[Token] = deque(maxlen=4)
    offset = 0
    while not recent or recent[-1].kind is not TokenKind.END:
        found = _TWICE_QUOTED.match(text, offset) if _at_argument(recent) else None
        if found is not None:
            kind, content = TokenKind.TEXT, found[2].replace("''", "'")
        else:
            found = _TOKEN.match(text, offset)
            if found is None or found.lastgroup is None:
                raise _unreadable(text, offset)
            kind, content = _KINDS[found.lastgroup], _content(found[found.lastgroup], found.lastgroup)
        recent.append(Token(kind, content, found.end(1) + 1))
        yield recent[-1]
        offset = found.end()


def _content(written: str, group: str) -> str:
    if group == "text":
        return written.replace("''", "'")
    return END_TEXT if group == "end" else written


def _at_argument(tokens: Sequence[Token]) -> bool:
    """Tell by the last four tokens whether the second argument of a function is next."""
    if len(tokens) < 4 or tokens[-1].kind is not TokenKind.COMMA or tokens[-3].kind is not TokenKind.OPEN:
        return False
    function = tokens[-4].text.lower()
    return function in FUNCTIONS or function in NEGATED_FUNCTIONS


def _unreadable(text: str, offset: int) -> InvalidFilter:
    position = offset + len(text[offset:]) - len(text[offset:].lstrip())
    character = text[position]
    expected = "a closing quote for the text that begins here" if character == "'" else "a name, a literal or a keyword"
    found = text[position:] if character == "'" else character
    return InvalidFilter(PARAMETER, found, expected, position=position + 1)
