"""A catalog on a server that waits, or does not answer, holds up the queries that need it, and nobody else."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

import httpx
import psycopg
import pytest

from geostead.catalog.sql_catalog import SqlCatalog
from geostead.http.lookups import SharedLook
from geostead.http.options import HttpOptions
from geostead.model.data_source import DataSource
from geostead.operations.services import Services
from tests.http.door import Door, World

MANY = 20


@pytest.fixture
def remote(services: Services, postgres_url: str) -> Iterator[Services]:
    with closing(SqlCatalog(postgres_url)) as catalog:
        catalog.migrate()
        yield replace(services, catalog=catalog)
        for thread in threading.enumerate():  # some go on when their request has been answered without them
            if thread.name == "AnyIO worker thread":
                thread.join(60)


@pytest.fixture
def published(remote: Services) -> DataSource:
    world = World(remote)
    world.account("owners", "master")
    return world.publish("master")


@pytest.fixture
def silent_url() -> Iterator[str]:
    """Return the URL of a server that takes connections, and says nothing."""
    with socket.create_server(("127.0.0.1", 0), backlog=100) as server:
        yield f"postgresql://nobody@127.0.0.1:{server.getsockname()[1]}/nothing"


def url_of(source: DataSource, number: int = 0) -> str:
    return f"http://geostead/REST/v1/data/{source.access_id}/Places/Cafes?key=master&$format=json&$top={number}"


def client_of(services: Services) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(Door(services).app), timeout=None)


async def waits_alone(services: Services, urls: list[str]) -> list[int]:
    """Ask ``urls``, see that others are answered before them, and return their status."""
    async with client_of(services) as client:
        queries = [asyncio.create_task(client.get(url)) for url in urls]
        await asyncio.sleep(0)
        alive = await client.get("http://geostead/healthz")
        assert alive.status_code == 200
        assert not any(query.done() for query in queries)
        return [reply.status_code for reply in await asyncio.gather(*queries)]


def test_queries_of_a_locked_table_end_by_themselves_and_hold_up_nobody(
    remote: Services, published: DataSource, postgres_url: str
) -> None:
    with psycopg.connect(postgres_url) as other:
        other.execute("LOCK TABLE data_sources IN ACCESS EXCLUSIVE MODE")
        statuses = asyncio.run(waits_alone(remote, [url_of(published, number) for number in range(MANY)]))
    assert statuses == [503] * MANY


def test_what_is_remembered_is_answered_while_a_table_is_locked(
    remote: Services, published: DataSource, postgres_url: str
) -> None:
    async def ask() -> list[int]:
        async with client_of(remote) as client:
            before = await client.get(url_of(published))
            with psycopg.connect(postgres_url) as other:
                other.execute("LOCK TABLE data_sources IN ACCESS EXCLUSIVE MODE")
                return [before.status_code, (await client.get(url_of(published))).status_code]

    assert asyncio.run(ask()) == [200, 200]


def test_queries_of_a_server_that_says_nothing_end_by_themselves_and_hold_up_nobody(
    services: Services, published: DataSource, silent_url: str
) -> None:
    with closing(SqlCatalog(silent_url)) as silent:
        asked = [url_of(published, number) for number in range(MANY)]
        assert asyncio.run(waits_alone(replace(services, catalog=silent), asked)) == [503] * MANY


def test_metrics_tell_of_the_node_soon_while_a_table_is_locked(
    remote: Services, published: DataSource, postgres_url: str
) -> None:
    async def ask() -> httpx.Response:
        options = HttpOptions(metrics_allowed=("127.0.0.1",))
        transport = httpx.ASGITransport(Door(remote, options).app)
        async with asyncio.timeout(15), httpx.AsyncClient(transport=transport, timeout=None) as client:
            return await client.get("http://geostead/metrics")

    with psycopg.connect(postgres_url) as other:
        other.execute("LOCK TABLE jobs IN ACCESS EXCLUSIVE MODE")
        told = asyncio.run(ask())
    assert told.status_code == 200
    assert "geostead_catalog_up 0.0" in told.text


def test_what_was_published_is_seen_by_the_next_query(remote: Services, published: DataSource) -> None:
    async def ask() -> list[str]:
        async with client_of(remote) as client:
            return [(await client.get(url_of(published))).headers["ETag"] for _ in range(2)]

    before = asyncio.run(ask())
    World(remote).publish("master")
    after = asyncio.run(ask())
    assert len(set(before)) == len(set(after)) == 1
    assert before != after


def test_who_comes_during_a_look_shares_the_next_one() -> None:
    looks: list[int] = []
    is_looking, may_end = threading.Event(), threading.Event()

    def look() -> None:
        looks.append(1)
        is_looking.set()
        assert may_end.wait(10)

    async def ask() -> None:
        shared = SharedLook(look)
        first = [asyncio.create_task(shared.take()) for _ in range(3)]
        await asyncio.to_thread(is_looking.wait, 10)
        later = [asyncio.create_task(shared.take()) for _ in range(3)]
        await asyncio.sleep(0)
        assert len(looks) == 1
        may_end.set()
        await asyncio.gather(*first, *later)

    asyncio.run(ask())
    assert len(looks) == 2


def test_a_look_that_fails_fails_for_those_who_share_it_and_the_next_one_looks_again() -> None:
    looks: list[int] = []

    def look() -> None:
        looks.append(1)
        if len(looks) == 1:
            raise ConnectionError

    async def ask() -> None:
        shared = SharedLook(look)
        assert [
            type(failed) for failed in await asyncio.gather(shared.take(), shared.take(), return_exceptions=True)
        ] == [
            ConnectionError,
            ConnectionError,
        ]
        await shared.take()

    asyncio.run(ask())
    assert len(looks) == 2
