"""Real processes, shared by the tests of a module."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.servers import Server, create_account, start_server


@pytest.fixture(scope="module")
def running_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Run one server for all tests of a module."""
    with start_server(tmp_path_factory.mktemp("installation") / "data") as server:
        yield server


@pytest.fixture(scope="module")
def keys(running_server: Server) -> dict[str, str]:
    """Create an account for the module; its keys by name."""
    return create_account(running_server.data_dir, "module")
