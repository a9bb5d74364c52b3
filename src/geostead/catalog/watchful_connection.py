"""A connection to PostgreSQL that waits long for a server that works, and not for one that stands still.

A statement may wait for another's lock, or copy much, and then an answer takes its time. A server that was stopped, or
whose network is gone, says as little. So whoever has waited for some seconds finds out whether it lets anybody in.
"""

from __future__ import annotations

import time
from typing import Any, TypeVar

import psycopg
from psycopg.abc import PQGen
from psycopg.waiting import Ready

from geostead.postgresql.connections import BoundedConnection, NoAnswer

RV = TypeVar("RV")

QUIET_S = 5.0
"""How long an answer is waited for before the server is tried, and between two trials."""
TRIAL_S = 2
"""How long it has to let us in, which libpq counts in whole seconds."""


class WatchfulConnection(BoundedConnection):
    """Gives up a server that lets nobody in, after about :data:`QUIET_S` and :data:`TRIAL_S`."""

    def wait(self, gen: PQGen[RV], interval: float = 0.1, timeout: float | None = None) -> RV:
        """Wait as a bounded connection does. Raises NoAnswer, and is closed, also where nobody is let in meanwhile."""
        return super().wait(self._watched(gen) if timeout is None else gen, interval, timeout)

    def _watched(self, gen: PQGen[RV]) -> PQGen[RV]:
        try_at_s = time.monotonic() + QUIET_S
        try:
            wanted = next(gen)
            while True:
                ready = yield wanted
                if ready == Ready.NONE and time.monotonic() >= try_at_s:
                    self._try_server()
                    try_at_s = time.monotonic() + QUIET_S
                wanted = gen.send(ready)
        except StopIteration as end:
            result: RV = end.value
            return result

    def _try_server(self) -> None:
        parameters: dict[str, Any] = {**self.info.get_parameters(), "connect_timeout": TRIAL_S}
        try:
            psycopg.connect(**parameters, password=self.info.password).close()
        except psycopg.OperationalError as error:
            if "FATAL" not in str(error):  # else the server itself said why it does not let us in
                raise NoAnswer("the server lets nobody in") from error
