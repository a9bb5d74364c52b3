"""Something to be done again and again, beside what else a process does: on a thread of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from types import TracebackType


class Rounds:
    """Do rounds, the first one at once, for as long as the ``with`` block runs."""

    def __init__(self, one_round: Callable[[], float], *, name: str, last_word_s: float) -> None:
        """``one_round`` raises nothing, and returns after how many seconds the next one is due.

        ``name`` is that of the thread. A round may go on for ``last_word_s`` when the block is left; then it ends with
        the process.
        """
        self._one_round = one_round
        self._last_word_s = last_word_s
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def __enter__(self) -> Rounds:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopped.set()
        self._thread.join(self._last_word_s)

    def _run(self) -> None:
        while not self._stopped.is_set():
            self._stopped.wait(self._one_round())
