"""Open snapshots, kept for the next query."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")


class RecentlyUsed(Generic[T]):
    """Keeps what was used last; at most ``capacity``. What is dropped lives on for whoever still holds it."""

    def __init__(self, capacity: int, make: Callable[[str], T]) -> None:
        self._capacity = capacity
        self._make = make
        self._kept: OrderedDict[str, T] = OrderedDict()
        self._lock = Lock()

    def get(self, name: str) -> T:
        """Return what ``name`` stands for, made now if it is not kept. Raises what making raises."""
        with self._lock:
            kept = self._kept.get(name)
            if kept is not None:
                self._kept.move_to_end(name)
                return kept
        made = self._make(name)
        with self._lock:
            self._kept[name] = made
            while len(self._kept) > self._capacity:
                self._kept.popitem(last=False)
        return made

    def drop(self, name: str) -> None:
        """Keep ``name`` no longer."""
        with self._lock:
            self._kept.pop(name, None)
