"""One look for all requests that wait for it together."""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
import uvloop

from geostead.http.glance import Glance

Run = Callable[[Coroutine[Any, Any, None]], None]


@pytest.mark.parametrize("run", [asyncio.run, uvloop.run])
def test_requests_that_wait_together_look_once_and_later_ones_again(run: Run) -> None:
    looks: list[int] = []
    glance = Glance(lambda: looks.append(1))

    async def ask() -> None:
        loop = asyncio.get_running_loop()
        for _ in range(3):
            loop.call_soon(glance.take)
        await asyncio.sleep(0.01)
        assert len(looks) == 1
        glance.take()
        assert len(looks) == 2

    run(ask())


@pytest.mark.parametrize("run", [asyncio.run, uvloop.run])
def test_who_comes_during_a_look_does_not_rely_on_it(run: Run) -> None:
    committed = 0
    seen: list[int] = []
    relied_on: list[int] = []
    is_looking, has_come = threading.Event(), threading.Event()

    def look() -> None:
        found = committed
        is_looking.set()
        assert has_come.wait(10)
        seen.append(found)

    glance = Glance(look)

    async def ask() -> None:
        nonlocal committed
        loop = asyncio.get_running_loop()
        is_answered = asyncio.Event()

        def answer() -> None:
            glance.take()
            relied_on.append(seen[-1])
            is_answered.set()

        def come() -> None:
            nonlocal committed
            assert is_looking.wait(10)
            committed = 1
            loop.call_soon_threadsafe(answer)
            has_come.set()

        thread = threading.Thread(target=come)
        thread.start()
        glance.take()
        await is_answered.wait()
        thread.join()

    run(ask())
    assert relied_on == [1]


def test_a_look_that_fails_is_not_relied_on() -> None:
    looks: list[int] = []

    def look() -> None:
        looks.append(1)
        if len(looks) == 1:
            raise ConnectionError

    glance = Glance(look)

    async def ask() -> None:
        with pytest.raises(ConnectionError):
            glance.take()
        glance.take()

    asyncio.run(ask())
    assert len(looks) == 2


def test_a_look_in_one_loop_is_not_relied_on_in_another() -> None:
    looks: list[int] = []
    glance = Glance(lambda: looks.append(1))

    async def ask() -> None:
        glance.take()

    asyncio.run(ask())
    asyncio.run(ask())
    assert len(looks) == 2
