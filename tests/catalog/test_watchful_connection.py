"""Who waits for an answer finds out whether the server is there at all."""

from __future__ import annotations

import pytest

from geostead.catalog import watchful_connection
from geostead.catalog.sql_catalog import SqlCatalog
from geostead.catalog.watchful_connection import WatchfulConnection
from geostead.errors import Unavailable
from geostead.postgresql.connections import NoAnswer
from tests.postgres import EMPTY, Postgres, running_postgres


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watchful_connection, "QUIET_S", 0.2)


def test_who_waits_for_a_lock_goes_on_waiting_for_a_server_that_works(postgres_url: str) -> None:
    with WatchfulConnection.connect(postgres_url, autocommit=True) as connection:
        assert connection.execute("SELECT 7 FROM pg_sleep(1)").fetchone() == (7,)


def test_a_server_that_lets_nobody_else_in_is_still_a_server(postgres: Postgres, postgres_url: str) -> None:
    with WatchfulConnection.connect(postgres_url, autocommit=True) as connection:
        postgres.execute(f"ALTER DATABASE {connection.info.dbname} ALLOW_CONNECTIONS false")
        assert connection.execute("SELECT 7 FROM pg_sleep(1)").fetchone() == (7,)


def test_a_server_that_stands_still_is_given_up_long_before_its_answer_is_due() -> None:
    with running_postgres() as server:
        server.execute(f"CREATE DATABASE {EMPTY}2")
        catalog = SqlCatalog(server.url(f"{EMPTY}2"))
        catalog.migrate()
        with WatchfulConnection.connect(server.url("postgres"), autocommit=True) as connection:
            connection.answer_s = 600
            with server.standing_still(), pytest.raises(NoAnswer):
                connection.execute("SELECT 1")
            assert connection.closed
        with server.standing_still(), pytest.raises(Unavailable, match="did not answer in time"):
            catalog.list_accounts()
        catalog.close()
