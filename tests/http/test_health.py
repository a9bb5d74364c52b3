"""``/readyz`` needs no key, so it may be asked as often as anybody likes without occupying the disk."""

from __future__ import annotations

import asyncio
import threading
from asyncio import timeout
from dataclasses import dataclass, replace

import httpx
import pytest
from anyio import to_thread

from geostead.errors import Unavailable
from geostead.http.health import Readiness
from geostead.http.options import HttpOptions
from geostead.operations.services import Services
from tests.http.door import Door
from tests.installations import Clock


@dataclass
class Store:
    """Counts how often it is looked at."""

    looks: int = 0
    is_up: bool = True

    def check(self) -> None:
        self.looks += 1
        if not self.is_up:
            raise Unavailable("The store is away.")


def status(readiness: Readiness) -> int:
    return asyncio.run(readiness.tell()).status_code


def trouble(readiness: Readiness) -> str:
    with pytest.raises(Unavailable) as raised:
        status(readiness)
    return str(raised.value)


def test_a_good_answer_holds_for_a_second() -> None:
    clock, store = Clock(), Store()
    readiness = Readiness(store.check, clock, lambda: False)
    assert [status(readiness) for _ in range(5)] == [200] * 5
    clock.advance(0.999)
    assert (status(readiness), store.looks) == (200, 1)
    clock.advance(0.001)
    assert (status(readiness), store.looks) == (200, 2)


def test_a_bad_answer_holds_for_a_second_too() -> None:
    clock, store = Clock(), Store(is_up=False)
    readiness = Readiness(store.check, clock, lambda: False)
    assert {trouble(readiness) for _ in range(5)} == {"The store is away."}
    store.is_up = True
    clock.advance(0.999)
    assert (trouble(readiness), store.looks) == ("The store is away.", 1)
    clock.advance(0.001)
    assert (status(readiness), store.looks) == (200, 2)


def test_who_comes_during_a_check_shares_its_outcome() -> None:
    is_checking, may_end = threading.Event(), threading.Event()
    store = Store(is_up=False)

    def check() -> None:
        is_checking.set()
        assert may_end.wait(10)
        store.check()

    async def ask() -> list[object]:
        readiness = Readiness(check, Clock(), lambda: False)
        first = asyncio.create_task(readiness.tell())
        await asyncio.to_thread(is_checking.wait, 10)
        others = [asyncio.create_task(readiness.tell()) for _ in range(100)]
        await asyncio.sleep(0)
        may_end.set()
        return await asyncio.gather(first, *others, return_exceptions=True)

    assert {type(outcome) for outcome in asyncio.run(ask())} == {Unavailable}
    assert store.looks == 1


def test_a_node_that_is_about_to_stop_says_so_while_a_check_hangs() -> None:
    may_end = threading.Event()
    draining: list[bool] = []

    async def ask() -> int:
        readiness = Readiness(lambda: may_end.wait(10) and None, Clock(), lambda: bool(draining))
        waiting = asyncio.create_task(readiness.tell())
        await asyncio.sleep(0)
        draining.append(True)
        told = await readiness.tell()
        assert not waiting.done()
        may_end.set()
        await waiting
        return told.status_code

    assert asyncio.run(ask()) == 503


def test_neither_waits_for_a_thread_that_others_need(services: Services) -> None:
    async def ask() -> list[int]:
        threads = to_thread.current_default_thread_limiter()
        for _ in range(int(threads.total_tokens)):
            threads.acquire_on_behalf_of_nowait(object())
        transport = httpx.ASGITransport(Door(services).app)
        async with httpx.AsyncClient(transport=transport, base_url="http://places.test") as client, timeout(30):
            return [(await client.get(path)).status_code for path in ("/healthz", "/readyz")]

    assert asyncio.run(ask()) == [200, 200]


def test_a_clock_that_is_put_back_does_not_make_an_answer_last() -> None:
    clock, store = Clock(), Store()
    readiness = Readiness(store.check, clock, lambda: False)
    status(readiness)
    clock.advance(-3600)
    assert (status(readiness), store.looks) == (200, 2)


def test_what_breaks_is_told_after_a_second() -> None:
    clock, store = Clock(), Store()
    readiness = Readiness(store.check, clock, lambda: False)
    status(readiness)
    store.is_up = False
    clock.advance(1)
    assert trouble(readiness) == "The store is away."


def test_the_disk_is_written_once_for_many_calls_at_the_door(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    created: list[str] = []
    original = services.blobs.create

    def create(name: str) -> object:
        created.append(name)
        return original(name)

    monkeypatch.setattr(services.blobs, "create", create)
    door = Door(replace(services, now=Clock()))
    assert [door.get("//places.test/readyz").status_code for _ in range(3)] == [200] * 3
    assert len(created) == 1


@pytest.mark.parametrize(
    ("client", "headers", "text"),
    [
        ("127.0.0.1", {}, "The store s3://inside is away.\n"),
        ("127.0.0.1", {"x-forwarded-for": "192.0.2.1"}, "The store is away.\n"),
        ("192.0.2.1", {}, "The store is away.\n"),
    ],
)
def test_why_a_node_is_not_ready_is_told_in_full_where_its_metrics_may_be_read(
    services: Services, monkeypatch: pytest.MonkeyPatch, client: str, headers: dict[str, str], text: str
) -> None:
    def check() -> None:
        raise Unavailable("The store s3://inside is away.", told="The store is away.")

    monkeypatch.setattr(services.blobs, "check", check)
    door = Door(services, HttpOptions(metrics_allowed=("127.0.0.1",)), client)
    reply = door.get("//places.test/readyz", headers)
    assert (reply.status_code, reply.headers["retry-after"], reply.text) == (503, "5", text)
