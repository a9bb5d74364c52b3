"""Warming up happens when something has changed, and goes on after it failed."""

import threading
from itertools import count

from geostead.errors import Unavailable
from geostead.jobs.warm_up import WarmUp


def test_a_change_of_the_catalog_is_followed_by_a_run_even_after_one_that_failed() -> None:
    runs = count(1)
    came = {number: threading.Event() for number in (1, 2, 3)}
    revision = 0

    def warm_up() -> None:
        number = next(runs)
        came[number].set()
        if number == 1:
            raise OSError("the store is down")

    with WarmUp(lambda: revision, warm_up, pause_s=0.001, rest_s=0.001):
        assert came[1].wait(10)
        assert came[2].wait(10), "what failed is tried again without a change"
        revision = 1
        assert came[3].wait(10)
    assert next(runs) == 4


def test_looks_that_fail_come_less_and_less_often_until_one_succeeds() -> None:
    is_down = True

    def warm_up() -> None:
        if is_down:
            raise Unavailable("the store is down")

    node = WarmUp(lambda: 1, warm_up, pause_s=0.5, rest_s=3)
    assert [node.look() for _ in range(9)] == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    is_down = False
    assert [node.look(), node.look()] == [3, 0.5]


def test_runs_keep_a_distance_while_the_catalog_changes_all_the_time() -> None:
    revisions = count()
    runs: list[str] = []
    node = WarmUp(lambda: next(revisions), lambda: runs.append("run"), pause_s=0.5, rest_s=3)
    assert [node.look() for _ in range(5)] == [3] * 5
    assert runs == ["run"] * 5
