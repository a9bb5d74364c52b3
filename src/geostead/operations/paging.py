"""Lists for people, a page at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

PAGE_SIZE = 50

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ListPage(Generic[T]):
    """A page of a list."""

    listed: tuple[T, ...]
    count: int
    """How many there are, on all pages."""
    number: int
    """Which page it is, from 1."""

    @property
    def page_count(self) -> int:
        """How many pages there are; 1 or more."""
        return _page_count(self.count)


def page_of(found: Sequence[T], number: int) -> ListPage[T]:
    """Return a page of a list. ``number`` counts from 1; beyond the last page comes the last."""
    number = min(max(1, number), _page_count(len(found)))
    return ListPage(tuple(found[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]), len(found), number)


def _page_count(count: int) -> int:
    return max(1, -(-count // PAGE_SIZE))
