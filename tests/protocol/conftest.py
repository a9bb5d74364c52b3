"""One server for the whole folder, with accounts and keys of every state."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from tests.deployments import catalog_url
from tests.geocoding.places_index import shared_folder
from tests.protocol.api import Api, Source
from tests.protocol.cafes import CAFES_UPLOAD
from tests.protocol.parks import PARKS_UPLOAD
from tests.servers import Server, administer, create_account, start_server


@dataclass(frozen=True)
class Keys:
    """Keys of the account that most tests use, and one of another account."""

    master: str
    query: str
    third: str
    revoked: str
    expired: str
    stranger: str


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    data_dir = tmp_path_factory.mktemp("protocol") / "data"
    environment = {"GEOSTEAD_LOG_LEVEL": "debug", "GEOSTEAD_PLACES_DIR": str(shared_folder())}
    with start_server(data_dir, environment=environment) as running:
        yield running


@pytest.fixture(scope="session")
def keys(server: Server) -> Keys:
    data_dir = server.data_dir
    own = create_account(data_dir, "protocol")
    strangers = create_account(data_dir, "strangers")
    third = create_key(data_dir, "protocol", "third")
    revoked = create_key(data_dir, "protocol", "revoked")
    administer(data_dir, "key", "revoke", "protocol", "revoked")
    expired = create_key(data_dir, "protocol", "expired", "--expires-days", "1")
    let_two_days_pass(data_dir, "expired")
    return Keys(own["master"], own["query"], third, revoked, expired, strangers["master"])


def create_key(data_dir: Path, account: str, name: str, *arguments: str, stdin: str | None = None) -> str:
    """Create or import a key and return its value."""
    created = administer(data_dir, "key", "create", account, "--name", name, *arguments, "--json", stdin=stdin)
    return str(json.loads(created)["keys"][0]["key"])


def let_two_days_pass(data_dir: Path, key_name: str) -> None:
    """Move the end of a key two days into the past: a black box cannot wait for it."""
    two_days_us = 2 * 24 * 3600 * 1_000_000
    change_catalog(
        data_dir, "UPDATE keys SET expires_at = expires_at - :us WHERE name = :name", us=two_days_us, name=key_name
    )


def set_limit(data_dir: Path, account: str, name: str, value: int) -> None:
    """Override one limit of an account, so that nobody uploads 300 MB or waits for fifty jobs."""
    administer(data_dir, "account", "set-limits", account, "--" + name.replace("_", "-"), str(value))


def change_catalog(data_dir: Path, statement: str, **values: object) -> None:
    """Change one row of the catalog behind the back of the server."""
    with create_engine(catalog_url(data_dir), poolclass=NullPool).begin() as catalog:
        assert catalog.execute(text(statement), values).rowcount == 1


@pytest.fixture(scope="session")
def api(server: Server, keys: Keys) -> Api:
    """The service as the account's first key sees it."""
    return Api(server, keys.master)


@pytest.fixture(scope="session")
def new_name() -> Callable[[], str]:
    """Names of data sources that no other test uses."""
    numbers = itertools.count(1)
    return lambda: f"Source{next(numbers)}"


@pytest.fixture(scope="session")
def cafes(api: Api) -> Source:
    """The data source that most queries ask; no test changes it."""
    return api.source("Cafes", CAFES_UPLOAD)


@pytest.fixture(scope="session")
def parks(api: Api) -> Source:
    """A data source with geographies, whose Latitude and Longitude are computed; no test changes it."""
    return api.source("Parks", PARKS_UPLOAD)
