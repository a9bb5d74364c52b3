"""Remembers what queries looked up, for as long as nobody commits anything to the catalog."""

from __future__ import annotations

import threading
from collections.abc import Callable

from geostead.catalog.base import QueryTarget
from geostead.catalog.database import Watch

MAX_TARGETS = 1024

Targets = dict[tuple[str, str, str], QueryTarget]
"""By access id, data source name (both in lower case) and digest of the key."""


class TargetMemo(threading.local):
    """What each thread looked up; every thread has its own watch and its own memory, so that none waits.

    The revision is read before a look-up is made. What a look-up finds is therefore at least as new as the revision
    that it is kept under, and is forgotten as soon as that revision has passed.
    """

    def __init__(self, open_watch: Callable[[], Watch]) -> None:
        self._open_watch = open_watch
        self._watch: Watch | None = None
        self._revision = 0
        self._targets: Targets = {}

    def current(self) -> Targets:
        """Return what is known as of now; the caller adds what it looks up next. Raises Unavailable."""
        if self._watch is None:
            self._watch = self._open_watch()
        revision = self._watch.revision()
        if revision != self._revision or len(self._targets) >= MAX_TARGETS:
            self._targets.clear()
            self._revision = revision
        return self._targets
