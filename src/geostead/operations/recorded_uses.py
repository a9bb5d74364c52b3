"""Who uses what how much: counted in memory by the requests, and written into the catalog in batches.

A request must not wait for the catalog to be told of it, nor fail because it cannot be. So each process counts in a
dictionary of bounded size and writes it down every half minute, and when it ends. A process that is killed takes what
it has counted in between with it.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple, Protocol

from geostead.catalog.uses_port import Uses
from geostead.errors import Unavailable
from geostead.model.usage_count import UsageCount

WRITE_S = 30.0
"""Pause between two times that a process writes down what it has counted."""
MAX_KINDS = 20_000
"""Kinds of requests that are counted side by side; while the catalog is away others are not."""

_log = logging.getLogger(__name__)


class Use(NamedTuple):
    """One kind of requests: with one key, for one operation on one data source."""

    key_id: str
    account_id: str
    """The account that owns the data source, or else the key."""
    data_source_name: str
    """'' for requests that are about none."""
    operation: str


class UseCounter(Protocol):
    """Where requests are counted. May be called from any thread, waits for nobody and raises nothing."""

    def add(self, use: Use) -> None:
        """Count a request that was answered."""

    def close(self) -> None:
        """Write down what has been counted."""


class NoUses:
    """Counts nothing."""

    def add(self, use: Use) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""


NO_USES = NoUses()


class RecordedUses:
    """Counts requests and writes them into the catalog on a thread of its own."""

    def __init__(self, catalog: Uses, now: Callable[[], datetime], *, write_s: float = WRITE_S) -> None:
        """Begin; ``write_s`` is the pause between two times that something is written down."""
        self._catalog = catalog
        self._now = now
        self._write_s = write_s
        self._counts: Counter[Use] = Counter()
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._write_on, name="uses", daemon=True)
        self._thread.start()

    def add(self, use: Use) -> None:
        """Count a request that was answered."""
        with self._lock:
            counts = self._counts
            if use in counts:
                counts[use] += 1
            elif len(counts) < MAX_KINDS:
                counts[use] = 1

    def write(self) -> None:
        """Write down what has been counted; keep it where the catalog does not answer. Raises nothing."""
        with self._lock:
            counts, self._counts = self._counts, Counter()
        if not counts:
            return
        try:
            self._record(counts)
        except Unavailable as error:
            _log.warning("Could not write down how much is used; it is kept for later: %s", error)
            self._keep(counts)
        except Exception:
            _log.exception("Could not write down how much is used.")

    def close(self) -> None:
        """Write down what has been counted, and end."""
        self._ended.set()
        self._thread.join()

    def _write_on(self) -> None:
        while not self._ended.wait(self._write_s):
            self.write()
        self.write()

    def _record(self, counts: Counter[Use]) -> None:
        now = self._now()
        requests: Counter[tuple[str, str, str]] = Counter()
        for use, count in counts.items():
            requests[use.account_id, use.data_source_name, use.operation] += count
        written = [
            UsageCount(account_id, now.date(), name, operation, count)
            for (account_id, name, operation), count in requests.items()
        ]
        self._catalog.add_uses(written, {use.key_id: now for use in counts})

    def _keep(self, counts: Counter[Use]) -> None:
        with self._lock:
            for use, count in counts.items():
                if use in self._counts or len(self._counts) < MAX_KINDS:
                    self._counts[use] += count
