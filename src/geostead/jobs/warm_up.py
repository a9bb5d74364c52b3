"""Warming the cache of a node up, beside what else its processes do: on one thread of each server."""

from __future__ import annotations

import logging
from collections.abc import Callable

from geostead.jobs.rounds import Rounds

LOOK_S = 0.5
"""Pause between two looks at the catalog's revision."""
REST_S = 3.0
"""Pause after a run: the heartbeats of one load change the revision twice a second, and mean nothing here."""
MAX_LOOK_S = 60.0
"""The longest that this pause becomes: it doubles with every look that fails, until one succeeds."""
_LAST_WORD_S = 1.0
"""How long a run may go on when the process ends; it then ends with it, and others clear up."""

_log = logging.getLogger(__name__)


class WarmUp(Rounds):
    """Warm up whenever the catalog has changed, on a thread, for as long as the ``with`` block runs."""

    def __init__(
        self,
        revision: Callable[[], int],
        warm_up: Callable[[], None],
        *,
        pause_s: float = LOOK_S,
        rest_s: float = REST_S,
    ) -> None:
        """``revision`` returns a number that changes with the catalog, ``warm_up`` does the work once."""
        super().__init__(self.look, name="warm up", last_word_s=_LAST_WORD_S)
        self._revision = revision
        self._warm_up = warm_up
        self._pause_s = pause_s
        self._rest_s = rest_s
        self._next_s = pause_s
        self._seen: int | None = None

    def look(self) -> float:
        """Warm up if the catalog has changed since that last succeeded; return when to look again, in seconds."""
        try:
            revision = self._revision()
            if revision != self._seen:
                self._warm_up()
                self._seen = revision  # as of before: what was committed meanwhile is looked at the next time
                self._next_s = self._pause_s
                return self._rest_s
            self._next_s = self._pause_s
        except Exception:  # the next run may succeed
            self._next_s = min(2 * self._next_s, MAX_LOOK_S)
            _log.exception("Could not warm the cache up.", extra={"again_in_s": self._next_s})
        return self._next_s
