"""Open snapshots, kept for the next query."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")

_MARK = ""
"""Stands among what is kept where its end was at the last :meth:`RecentlyUsed.let_go_idle`. No name is empty."""


class RecentlyUsed(Generic[T]):
    """Keeps what was used last; at most ``capacity``. What is dropped lives on for whoever still holds it."""

    def __init__(self, capacity: int, make: Callable[[str], T], is_current: Callable[[str], bool]) -> None:
        """``make`` makes what a name stands for; ``is_current`` tells whether that is still worth keeping."""
        self._capacity = capacity
        self._make = make
        self._is_current = is_current
        self._kept: OrderedDict[str, T | None] = OrderedDict({_MARK: None})
        self._lock = Lock()

    def get(self, name: str) -> T:
        """Return what ``name`` stands for, made now if it is not kept. Raises what making raises.

        Whenever something is made, what is no longer current is dropped.
        """
        with self._lock:
            kept = self._kept.get(name)
            if kept is not None:
                self._kept.move_to_end(name)
                return kept
        made = self._make(name)
        self.keep(name, made)
        return made

    def find(self, name: str) -> T | None:
        """Return what is kept of that name, None if nothing is."""
        with self._lock:
            kept = self._kept.get(name)
            if kept is not None:
                self._kept.move_to_end(name)
            return kept

    def keep(self, name: str, made: T) -> None:
        """Keep what was made elsewhere; what is no longer current is dropped."""
        with self._lock:
            for kept_name in [kept for kept in self._kept if kept and not self._is_current(kept)]:
                del self._kept[kept_name]
            self._kept[name] = made
            self._kept.move_to_end(name)
            while len(self._kept) - 1 > self._capacity:
                oldest = next(kept_name for kept_name in self._kept if kept_name)
                del self._kept[oldest]

    def let_go_idle(self) -> list[str]:
        """Drop what nobody asked for since the last call of this; return the names of the rest.

        That costs those who ask nothing: whatever is asked for moves to the end, behind the mark.
        """
        with self._lock:
            names = list(self._kept)
            mark = names.index(_MARK)
            for name in names[:mark]:
                del self._kept[name]
            self._kept.move_to_end(_MARK)
            return names[mark + 1 :]

    def drop(self, name: str) -> None:
        """Keep ``name`` no longer."""
        with self._lock:
            self._kept.pop(name, None)
