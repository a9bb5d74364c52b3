"""The circuit breaker, with a clock that stands still until it is set."""

from __future__ import annotations

import threading

import pytest

from geostead.errors import Unavailable
from geostead.routing.breaker import Breaker


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now_s = 1_000.0

    def __call__(self) -> float:
        return self.now_s


class Broken(Exception):
    """What a call fails with."""


def fail(breaker: Breaker, times: int = 1) -> None:
    for _ in range(times):
        with pytest.raises(Broken), breaker.call():
            raise Broken


def succeed(breaker: Breaker) -> None:
    with breaker.call():
        pass


def is_let_through(breaker: Breaker) -> bool:
    try:
        succeed(breaker)
    except Unavailable:
        return False
    return True


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def breaker(clock: Clock) -> Breaker:
    return Breaker(clock, max_failures=3, rest_s=15)


def test_calls_go_on_while_fewer_fail_in_a_row_than_may(breaker: Breaker) -> None:
    for _ in range(5):
        fail(breaker, 2)
        succeed(breaker)


def test_after_too_many_failures_in_a_row_no_call_is_made(breaker: Breaker) -> None:
    fail(breaker, 3)

    with pytest.raises(Unavailable, match="several times in a row"), breaker.call():
        pytest.fail("A call was made.")


def test_after_the_rest_one_call_is_tried_and_its_success_lets_all_others_through(
    breaker: Breaker, clock: Clock
) -> None:
    fail(breaker, 3)
    clock.now_s += 14.9
    assert not is_let_through(breaker)
    clock.now_s += 0.2

    assert [is_let_through(breaker) for _ in range(5)] == [True] * 5


def test_after_the_rest_one_failure_means_another_rest(breaker: Breaker, clock: Clock) -> None:
    fail(breaker, 3)
    clock.now_s += 15.1
    fail(breaker)

    assert not is_let_through(breaker)
    clock.now_s += 15.1
    assert is_let_through(breaker)


def test_while_one_call_is_tried_the_others_are_not_made(breaker: Breaker, clock: Clock) -> None:
    fail(breaker, 3)
    clock.now_s += 15.1

    with breaker.call():
        assert not is_let_through(breaker)
    assert is_let_through(breaker)


def test_failures_of_several_threads_add_up(breaker: Breaker) -> None:
    threads = [threading.Thread(target=fail, args=(breaker,)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert not is_let_through(breaker)
