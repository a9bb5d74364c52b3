from __future__ import annotations

from pathlib import Path

import pytest

from geostead.errors import Unavailable
from geostead.geocoding.pace import MAX_WAIT_S, Pace


class Time:
    """A clock that goes on only when somebody waits."""

    def __init__(self) -> None:
        self.now = 1_000_000.0
        self.waits: list[float] = []

    def wait(self, seconds: float) -> None:
        self.waits.append(seconds)


def pace(file: Path, time: Time, per_second: float = 2.0) -> Pace:
    return Pace(file, per_second=per_second, now_s=lambda: time.now, wait_s=time.wait)


def test_turns_are_apart_and_nobody_waits_long(tmp_path: Path) -> None:
    time = Time()
    processes = [pace(tmp_path / "turns", time) for _ in range(3)]  # each process has its own; the file is one
    for process in processes:
        process.take_turn()
    assert time.waits == [0.5, 1.0]
    with pytest.raises(Unavailable):
        processes[0].take_turn()
    assert max(time.waits) <= MAX_WAIT_S


def test_a_turn_that_was_refused_is_not_taken(tmp_path: Path) -> None:
    time = Time()
    slow = pace(tmp_path / "turns", time, per_second=0.5)
    slow.take_turn()
    for _ in range(5):
        with pytest.raises(Unavailable):
            slow.take_turn()
    time.now += 2.0
    slow.take_turn()
    assert time.waits == []


def test_turns_that_nobody_took_are_lost(tmp_path: Path) -> None:
    time = Time()
    turns = pace(tmp_path / "turns", time)
    turns.take_turn()
    time.now += 3600
    turns.take_turn()
    turns.take_turn()
    assert time.waits == [0.5]


@pytest.mark.parametrize("content", ["", "nonsense", "nan", "inf", "9e99", "\ufffd"])
def test_a_file_that_says_nothing_sensible_stops_nobody(tmp_path: Path, content: str) -> None:
    (tmp_path / "turns").write_text(content, "utf-8")
    time = Time()
    pace(tmp_path / "turns", time).take_turn()
    assert time.waits == []


def test_a_clock_that_is_set_back_stops_nobody(tmp_path: Path) -> None:
    time = Time()
    turns = pace(tmp_path / "turns", time)
    turns.take_turn()
    time.now -= 86_400
    turns.take_turn()
    assert time.waits == []


def test_a_file_that_cannot_be_written_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "turns").mkdir()
    with pytest.raises(Unavailable, match="write down"):
        pace(tmp_path / "turns", Time()).take_turn()
