"""Warming the cache of a node up, beside what else its processes do: on one thread of each server."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from types import TracebackType

LOOK_S = 0.5
"""Pause between two looks at the catalog's revision."""
_LAST_WORD_S = 1.0
"""How long a run may go on when the process ends; it then ends with it, and others clear up."""

_log = logging.getLogger(__name__)


class WarmUp:
    """Warm up whenever the catalog has changed, on a thread, for as long as the ``with`` block runs."""

    def __init__(self, revision: Callable[[], int], warm_up: Callable[[], None], *, pause_s: float = LOOK_S) -> None:
        """``revision`` returns a number that changes with the catalog, ``warm_up`` does the work once."""
        self._revision = revision
        self._warm_up = warm_up
        self._pause_s = pause_s
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="warm up", daemon=True)

    def __enter__(self) -> WarmUp:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopped.set()
        self._thread.join(_LAST_WORD_S)

    def _run(self) -> None:
        seen: int | None = None
        while not self._stopped.wait(self._pause_s):
            try:
                revision = self._revision()
                if revision != seen:
                    self._warm_up()
                seen = revision  # as of before: what was committed meanwhile is looked at the next time
            except Exception:  # the next run may succeed
                _log.exception("Could not warm the cache up.")
