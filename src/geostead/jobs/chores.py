"""Hourly chores, beside what else a process does.

Every process that goes on running by itself (``serve``, with workers or without, and ``worker``) does them on a thread:
they are safe at any time and on any number of processes (:mod:`geostead.operations.expire`), so nobody has to decide
whose turn it is, and they neither wait for a long load nor hold one up.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping

from geostead.jobs.rounds import Rounds

CHORES_S = 3600.0
"""Pause between two runs of the chores."""
_LAST_WORD_S = 5.0
"""How long a run may go on when the process ends; one that is broken off is completed by the next."""

_log = logging.getLogger(__name__)


class Chores(Rounds):
    """Do the chores now and after every pause, on a thread, for as long as the ``with`` block runs."""

    def __init__(self, do: Callable[[], Mapping[str, int]], *, pause_s: float = CHORES_S) -> None:
        """``do`` does the chores once and returns how much of what it did; that is logged."""
        super().__init__(self._one_round_of_chores, name="chores", last_word_s=_LAST_WORD_S)
        self._do = do
        self._pause_s = pause_s

    def _one_round_of_chores(self) -> float:
        try:
            _log.info("Did the hourly chores.", extra={"gone": self._do()})
        except Exception:  # the next run may succeed
            _log.exception("The hourly chores failed.")
        return self._pause_s
