"""Open snapshots, kept for the next query."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")


class RecentlyUsed(Generic[T]):
    """Keeps what was used last; at most ``capacity``. What is dropped lives on for whoever still holds it."""

    def __init__(self, capacity: int, make: Callable[[str], T], is_current: Callable[[str], bool]) -> None:
        """``make`` makes what a name stands for; ``is_current`` tells whether that is still worth keeping."""
        self._capacity = capacity
        self._make = make
        self._is_current = is_current
        self._kept: OrderedDict[str, T] = OrderedDict()
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
        with self._lock:
            for kept_name in [kept_name for kept_name in self._kept if not self._is_current(kept_name)]:
                del self._kept[kept_name]
            self._kept[name] = made
            while len(self._kept) > self._capacity:
                self._kept.popitem(last=False)
        return made

    def drop(self, name: str) -> None:
        """Keep ``name`` no longer."""
        with self._lock:
            self._kept.pop(name, None)
