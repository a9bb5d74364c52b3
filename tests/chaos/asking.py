"""Requests whose answers are counted: what came, what did not, and for how long nothing came."""

from __future__ import annotations

import threading
import time
from collections import Counter
from dataclasses import dataclass, field

import httpx

TIMEOUT_S = 120.0
"""Longer than anything is made to hang: no request is given up that may still be answered."""
PAUSE_S = 0.1


@dataclass
class Tally:
    """What all clients together were answered."""

    answers: Counter[tuple[str, str]] = field(default_factory=Counter)
    """How often, by what was asked for and the status, or the error of the connection."""
    jobs: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Jobs by kind and how they ended."""
    faults: list[str] = field(default_factory=list)
    """What must never happen, and did."""
    longest_s: dict[str, float] = field(default_factory=dict)
    """The longest time from the first failure to the next good answer, by what was asked for."""
    slowest_s: dict[str, float] = field(default_factory=dict)
    verified: Counter[str] = field(default_factory=Counter)
    _failing_since_s: dict[str, float] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def count(self, what: str, outcome: str, began_s: float, *, is_good: bool) -> None:
        """Count one answer."""
        now_s = time.monotonic()
        with self._lock:
            self.answers[what, outcome] += 1
            if is_good:
                since_s = self._failing_since_s.pop(what, now_s)
                self.longest_s[what] = max(self.longest_s.get(what, 0.0), now_s - since_s)
                self.slowest_s[what] = max(self.slowest_s.get(what, 0.0), now_s - began_s)
            else:
                self._failing_since_s.setdefault(what, began_s)

    def blame(self, fault: str) -> None:
        """Note what must never happen."""
        with self._lock:
            self.faults.append(fault)


@dataclass
class Asker:
    """Sends requests of one key through the proxy."""

    client: httpx.Client
    key: str
    tally: Tally

    def ask(
        self,
        what: str,
        method: str,
        path: str,
        parameters: dict[str, str] | None = None,
        body: bytes | None = None,
    ) -> httpx.Response | None:
        """Send a request; return the reply, or None where whether it was carried out is unknown.

        The only ways to be unavailable are 503 with ``Retry-After``, and a connection that breaks.
        """
        began_s = time.monotonic()
        query = {**(parameters or {}), "key": self.key}
        try:
            reply = self.client.request(method, f"/REST/v1{path}", params=query, content=body)
        except httpx.TransportError as error:
            self.tally.count(what, f"{type(error).__name__}: {error}", began_s, is_good=False)
            time.sleep(PAUSE_S)
            return None
        is_good = reply.status_code < 500
        self.tally.count(what, str(reply.status_code), began_s, is_good=is_good)
        if is_good:
            return reply
        if reply.status_code != 503 or not reply.headers.get("retry-after", "").isdigit():
            self.tally.blame(f"{what}: {reply.status_code} {dict(reply.headers)} {reply.text[:500]}")
        time.sleep(PAUSE_S)
        return None

    def insist(self, what: str, path: str, parameters: dict[str, str] | None = None) -> httpx.Response:
        """Ask for what changes nothing until there is an answer."""
        deadline_s = time.monotonic() + TIMEOUT_S
        while (reply := self.ask(what, "GET", path, parameters)) is None:
            assert time.monotonic() < deadline_s, f"no answer to {path} in {TIMEOUT_S} s"
        return reply
