"""Waits end, and errors tell what may pass from what will not."""

import psycopg
import pytest
from psycopg import errors

from geostead.postgresql.connections import DEFAULTS, BoundedConnection, NoAnswer, is_outage


def test_an_answer_that_does_not_come_in_time_ends_the_connection(postgres_url: str) -> None:
    with BoundedConnection.connect(postgres_url, **DEFAULTS) as connection:
        connection.answer_s = 0.1
        with pytest.raises(NoAnswer):
            connection.execute("SELECT pg_sleep(60)")
        assert connection.closed


def test_an_error_of_the_server_leaves_the_connection_open(postgres_url: str) -> None:
    with BoundedConnection.connect(postgres_url, **DEFAULTS, autocommit=True) as connection:
        connection.execute("SET statement_timeout = 50")
        with pytest.raises(errors.QueryCanceled):
            connection.execute("SELECT pg_sleep(60)")
        assert not connection.closed


@pytest.mark.parametrize(
    "passing",
    [NoAnswer, errors.AdminShutdown, errors.TooManyConnections, errors.LockNotAvailable, psycopg.OperationalError],
)
def test_what_may_pass_is_an_outage(passing: type[psycopg.Error]) -> None:
    assert is_outage(passing())


def test_what_comes_back_however_often_one_asks_is_none(postgres_url: str) -> None:
    with psycopg.connect(postgres_url) as connection, pytest.raises(psycopg.OperationalError) as error:
        connection.execute("SELECT repeat('xx', 2000000000)")
    assert not is_outage(error.value)
    assert not is_outage(ValueError())
