"""One server for many threads: what is lost is replaced once, and what fails is told apart from what is away."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any

import psycopg
import pytest
from psycopg import errors
from sqlalchemy.pool import QueuePool

from geostead.errors import InvalidParameter, Unavailable
from geostead.postgresql.connections import BoundedConnection
from geostead.snapshots.postgis.server import MAX_CONNECTIONS, Server

HANG_UP_ALL = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'geostead'"


class CountingServer(Server):
    """A server that counts how often its connections were replaced by new ones."""

    pools = 0

    def _new_pool(self) -> QueuePool:
        self.pools += 1
        return super()._new_pool()


@pytest.fixture
def server(postgis_url: str) -> Iterator[CountingServer]:
    with closing(CountingServer(postgis_url)) as server:
        yield server


def test_threads_that_lose_their_connections_together_replace_them_once(
    server: CountingServer, postgis_url: str
) -> None:
    def hang_up() -> None:
        with psycopg.connect(postgis_url, autocommit=True) as connection:
            connection.execute(HANG_UP_ALL)

    together = threading.Barrier(MAX_CONNECTIONS, action=hang_up)

    def ask(_number: int) -> object:
        begun: list[bool] = []

        def work(connection: psycopg.Connection[Any]) -> object:
            if not begun:
                begun.append(True)
                together.wait(60)
            return connection.execute("SELECT 1").fetchone()

        return server.read(work)

    with ThreadPoolExecutor(MAX_CONNECTIONS) as threads:
        assert list(threads.map(ask, range(MAX_CONNECTIONS))) == [(1,)] * MAX_CONNECTIONS
    assert server.pools == 2


def test_an_answer_that_did_not_come_is_not_waited_for_again(
    server: CountingServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(BoundedConnection, "answer_s", 0.1)
    asked: list[str] = []

    def work(connection: psycopg.Connection[Any]) -> None:
        asked.append("once")
        connection.execute("SELECT pg_sleep(600)")

    with pytest.raises(Unavailable):
        server.read(work)
    assert asked == ["once"]


def test_what_fails_however_often_it_is_asked_is_not_called_an_outage(server: CountingServer) -> None:
    with pytest.raises(errors.ProgramLimitExceeded):
        server.read(lambda connection: connection.execute("SELECT repeat('xx', 2000000000)"))


@pytest.mark.parametrize("rest", ["u:sec%zzret@h/name", "u:sec@ret@h/name"])
def test_a_url_that_cannot_be_read_is_refused_without_its_password(rest: str) -> None:
    with pytest.raises(InvalidParameter) as refused:
        Server(f"postgresql://{rest}")
    assert "ret@" not in str(refused.value)
    assert refused.value.__context__ is None
