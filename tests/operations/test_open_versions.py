"""Open versions are remembered until anything is committed to the catalog."""

import weakref
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from geostead.catalog.base import Catalog, QueryTarget
from geostead.errors import CredentialsExpired, InvalidCredentials, NotAuthorized, NotFound, Unavailable
from geostead.model.access import Key, digest_of
from geostead.model.ids import new_id
from geostead.operations.open_version import EntitySetAddress
from geostead.operations.open_versions import OpenVersions
from geostead.operations.services import Services
from tests.http.door import World


@pytest.fixture
def world(services: Services) -> World:
    made = World(services)
    made.account("owners", "master")
    made.account("strangers", "stranger")
    return made


@pytest.fixture
def address(world: World) -> EntitySetAddress:
    return EntitySetAddress(world.publish("master").access_id, "Places", "Cafes")


@pytest.fixture
def versions(services: Services, address: EntitySetAddress) -> OpenVersions:
    opened = OpenVersions(services)
    opened.look()
    return opened


def test_a_version_is_opened_once_while_nothing_is_committed(versions: OpenVersions, address: EntitySetAddress) -> None:
    first = versions.open("master", address)
    versions.look()
    assert versions.open(" master ", address).target is first.target


def test_a_snapshot_is_kept_open_by_its_store_alone(
    services: Services, versions: OpenVersions, address: EntitySetAddress
) -> None:
    opened = versions.open("master", address)
    services.snapshots.delete(opened.version.snapshot_id)
    left = weakref.ref(opened.snapshot)
    del opened
    assert left() is None
    with pytest.raises(Unavailable):
        versions.open("master", address)


def test_what_is_published_is_seen_after_the_next_look(
    versions: OpenVersions, address: EntitySetAddress, world: World
) -> None:
    before = versions.open("master", address)
    world.publish("master")
    versions.look()
    assert versions.open("master", address).version.job_id != before.version.job_id


class Overtaken:
    """A catalog whose next look-up takes so long that something else is published, and noticed, before its end."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self.meanwhile: list[Callable[[], object]] = []

    def query_target(self, access_id: str, name: str, key_digest: str) -> QueryTarget:
        found = self._catalog.query_target(access_id, name, key_digest)
        while self.meanwhile:
            self.meanwhile.pop(0)()
        return found

    def __getattr__(self, name: str) -> object:
        return getattr(self._catalog, name)


def test_what_was_looked_up_before_a_commit_is_not_remembered_after_it(
    services: Services, address: EntitySetAddress, world: World
) -> None:
    catalog = Overtaken(services.catalog)
    versions = OpenVersions(replace(services, catalog=catalog))  # type: ignore[arg-type]
    versions.look()
    catalog.meanwhile += [lambda: world.publish("master"), versions.look]
    before = versions.open("master", address)
    assert versions.remembered("master", address) is None
    assert versions.open("master", address).version.job_id != before.version.job_id


def test_what_one_key_opened_stays_closed_to_others(versions: OpenVersions, address: EntitySetAddress) -> None:
    assert versions.open("master", address)
    with pytest.raises(NotAuthorized):
        versions.open("stranger", address)
    with pytest.raises(InvalidCredentials):
        versions.open("unknown", address)


def test_the_staged_version_is_not_taken_for_the_published_one(
    versions: OpenVersions, address: EntitySetAddress
) -> None:
    assert versions.open("master", address)
    with pytest.raises(NotFound, match="no staged version"):
        versions.open("master", address._replace(staged=True))


def test_a_revoked_key_opens_nothing_after_the_next_look(
    services: Services, versions: OpenVersions, address: EntitySetAddress, world: World
) -> None:
    world.publish("master", set_public=True)
    versions.look()
    assert versions.open("stranger", address)
    stranger = world.key("stranger")
    services.catalog.revoke_key(stranger.account_id, stranger.name, services.now())
    versions.look()
    with pytest.raises(CredentialsExpired):
        versions.open("stranger", address)


def test_a_key_opens_nothing_once_it_has_expired_though_nothing_was_committed(
    services: Services, address: EntitySetAddress, world: World
) -> None:
    master, now = world.key("master"), services.now()
    expires_at = now + timedelta(seconds=10)
    services.catalog.add_key(Key(new_id(), master.account_id, "short", digest_of("short"), now, expires_at))
    times = [now, now, expires_at, expires_at]
    versions = OpenVersions(replace(services, now=lambda: times.pop(0)))
    versions.look()
    assert versions.open("short", address).target is versions.open("short", address).target
    with pytest.raises(CredentialsExpired):
        versions.open("short", address)


def test_a_version_is_remembered_once_however_it_is_spelled(versions: OpenVersions, address: EntitySetAddress) -> None:
    first = versions.open("master", address)
    spelled = EntitySetAddress(address.access_id.upper(), "pLACES", "cAFES")
    assert versions.open("master", spelled).target is first.target
