"""What a node has in its cache decides what it fetches ahead."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from geostead.errors import Unavailable
from geostead.model.job import LoadOperation
from geostead.objects.base import ObjectStore
from geostead.operations.services import Services
from geostead.operations.warm_up import warm_up
from geostead.snapshots.node_cache import NodeCache
from geostead.snapshots.objects import ObjectSnapshots
from geostead.wire.entities_json import render_fragments
from tests.installations import Installation, new_installation
from tests.snapshots.stored import WatchedObjects


@pytest.fixture
def site(tmp_path: Path, objects: ObjectStore) -> Iterator[Installation]:
    """An installation whose jobs run on a node of their own."""
    made = new_installation(tmp_path)
    elsewhere = ObjectSnapshots(objects, NodeCache(tmp_path / "worker", 10**9), render_fragments)
    made.services = replace(made.services, snapshots=elsewhere)
    yield made
    made.services.catalog.close()


@pytest.fixture
def node(tmp_path: Path, objects: ObjectStore) -> ObjectSnapshots:
    return ObjectSnapshots(objects, NodeCache(tmp_path / "cache", 10**9), render_fragments)


def upload(name: str) -> bytes:
    columns = "Id(Edm.String,primaryKey)|Latitude(Edm.Double)|Longitude(Edm.Double)"
    return f"Bing Spatial Data Services, 1.0, Place\n{columns}\n{name}|1|2\n".encode()


def published(site: Installation, name: str) -> str:
    version = site.versions(name).published
    assert version is not None
    return version.snapshot_id


def test_a_node_that_has_a_version_fetches_the_next_ones_and_keeps_the_old(
    site: Installation, node: ObjectSnapshots
) -> None:
    site.load("Asked", upload("a"))
    site.load("Never", upload("n"))
    first = published(site, "Asked")
    node.open(first)
    site.load("Asked", upload("b"))
    site.load("Asked", upload("c"), LoadOperation.COMPLETE_STAGING)
    staged = site.versions("Asked").staged
    assert staged is not None
    warm_up(site.services.catalog, node)
    assert node.fetched_at_s().keys() == {first, published(site, "Asked"), staged.snapshot_id}
    assert node.open_at_once(published(site, "Asked")) is not None


def test_what_no_version_needs_any_more_leaves_the_cache(site: Installation, node: ObjectSnapshots) -> None:
    site.load("Asked", upload("0"))
    first = published(site, "Asked")
    node.open(first)
    for turn in range(1, 5):  # three previous versions stay
        site.load("Asked", upload(str(turn)))
        warm_up(site.services.catalog, node)
    assert first not in node.fetched_at_s()
    assert published(site, "Asked") in node.fetched_at_s()


def test_a_node_that_was_asked_nothing_fetches_nothing(site: Installation, node: ObjectSnapshots) -> None:
    site.load("Asked", upload("a"))
    warm_up(site.services.catalog, node)
    assert node.fetched_at_s() == {}


def test_a_version_whose_files_are_gone_keeps_the_others_from_nothing(
    site: Installation, node: ObjectSnapshots
) -> None:
    services: Services = site.services
    for name in ("One", "Two"):
        site.load(name, upload(name))
        node.open(published(site, name))
        site.load(name, upload(name + "2"))
    services.snapshots.delete(published(site, "One"))
    warm_up(services.catalog, node)
    assert published(site, "Two") in node.fetched_at_s()
    assert published(site, "One") not in node.fetched_at_s()


def test_a_version_that_cannot_be_had_right_now_keeps_the_others_from_nothing_and_is_told_in_the_end(
    site: Installation, tmp_path: Path, objects: ObjectStore
) -> None:
    watched = WatchedObjects(objects)
    node = ObjectSnapshots(watched, NodeCache(tmp_path / "cache", 10**9), render_fragments)
    site.load("Gone", upload("g"))
    unneeded = published(site, "Gone")
    node.open(unneeded)
    site.services.catalog.delete_account(site.key.account_id)
    site.key = site.add_key("another", account_name="another")
    for name in ("One", "Two"):
        site.load(name, upload(name))
        node.open(published(site, name))
        site.load(name, upload(name + "2"))

    def fail(name: str, _: Path) -> None:
        if published(site, "One") in name:
            raise Unavailable("the store stumbles")

    watched.after_fetch = fail
    with pytest.raises(Unavailable, match="1 versions"):
        warm_up(site.services.catalog, node)
    assert published(site, "Two") in node.fetched_at_s()
    assert unneeded not in node.fetched_at_s()
