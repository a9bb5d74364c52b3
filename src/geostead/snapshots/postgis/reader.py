"""Whom to ask: a replica where there is one, has the table and answers; else the primary."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Any, TypeVar

import psycopg

from geostead.errors import SnapshotMissing, Unavailable
from geostead.snapshots.postgis.server import Server, TookTooLong

T = TypeVar("T")

_REST_S = 5.0
"""How long a replica that did not answer is left alone: waiting for it would cost every query some seconds."""


class Reader:
    """Reads from one of two servers with the same tables. Threads may share it."""

    def __init__(self, primary: Server, replica: Server | None) -> None:
        self._primary = primary
        self._replica = replica
        self._rests_until = 0.0

    def read(self, work: Callable[[psycopg.Connection[Any]], T], within_s: float = math.inf) -> T:
        """Run what only reads. Raises Unavailable, also after ``within_s``; SnapshotMissing without such a table.

        A replica is some moments behind: what has not arrived there yet is on the primary.
        """
        ends_at_s = time.monotonic() + within_s
        if self._replica is not None and time.monotonic() >= self._rests_until:
            try:
                return self._replica.read(work, ends_at_s)
            except SnapshotMissing:
                pass
            except TookTooLong:
                raise
            except Unavailable:
                self._rests_until = time.monotonic() + _REST_S
        return self._primary.read(work, ends_at_s)
