"""One server for the whole folder, and a client for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from geostead.client import Geostead
from tests.servers import Server, create_account, start_server


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with start_server(tmp_path_factory.mktemp("client") / "data") as running:
        yield running


@pytest.fixture(scope="session")
def keys(server: Server) -> dict[str, str]:
    return create_account(server.data_dir, "client")


@pytest.fixture
def geostead(server: Server, keys: dict[str, str]) -> Iterator[Geostead]:
    with Geostead(server.url, keys["master"]) as opened:
        yield opened
