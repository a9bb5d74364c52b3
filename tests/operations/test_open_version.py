"""Finding and opening the version that a query is about."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from geostead.errors import (
    CredentialsExpired,
    InvalidCredentials,
    NoCredentials,
    NotAuthorized,
    NotFound,
    SnapshotMissing,
    Unavailable,
)
from geostead.model.access import Key, digest_of
from geostead.model.data_source import DataSource
from geostead.model.ids import new_id
from geostead.operations.find_entity import find_entity
from geostead.operations.open_version import EntitySetAddress, open_version
from geostead.operations.query_entities import query_at_once
from geostead.operations.services import Services
from geostead.query.options import QueryText
from geostead.snapshots.base import Snapshot, SnapshotStore
from tests.http.door import World


@pytest.fixture
def world(services: Services) -> World:
    made = World(services)
    made.account("owners", "master", "third")
    made.account("strangers", "stranger")
    return made


@pytest.fixture
def address(world: World) -> EntitySetAddress:
    return address_of(world.publish("master"))


def address_of(source: DataSource) -> EntitySetAddress:
    return EntitySetAddress(source.access_id.upper(), "PLACES", "cafes")


class Forgetful:
    """A snapshot store that misses the first ``misses`` snapshots it is asked for."""

    def __init__(self, store: SnapshotStore, misses: int, between: Callable[[], object] = lambda: None) -> None:
        self._store = store
        self._misses = misses
        self._between = between
        self.asked: list[str] = []

    def open_at_once(self, snapshot_id: str) -> Snapshot | None:
        self.asked.append(snapshot_id)
        if len(self.asked) <= self._misses:
            self._between()
            raise SnapshotMissing
        return self._store.open_at_once(snapshot_id)


def forgetful(services: Services, store: Forgetful) -> Services:
    return replace(services, snapshots=store)  # type: ignore[arg-type]


def test_a_version_is_opened_with_all_its_entities(services: Services, address: EntitySetAddress) -> None:
    opened = open_version(services, " third\n", address)
    assert opened.data_source.name == "Places"
    query = query_at_once(opened, QueryText(top="2", inlinecount="allpages"))
    assert query is not None
    assert query.run_at_once() is not None
    assert query.run().total_count == 4
    assert len(query.run().rows) == 2
    assert len(find_entity(opened, "1").rows) == 1
    with pytest.raises(NotFound, match="no entity with the id 'x'"):
        find_entity(opened, "x")


@pytest.mark.parametrize(("value", "error"), [(None, NoCredentials), (" ", NoCredentials), ("x", InvalidCredentials)])
def test_the_key_is_looked_at_first(
    services: Services, address: EntitySetAddress, value: str | None, error: type[Exception]
) -> None:
    for asked in (address, address._replace(access_id="nowhere")):
        with pytest.raises(error):
            open_version(services, value, asked)


def test_a_key_opens_nothing_once_it_has_expired(services: Services, world: World, address: EntitySetAddress) -> None:
    master, now = world.key("master"), services.now()
    expires_at = now + timedelta(seconds=10)
    services.catalog.add_key(Key(new_id(), master.account_id, "short", digest_of("short"), now, expires_at))
    assert open_version(services, "short", address)
    with pytest.raises(CredentialsExpired):
        open_version(replace(services, now=lambda: expires_at), "short", address)


@pytest.mark.parametrize("part", ["access_id", "data_source_name", "entity_type_name"])
def test_what_does_not_exist_is_named(services: Services, address: EntitySetAddress, part: str) -> None:
    with pytest.raises(NotFound, match="nowhere"):
        open_version(services, "master", address._replace(**{part: "nowhere"}))


def test_a_staged_version_is_not_the_published_one(services: Services, address: EntitySetAddress) -> None:
    with pytest.raises(NotFound, match="no staged version"):
        open_version(services, "master", address._replace(staged=True))


def test_a_public_data_source_is_open_to_strangers_but_not_its_staged_version(
    services: Services, world: World, address: EntitySetAddress
) -> None:
    with pytest.raises(NotAuthorized):
        open_version(services, "stranger", address)
    world.publish("master", set_public=True)
    assert open_version(services, "stranger", address)
    with pytest.raises(NotAuthorized):
        open_version(services, "stranger", address._replace(staged=True))


def test_a_version_that_was_replaced_since_the_look_up_is_looked_up_again(
    services: Services, world: World, address: EntitySetAddress
) -> None:
    store = Forgetful(services.snapshots, 1, between=lambda: world.publish("master"))
    assert open_version(forgetful(services, store), "master", address)
    assert len(set(store.asked)) == 2


def test_files_that_stay_away_make_the_data_source_unavailable(services: Services, address: EntitySetAddress) -> None:
    store = Forgetful(services.snapshots, 2)
    with pytest.raises(Unavailable):
        open_version(forgetful(services, store), "master", address)
    assert len(store.asked) == 2
