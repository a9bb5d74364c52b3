"""``/readyz`` needs no key, so it may be asked as often as anybody likes without occupying the disk."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest
from starlette.responses import Response

from geostead.errors import Unavailable
from geostead.http.health import Readiness
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
    response: Response = readiness.tell()
    return response.status_code


def test_a_good_answer_holds_for_a_second() -> None:
    clock, store = Clock(), Store()
    readiness = Readiness(store.check, clock, lambda: False)
    assert [status(readiness) for _ in range(5)] == [200] * 5
    clock.advance(0.999)
    assert (status(readiness), store.looks) == (200, 1)
    clock.advance(0.001)
    assert (status(readiness), store.looks) == (200, 2)


def test_a_bad_answer_is_not_remembered() -> None:
    store = Store(is_up=False)
    readiness = Readiness(store.check, Clock(), lambda: False)
    for _ in range(2):
        with pytest.raises(Unavailable, match="away"):
            readiness.tell()
    store.is_up = True
    assert (status(readiness), store.looks) == (200, 3)


def test_a_clock_that_is_put_back_does_not_make_an_answer_last() -> None:
    clock, store = Clock(), Store()
    readiness = Readiness(store.check, clock, lambda: False)
    readiness.tell()
    clock.advance(-3600)
    assert (status(readiness), store.looks) == (200, 2)


def test_what_breaks_is_told_after_a_second() -> None:
    clock, store = Clock(), Store()
    readiness = Readiness(store.check, clock, lambda: False)
    readiness.tell()
    store.is_up = False
    clock.advance(1)
    with pytest.raises(Unavailable, match="away"):
        readiness.tell()


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
