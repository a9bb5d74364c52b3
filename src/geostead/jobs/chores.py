"""Hourly chores, beside what else a process does.

Every process that goes on running by itself (``serve``, with workers or without, and ``worker``) does them on a thread:
they are safe at any time and on any number of processes (:mod:`geostead.operations.expire`), so nobody has to decide
whose turn it is, and they neither wait for a long load nor hold one up.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from types import TracebackType

CHORES_S = 3600.0
"""Pause between two runs of the chores."""
_LAST_WORD_S = 5.0
"""How long a run may go on when the process ends; one that is broken off is completed by the next."""

_log = logging.getLogger(__name__)


class Chores:
    """Do the chores now and after every pause, on a thread, for as long as the ``with`` block runs."""

    def __init__(self, do: Callable[[], Mapping[str, int]], *, pause_s: float = CHORES_S) -> None:
        """``do`` does the chores once and returns how much of what it did; that is logged."""
        self._do = do
        self._pause_s = pause_s
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="chores", daemon=True)

    def __enter__(self) -> Chores:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopped.set()
        self._thread.join(_LAST_WORD_S)

    def _run(self) -> None:
        while not self._stopped.is_set():
            try:
                _log.info("Did the hourly chores.", extra={"gone": self._do()})
            except Exception:  # the next run may succeed
                _log.exception("The hourly chores failed.")
            self._stopped.wait(self._pause_s)
