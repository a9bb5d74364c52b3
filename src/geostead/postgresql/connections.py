"""Connections that wait for nothing without an end, and what their errors tell."""

from __future__ import annotations

import math
import time
from typing import Any, TypeVar

import psycopg
from psycopg import errors, pq
from psycopg.abc import PQGen

RV = TypeVar("RV")

CONNECT_S = 5
"""How long connecting to one address may take, where a URL does not say otherwise."""
DEFAULTS: dict[str, Any] = {
    "application_name": "geostead",
    "connect_timeout": CONNECT_S,
    "keepalives": 1,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,
}
"""Parameters of a connection that a URL does not give: a peer that is gone is noticed within half a minute."""

_AWAY = frozenset(("08", "40", "53", "57", "58"))
"""Classes of error codes (PostgreSQL's manual, appendix A) of what passes: lost connections, conflicts with others, a
lack of resources, the operator's interventions, the system's errors. Others come back however often one asks."""


class NoAnswer(psycopg.OperationalError):
    """The server did not answer in the time that the connection gives it. What it was asked may have been done."""


class BoundedConnection(psycopg.Connection[Any]):
    """A connection whose every wait for the server ends.

    A server that is stopped, not gone, would never answer, nor would it end anything.
    """

    answer_s: float = 30.0
    """How long an answer is waited for, in seconds."""
    ends_at_s: float = math.inf
    """When all answers that are needed have to be there, by :func:`time.monotonic`."""

    def wait(self, gen: PQGen[RV], interval: float = 0.1, timeout: float | None = None) -> RV:
        """Wait as psycopg does, but only for :attr:`answer_s`, to :attr:`ends_at_s`. Raises NoAnswer, and is closed."""
        answer_s = min(self.answer_s, max(self.ends_at_s - time.monotonic(), 0.01))
        try:
            return super().wait(gen, interval, answer_s if timeout is None else timeout)
        except psycopg.OperationalError as error:
            is_waiting = error.sqlstate is None and self.pgconn.transaction_status == pq.TransactionStatus.ACTIVE
            if timeout is not None or not is_waiting:
                raise
            self.close()
            raise NoAnswer("the server did not answer in time") from error


def is_outage(error: BaseException) -> bool:
    """Tell whether an error of the driver says that the server cannot answer now, and may do so later."""
    if isinstance(error, errors.LockNotAvailable):
        return True
    if not isinstance(error, psycopg.OperationalError | psycopg.InterfaceError):
        return False
    return error.sqlstate is None or error.sqlstate[:2] in _AWAY
