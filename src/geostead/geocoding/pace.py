"""How often a geocoding service may be asked, counted over all processes of an installation."""

from __future__ import annotations

import fcntl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from geostead.errors import Unavailable

MAX_WAIT_S = 1.0
"""How long a request may wait for its turn: its thread is one of few."""


class Pace:
    """Gives each request its turn. A small file, locked for a moment, holds when the next turn is."""

    def __init__(
        self,
        file: Path,
        *,
        per_second: float,
        now_s: Callable[[], float] = time.time,
        wait_s: Callable[[float], None] = time.sleep,
    ) -> None:
        self._file = file
        self._interval_s = 1.0 / per_second
        self._now_s = now_s
        self._wait_s = wait_s

    def take_turn(self) -> None:
        """Wait for the next turn, for a second at most. Raises Unavailable if all turns of that second are taken."""
        try:
            with _opened(self._file) as file:
                wait_s = self._book(file)
        except OSError as error:
            raise Unavailable("The server cannot write down when the geocoding service was asked.") from error
        if wait_s > 0:
            self._wait_s(wait_s)

    def _book(self, file: IO[str]) -> float:
        """Take the next turn and return how long it is until then."""
        now_s = self._now_s()
        turn_s = self._next_turn_s(file.read(), now_s)
        if turn_s - now_s > MAX_WAIT_S:
            raise Unavailable("More addresses are asked for than the geocoding service may be asked; try again.")
        file.seek(0)
        file.truncate()
        file.write(repr(turn_s + self._interval_s))
        return turn_s - now_s

    def _next_turn_s(self, written: str, now_s: float) -> float:
        """Return when the next turn is. One that is too far away was written before the clock was set back."""
        try:
            turn_s = float(written)
        except ValueError:
            return now_s
        return max(turn_s, now_s) if turn_s <= now_s + MAX_WAIT_S + self._interval_s else now_s


@contextmanager
def _opened(path: Path) -> Iterator[IO[str]]:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(0o600)
    with path.open("r+", encoding="ascii", errors="replace") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield file
