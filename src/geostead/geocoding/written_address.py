"""An address as it is written: its parts, their words, and every run of words that may be a name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from geostead.geocoding.folding import fold

MAX_CHARACTERS = 500
MAX_WORDS = 40
MAX_WORDS_IN_NAME = 8

_SEPARATORS = re.compile(r"[,;\r\n،、，；]")  # noqa: RUF001  # commas and semicolons of other scripts


class Span(NamedTuple):
    """A run of words within a part: the numbers of the part, of the first word and of the word after the last."""

    part: int
    start: int
    end: int

    @property
    def words(self) -> frozenset[tuple[int, int]]:
        """Return each word as the number of its part and its own."""
        return frozenset((self.part, word) for word in range(self.start, self.end))


@dataclass(frozen=True, slots=True)
class WrittenAddress:
    """The words of each part, folded; parts are what commas separate. No part is empty."""

    parts: tuple[tuple[str, ...], ...]

    def spans(self) -> Iterator[tuple[Span, str]]:
        """Return every run of words that a name may have, with the key to look it up by."""
        for number, words in enumerate(self.parts):
            for start in range(len(words)):
                for end in range(start + 1, min(len(words), start + MAX_WORDS_IN_NAME) + 1):
                    yield Span(number, start, end), " ".join(words[start:end])

    def has_number(self, part: int, word: int) -> bool:
        """Return whether a word has a digit, as house numbers and postal codes do."""
        return any(character.isdigit() for character in self.parts[part][word])


def read_address(text: str) -> WrittenAddress | None:
    """Take an address apart, None if it is empty or longer than any address is."""
    if len(text) > MAX_CHARACTERS:
        return None
    parts = tuple(words for part in _SEPARATORS.split(text) if (words := fold(part)))
    return WrittenAddress(parts) if 0 < sum(map(len, parts)) <= MAX_WORDS else None
