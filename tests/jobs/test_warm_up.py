"""Warming up happens when something has changed, and goes on after it failed."""

import threading
from itertools import count

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

    with WarmUp(lambda: revision, warm_up, pause_s=0.001):
        assert came[1].wait(10)
        assert came[2].wait(10), "what failed is tried again without a change"
        revision = 1
        assert came[3].wait(10)
    assert next(runs) == 4
