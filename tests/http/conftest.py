"""A door with an account behind it: keys "master", "query" and "third" of one account, "stranger" of another."""

import pytest

from geostead.model.data_source import DataSource
from geostead.operations.services import Services
from tests.http.door import Door, World


@pytest.fixture
def world(services: Services) -> World:
    made = World(services)
    made.account("owners", "master", "query", "third")
    made.account("strangers", "stranger")
    return made


@pytest.fixture
def door(services: Services, world: World) -> Door:  # world: so that there are keys
    return Door(services)


@pytest.fixture
def places(world: World) -> DataSource:
    """A published data source of the key "master"."""
    return world.publish("master")
