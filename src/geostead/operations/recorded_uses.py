"""Who uses what how much: counted in memory by the requests, and written into the catalog in batches.

A request must not wait for the catalog to be told of it, nor fail because it cannot be; and a query takes some 25
microseconds, so that counting it may take a quarter of one. So each process counts in a dictionary of bounded size, and
without a lock: the thread that writes puts an empty one in its place, and writes the full one down when it comes round
again, long after the last request has let go of it. A process that is killed takes what it has counted since with it.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from geostead.catalog.uses_port import Uses
from geostead.errors import Unavailable
from geostead.model.usage_count import UsageCount

WRITE_S = 15.0
"""Pause between two rounds: what is counted in one is written down at the end of the next."""
MAX_KINDS = 20_000
"""Kinds of requests that are counted side by side; while the catalog is away others are not."""

_log = logging.getLogger(__name__)


Use = tuple[str, str, str, str]
"""One kind of requests: the id of their key, the id of the account that owns the data source (or else the key), the
name of the data source ('' for requests that are about none), and the operation. Not named: queries make many."""


class UseCounter(Protocol):
    """Where requests are counted, on the thread of the event loop. Waits for nobody and raises nothing."""

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
    """Counts requests and writes them into the catalog on a thread of its own.

    Requests are counted on one thread, the one of the event loop.
    """

    def __init__(self, catalog: Uses, now: Callable[[], datetime], *, write_s: float = WRITE_S) -> None:
        """Begin; ``write_s`` is the pause between two rounds of writing."""
        self._catalog = catalog
        self._now = now
        self._write_s = write_s
        self._counts: dict[Use, int] = {}
        self._full: dict[Use, int] = {}
        self._unwritten: Counter[Use] = Counter()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._write_on, name="uses", daemon=True)
        self._thread.start()

    def add(self, use: Use) -> None:
        """Count a request that was answered."""
        counts = self._counts
        known = counts.get(use)
        if known is not None:
            counts[use] = known + 1
        elif len(counts) < MAX_KINDS:
            counts[use] = 1

    def close(self) -> None:
        """Write down what has been counted, and end. Nothing may be counted any more."""
        self._ended.set()
        self._thread.join()

    def _write_on(self) -> None:
        while not self._ended.wait(self._write_s):
            self.write()
        self.write()
        self.write()

    def write(self) -> None:
        """Write down what was counted before the last call, and keep it where the catalog does not answer."""
        full, self._full, self._counts = self._full, self._counts, {}
        for use, count in full.items():
            if use in self._unwritten or len(self._unwritten) < MAX_KINDS:
                self._unwritten[use] += count
        try:
            self._record(list(self._unwritten))
        except Unavailable as error:
            _log.warning("Could not write down how much is used; it is kept for later: %s", error)

    def _record(self, uses: Sequence[Use]) -> None:
        """Write uses down and let go of them; of a batch that the catalog does not take, all that it does take."""
        if not uses:
            return
        error = self._refusal_of(uses)
        if error is not None and len(uses) > 1:
            middle = len(uses) // 2
            self._record(uses[:middle])
            self._record(uses[middle:])
            return
        if error is not None:
            _log.error("Could not write down a use, which is left out: %r", uses[0], exc_info=error)
        for use in uses:
            del self._unwritten[use]

    def _refusal_of(self, uses: Sequence[Use]) -> Exception | None:
        """Write uses down in one batch; return why the catalog does not take them. Raises Unavailable."""
        try:
            self._add(uses)
        except Unavailable:
            raise
        except Exception as error:
            return error
        return None

    def _add(self, uses: Sequence[Use]) -> None:
        now = self._now()
        requests: Counter[tuple[str, str, str]] = Counter()
        for use in uses:
            requests[use[1:]] += self._unwritten[use]
        written = [
            UsageCount(account_id, now.date(), name, operation, count)
            for (account_id, name, operation), count in requests.items()
        ]
        self._catalog.add_uses(written, {key_id: now for key_id, *_ in uses})
