"""What a server that restarts, stops or lags behind does to queries: never a wrong answer, never a wait without end."""

from collections.abc import Iterator
from itertools import count
from typing import Any

import psycopg
import pytest

from geostead.errors import Unavailable
from geostead.model.entity_type import EdmType, EntityType, Property
from geostead.postgresql.connections import BoundedConnection
from geostead.query.bound import BoundQuery
from geostead.snapshots.base import Snapshot
from geostead.snapshots.postgis.store import PostgisSnapshots
from geostead.wire.entities_json import render_fragments
from tests.entities import batch_of
from tests.postgres import POSTGIS, Postgres, running_postgres

SHOP = EntityType.declare(
    "Shop",
    [
        Property("ShopId", EdmType.STRING),
        Property("Latitude", EdmType.DOUBLE),
        Property("Longitude", EdmType.DOUBLE),
    ],
    ["ShopId"],
)
NOBODY = "postgresql://postgres:not-shown@127.0.0.1:1/nothing"


def write(store: PostgisSnapshots, snapshot_id: str, *ids: str) -> None:
    store.write(snapshot_id, SHOP, [batch_of(SHOP, [{"ShopId": i, "Latitude": 1.0, "Longitude": 1.0} for i in ids])])


def ids_of(snapshot: Snapshot) -> list[str]:
    return snapshot.search(BoundQuery()).rows.columns(["ShopId"]).column(0).to_pylist()


@pytest.fixture
def store(postgis_url: str) -> Iterator[PostgisSnapshots]:
    store = PostgisSnapshots(postgis_url, render_fragments)
    yield store
    store.close()


def disconnect_all(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'geostead'")


def test_a_query_whose_connection_was_cut_is_asked_again(store: PostgisSnapshots, postgis_url: str) -> None:
    write(store, "one-1", "a", "b")
    snapshot = store.open("one-1")
    for _ in range(3):
        disconnect_all(postgis_url)
        assert ids_of(snapshot) == ["a", "b"]


def test_a_load_whose_connection_is_cut_leaves_nothing(store: PostgisSnapshots, postgis_url: str) -> None:
    def batches() -> Iterator[object]:
        yield batch_of(SHOP, [{"ShopId": "a"}])
        disconnect_all(postgis_url)
        yield batch_of(SHOP, [{"ShopId": "b"}])

    with pytest.raises(Unavailable):
        store.write("one-1", SHOP, batches())  # type: ignore[arg-type]
    assert list(store.ids()) == []
    write(store, "one-1", "a")
    assert ids_of(store.open("one-1")) == ["a"]


def test_a_server_that_is_not_there_is_unavailable_and_its_password_is_not_told() -> None:
    store = PostgisSnapshots(NOBODY, render_fragments)
    asks = (store.ping, lambda: store.open("one-1"), lambda: list(store.ids()), lambda: write(store, "one-1", "a"))
    for ask in asks:
        with pytest.raises(Unavailable) as error:
            ask()
        assert "not-shown" not in str(error.value)
    assert store.open_at_once("one-1") is None
    store.close()


def test_while_the_server_restarts_queries_are_unavailable_and_afterwards_they_are_answered() -> None:
    with running_postgres() as server:
        store = PostgisSnapshots(server.new_database(like=POSTGIS), render_fragments)
        write(store, "one-1", "a")
        snapshot = store.open("one-1")
        server.kill()
        for ask in (store.ping, lambda: ids_of(snapshot)):
            with pytest.raises(Unavailable):
                ask()
        server.start()
        store.ping()
        assert ids_of(snapshot) == ["a"]
        store.close()


def test_an_answer_that_does_not_come_is_not_waited_for(
    store: PostgisSnapshots, postgis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(store, "one-1", "a")
    snapshot = store.open("one-1")
    monkeypatch.setattr(BoundedConnection, "answer_s", 0.2)
    with psycopg.connect(postgis_url) as other:
        other.execute('LOCK TABLE geostead."one-1"')
        with pytest.raises(Unavailable):
            ids_of(snapshot)
    monkeypatch.undo()
    assert ids_of(snapshot) == ["a"]


def test_a_query_of_many_statements_has_one_time_limit_for_all_of_them(
    store: PostgisSnapshots, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(store, "one-1", "a")
    snapshot = store.open("one-1")
    monkeypatch.setattr("geostead.snapshots.postgis.snapshot.QUERY_S", 0.5)
    asked: list[int] = []

    def ask_for_ever(_query: BoundQuery, connection: psycopg.Connection[Any], *_others: object) -> None:
        for number in count():
            asked.append(number)
            connection.execute("SELECT pg_sleep(0.05)")

    monkeypatch.setattr("geostead.snapshots.postgis.snapshot.search", ask_for_ever)
    with pytest.raises(Unavailable):
        ids_of(snapshot)
    assert asked == list(range(len(asked))), "begun once"
    assert len(asked) <= 10
    monkeypatch.undo()
    assert ids_of(snapshot) == ["a"]


def test_to_check_a_large_table_may_take_longer_than_a_query(
    store: PostgisSnapshots, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("geostead.snapshots.postgis.server._READ_S", 0.001)
    write(store, "one-1", *map(str, range(20_000)))
    store.check("one-1")


def test_a_server_that_takes_no_changes_is_unavailable_to_loads(store: PostgisSnapshots, postgis_url: str) -> None:
    """A standby that has the address of the primary by mistake, or during a failover."""
    store.ping()
    with psycopg.connect(postgis_url, autocommit=True) as connection:
        connection.execute("ALTER ROLE CURRENT_USER SET default_transaction_read_only = on")
    try:
        other = PostgisSnapshots(postgis_url, render_fragments)
        for ask in (other.ping, lambda: write(other, "one-1", "a")):
            with pytest.raises(Unavailable, match="no changes"):
                ask()
        other.close()
    finally:
        with psycopg.connect(postgis_url, autocommit=True) as connection:
            connection.execute("SET default_transaction_read_only = off")
            connection.execute("ALTER ROLE CURRENT_USER RESET default_transaction_read_only")


def test_a_table_in_use_is_not_deleted_but_goes_the_next_time(
    store: PostgisSnapshots, postgis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(store, "one-1", "a")
    monkeypatch.setattr("geostead.snapshots.postgis.store._LOCK_WAIT_S", 0.1)
    with psycopg.connect(postgis_url) as other:
        other.execute('SELECT * FROM geostead."one-1"')
        with pytest.raises(Unavailable):
            store.delete("one-1")
        assert list(store.ids()) == ["one-1"]
    store.delete("one-1")
    assert list(store.ids()) == []


class TestReplicas:
    """Another database stands for a replica: what is not there has not arrived yet."""

    def test_what_has_arrived_is_read_there_and_the_rest_from_the_primary(self, postgres: Postgres) -> None:
        primary_url, replica_url = (postgres.new_database(like=POSTGIS) for _ in range(2))
        replica = PostgisSnapshots(replica_url, render_fragments)
        store = PostgisSnapshots(primary_url, render_fragments, replica_url)
        write(store, "one-1", "from the primary")
        assert ids_of(store.open("one-1")) == ["from the primary"], "the replica has not even the registry"
        write(replica, "one-1", "from the replica")
        assert ids_of(store.open("one-1")) == ["from the replica"]
        write(store, "two-1", "newer")
        assert ids_of(store.open("two-1")) == ["newer"]
        for one in (store, replica):
            one.close()

    def test_a_replica_that_does_not_answer_costs_no_query(self, postgis_url: str) -> None:
        store = PostgisSnapshots(postgis_url, render_fragments, NOBODY)
        write(store, "one-1", "a")
        assert [ids_of(store.open("one-1")) for _ in range(3)] == [["a"]] * 3
        store.close()
