"""Queries of a snapshot that has to be fetched wait beside the others, together, and not for ever."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from dataclasses import replace

import httpx
import pytest

from geostead.errors import SnapshotMissing
from geostead.http.options import HttpOptions
from geostead.model.data_source import DataSource
from geostead.operations.services import Services
from geostead.snapshots.base import Snapshot, SnapshotStore
from tests.http.door import Door, World


class ColdStore:
    """A store whose snapshots are far away: each can be opened at once only after it has been fetched."""

    def __init__(self, store: SnapshotStore) -> None:
        self._store = store
        self._fetched: set[str] = set()
        self.fetches: Counter[str] = Counter()
        self.may_arrive = threading.Event()
        self.missing: set[str] = set()

    def open_at_once(self, snapshot_id: str) -> Snapshot | None:
        return self._store.open_at_once(snapshot_id) if snapshot_id in self._fetched else None

    def open(self, snapshot_id: str) -> Snapshot:
        self.fetches[snapshot_id] += 1
        if snapshot_id in self.missing:
            raise SnapshotMissing(snapshot_id)
        assert self.may_arrive.wait(60)
        self._fetched.add(snapshot_id)
        return self._store.open(snapshot_id)

    def let_arrive(self, snapshot_id: str) -> None:
        self._fetched.add(snapshot_id)


@pytest.fixture
def cold(services: Services) -> ColdStore:
    return ColdStore(services.snapshots)


def door_to(services: Services, cold: ColdStore, **options: float) -> Door:
    return Door(replace(services, snapshots=cold), HttpOptions(**options))  # type: ignore[arg-type]


def url_of(source: DataSource) -> str:
    return f"http://geostead/REST/v1/data/{source.access_id}/{source.name}/Cafes?key=master&$format=json"


def client_of(door: Door) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(door.app, raise_app_exceptions=True))


def snapshot_of(services: Services, source: DataSource) -> str:
    found = services.catalog.find_data_source(source.access_id, source.name)
    assert found is not None
    assert found.published is not None
    return found.published.snapshot_id


def test_a_hundred_queries_of_a_cold_snapshot_share_one_opening_and_hold_up_no_warm_one(
    services: Services, world: World, cold: ColdStore
) -> None:
    far, near = world.publish("master", name="Far"), world.publish("master", name="Near")
    cold.let_arrive(snapshot_of(services, near))
    door = door_to(services, cold, concurrent_openings=1)

    async def ask() -> tuple[int, list[int]]:
        async with client_of(door) as client:
            waiting = [asyncio.create_task(client.get(url_of(far))) for _ in range(100)]
            while not cold.fetches:  # until the first of them has reached the store
                await asyncio.sleep(0)
            warm = await client.get(url_of(near))
            cold.may_arrive.set()
            return warm.status_code, [reply.status_code for reply in await asyncio.gather(*waiting)]

    assert asyncio.run(ask()) == (200, [200] * 100)
    assert set(cold.fetches.values()) == {1}


def test_a_query_that_waits_too_long_is_unavailable_and_the_fetching_goes_on(
    services: Services, places: DataSource, cold: ColdStore
) -> None:
    door = door_to(services, cold, opening_wait_s=0.01)

    async def ask() -> tuple[httpx.Response, int]:
        async with client_of(door) as client:
            refused = await client.get(url_of(places))
            cold.may_arrive.set()
            while cold.open_at_once(snapshot_of(services, places)) is None:
                await asyncio.sleep(0)
            return refused, (await client.get(url_of(places))).status_code

    refused, later = asyncio.run(ask())
    assert (refused.status_code, later) == (503, 200)
    assert int(refused.headers["retry-after"]) > 0
    assert "is being fetched" in refused.text
    assert set(cold.fetches.values()) == {1}


def test_a_version_that_was_replaced_while_it_was_fetched_is_looked_up_again(
    services: Services, world: World, cold: ColdStore
) -> None:
    place = world.publish("master")
    first = snapshot_of(services, place)
    cold.missing.add(first)
    cold.may_arrive.set()
    door = door_to(services, cold)
    real_open = cold.open

    def replaced_meanwhile(snapshot_id: str) -> Snapshot:
        if snapshot_id == first:
            world.publish("master")
        return real_open(snapshot_id)

    cold.open = replaced_meanwhile  # type: ignore[method-assign]

    async def ask() -> int:
        async with client_of(door) as client:
            return (await client.get(url_of(place))).status_code

    assert asyncio.run(ask()) == 200
    assert len(cold.fetches) == 2


def test_files_that_stay_away_make_the_data_source_unavailable(
    services: Services, places: DataSource, cold: ColdStore
) -> None:
    cold.missing.add(snapshot_of(services, places))

    async def ask() -> int:
        async with client_of(door_to(services, cold)) as client:
            return (await client.get(url_of(places))).status_code

    assert asyncio.run(ask()) == 503
