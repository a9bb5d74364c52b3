"""How often something that is safe to repeat is tried, and how long is waited in between."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


@dataclass(frozen=True, slots=True)
class Retries:
    """Say how often a request is tried and how long is waited in between: twice as long each time, with jitter."""

    attempts: int = 5
    """Tries in all; 1 or less: no request is repeated."""
    first_wait_s: float = 0.25
    """About how long is waited before the second try."""
    longest_wait_s: float = 30.0
    """No wait is longer; a server that asks for more (``Retry-After``) is not asked again."""

    def wait_s(self, failures: int, asked_s: float | None = None) -> float | None:
        """Return how long to wait after so many failures (1 or more); None: give up.

        ``asked_s`` is what the server asks for, None if it does not. Up to a tenth is added to that, so that not all
        clients come back at once; without it the wait is half to all of the back-off.
        """
        if failures >= self.attempts or (asked_s is not None and asked_s > self.longest_wait_s):
            return None
        if asked_s is not None:
            return asked_s * random.uniform(1, 1.1)  # noqa: S311  jitter is no secret
        back_off_s = min(self.longest_wait_s, self.first_wait_s * 2.0 ** min(failures - 1, 60))
        return back_off_s * random.uniform(0.5, 1)  # noqa: S311  jitter is no secret


def retry_after_s(header: str | None) -> float | None:
    """Read a ``Retry-After`` header: seconds or a date (RFC 9110, section 10.2.3). None if there is none to be read."""
    text = (header or "").strip()
    if text.isdecimal():
        return float(text)
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return None
    return max(0.0, (at.replace(tzinfo=at.tzinfo or UTC) - datetime.now(UTC)).total_seconds())
