"""Counts of a node that has many processes.

Each process counts in its memory and writes all that it has counted into a file of its own, every second. Whichever
process is asked adds the files up. The file of a process that has died stays: its counts go on counting, and only what
it counted in its last second is lost. The folder belongs to one run of the node; whoever starts the processes makes it
and takes it away.

``prometheus_client`` has a mode for many processes too, but it takes the time of two microseconds for each
observation, wants a variable set before it is imported, and has no public way to add many observations at once.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections import Counter
from collections.abc import Sequence
from operator import itemgetter
from pathlib import Path
from secrets import token_hex
from typing import Any

import orjson

from geostead.telemetry.measures import BOUNDS_S, REQUEST_SECONDS, REQUESTS, Measure
from geostead.telemetry.numbers import Histogram, Numbers, Series, together
from geostead.telemetry.own_process import OwnProcess, Role, of_processes
from geostead.telemetry.request_counts import STATUSES, RequestCounts

WRITE_S = 1.0
"""Pause between two times that a process writes what it has counted."""
_ENDING = ".json"

_log = logging.getLogger(__name__)


class NodeMeters:
    """Implements :class:`geostead.telemetry.meters.Meters` for one of the processes of a node."""

    def __init__(self, role: Role, folder: Path | None) -> None:
        """``folder`` is the one of the node; None if this process is all of it."""
        self._process = OwnProcess(role)
        self._file = None if folder is None else folder / f"{os.getpid()}-{token_hex(4)}{_ENDING}"
        self._counters: Counter[Series] = Counter()
        self._histograms: dict[Series, Histogram] = {}
        self._gauges: dict[Series, float] = {}
        self._gauges_at = 0.0
        self._requests: dict[str, RequestCounts] = {}
        self._lock = threading.Lock()
        self._ended = threading.Event()
        if folder is not None:
            self._write()
            self._thread = threading.Thread(target=self._write_on, name="meters", daemon=True)
            self._thread.start()

    def add(self, measure: Measure, *labels: str, amount: float = 1) -> None:
        """Add to a counter; one value for each of its labels."""
        with self._lock:
            self._counters[measure.name, *labels] += amount  # type: ignore[assignment]  # stubs: whole numbers only

    def set(self, measure: Measure, value: float) -> None:
        """Set a gauge of the node: whoever of its processes set it last is right."""
        with self._lock:
            self._gauges[(measure.name,)] = value
            self._gauges_at = time.time()

    def observe(self, measure: Measure, *labels: str, seconds: float) -> None:
        """Add to a histogram."""
        bounds = BOUNDS_S[measure.name]
        place = sum(seconds > bound for bound in bounds)
        one = Histogram([int(number == place) for number in range(len(bounds) + 1)], seconds)
        with self._lock:
            known = self._histograms.get((measure.name, *labels))
            self._histograms[measure.name, *labels] = one if known is None else known.plus(one)

    def requests(self, operation: str) -> RequestCounts:
        """Return where the requests of an operation are counted."""
        with self._lock:
            return self._requests.setdefault(operation, RequestCounts())

    def of_node(self) -> Numbers:
        """Return what all processes of this node have counted: the others as of a second ago."""
        if self._file is None:
            return _of_all([self._content()])
        self._write()
        return read_node(self._file.parent)

    def close(self) -> None:
        """Hand over what has been counted."""
        if self._file is not None:
            self._ended.set()
            self._thread.join()

    def _write_on(self) -> None:
        while not self._ended.wait(WRITE_S):
            self._write()
        self._write()

    def _write(self) -> None:
        """Replace the file at once, so that nobody ever reads half of it."""
        assert self._file is not None
        new = self._file.with_suffix(f".{threading.get_ident()}")
        try:
            new.write_bytes(orjson.dumps(self._content()))
            new.replace(self._file)
        except OSError as error:  # the disk may be full: counting must not be what ends a request
            _log.debug("Could not write what was counted: %s", error)

    def _content(self) -> dict[str, object]:
        return {
            "process": self._process.measure(),
            "gauges_at": self._gauges_at,
            "numbers": self._numbers().to_dict(),
        }

    def _numbers(self) -> Numbers:
        with self._lock:
            numbers = Numbers(dict(self._counters), dict(self._histograms), dict(self._gauges))
            requests = list(self._requests.items())
        for operation, counts in requests:
            found = zip(STATUSES, counts.statuses, strict=True)
            numbers.counters.update({(REQUESTS.name, operation, status): count for status, count in found if count})
            if any(counts.statuses):
                numbers.histograms[REQUEST_SECONDS.name, operation] = Histogram(list(counts.buckets), counts.seconds)
        return numbers


def read_node(folder: Path) -> Numbers:
    """Return what all processes counted that write into the folder of a node, dead ones included."""
    return _of_all([orjson.loads(file.read_bytes()) for file in sorted(folder.glob(f"*{_ENDING}"))])


def _of_all(contents: Sequence[dict[str, Any]]) -> Numbers:
    newest_last = sorted(contents, key=itemgetter("gauges_at"))
    counted = together(Numbers.from_dict(content["numbers"]) for content in newest_last)
    return together([counted, of_processes([content["process"] for content in contents])])
