"""Chores are done at the start and after every pause, whatever goes wrong."""

from __future__ import annotations

import threading
from itertools import count

import pytest

from geostead.jobs.chores import CHORES_S, Chores

TIMEOUT_S = 30.0


def test_chores_are_done_at_once_and_then_every_hour() -> None:
    done = threading.Event()
    runs = []

    def do() -> dict[str, int]:
        runs.append(1)
        done.set()
        return {}

    with Chores(do):
        assert done.wait(TIMEOUT_S)
    assert len(runs) == 1
    assert CHORES_S == 3600


def test_chores_that_fail_are_done_again_after_the_pause(caplog: pytest.LogCaptureFixture) -> None:
    runs, done = count(1), threading.Event()

    def fail_twice() -> dict[str, int]:
        if next(runs) < 3:
            raise OSError("disk")
        done.set()
        return {}

    with Chores(fail_twice, pause_s=0.001):
        assert done.wait(TIMEOUT_S)
    assert caplog.text.count("The hourly chores failed.") == 2


def test_the_log_says_what_went(caplog: pytest.LogCaptureFixture) -> None:
    done = threading.Event()

    def do() -> dict[str, int]:
        done.set()
        return {"blobs": 3}

    caplog.set_level("INFO")
    with Chores(do):
        assert done.wait(TIMEOUT_S)
    (record,) = caplog.records
    assert record.__dict__["gone"] == {"blobs": 3}


def test_no_run_begins_after_the_block_was_left() -> None:
    runs, twice = count(1), threading.Event()
    last = [0]

    def do() -> dict[str, int]:
        last[0] = next(runs)
        if last[0] == 2:
            twice.set()
        return {}

    with Chores(do, pause_s=0.001) as chores:
        assert twice.wait(TIMEOUT_S)
    assert not any(thread.name == "chores" for thread in threading.enumerate()), chores
