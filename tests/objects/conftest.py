"""The stores that the suite runs on: each a real server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from geostead.objects.cloud import CloudObjects
from tests.azurite import Azurite, running_azurite
from tests.s3 import S3Server

Store = S3Server | Azurite


@pytest.fixture(scope="module")
def azurite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Azurite]:
    with running_azurite(tmp_path_factory.mktemp("azurite")) as server:
        yield server


@pytest.fixture(params=["shared_s3", "azurite"])
def store(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Store:
    """Return a server whose variables are set."""
    server: Store = request.getfixturevalue(request.param)
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)
    return server


@pytest.fixture
def objects(store: Store) -> CloudObjects:
    """Return a store in which there is nothing yet."""
    return CloudObjects(store.fresh_url())
