"""Measure this node and the installation that it belongs to (``/metrics``)."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from geostead.catalog.base import Statistics
from geostead.errors import Unavailable
from geostead.operations.services import Services
from geostead.telemetry.numbers import Numbers

STATISTICS_KEPT_S = 3.0
"""How long a process uses what the catalog told once more, however many ask."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What there is to tell."""

    node: Numbers
    """What the processes of this node have counted."""
    installation: Statistics | None
    """None: the catalog does not answer."""


class Measuring:
    """Measures, and asks the catalog every few seconds at most."""

    def __init__(self, services: Services, monotonic_s: Callable[[], float] = time.monotonic) -> None:
        self._services = services
        self._monotonic_s = monotonic_s
        self._lock = threading.Lock()
        self._asked_at_s: float | None = None
        self._told: Statistics | None = None

    def measure(self) -> Measured:
        """Return the numbers of now; those of the catalog as of :data:`STATISTICS_KEPT_S` ago at most."""
        return Measured(self._services.meters.of_node(), self._statistics())

    def close(self) -> None:
        """Give the connections to the catalog back."""
        self._services.close()
        self._services.meters.close()

    def _statistics(self) -> Statistics | None:
        with self._lock:
            now_s = self._monotonic_s()
            if self._asked_at_s is None or now_s - self._asked_at_s >= STATISTICS_KEPT_S:
                try:
                    self._told = self._services.catalog.statistics()
                except Unavailable:
                    self._told = None
                self._asked_at_s = self._monotonic_s()
            return self._told
