"""Backends that the suites run on. Another backend is another parameter here and nothing else."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from geostead.catalog.base import Catalog
from geostead.catalog.sql_catalog import SqlCatalog
from geostead.model.access import Account, Key
from geostead.model.ids import new_id
from tests.builders import account_of, key_of
from tests.installations import Clock

NewDatabase = Callable[[], str]
OpenCatalog = Callable[[], Catalog]


@pytest.fixture(params=["sqlite"])
def new_database(tmp_path: Path) -> NewDatabase:
    """Return what makes empty databases and gives their URLs."""
    return lambda: f"sqlite:///{tmp_path / new_id()}.sqlite"


@pytest.fixture
def database_url(new_database: NewDatabase) -> str:
    return new_database()


@pytest.fixture
def open_catalog(database_url: str, clock: Clock) -> Iterator[OpenCatalog]:
    """Return what opens one more catalog on one and the same database."""
    with ExitStack() as stack:
        yield lambda: stack.enter_context(closing(SqlCatalog(database_url, now=clock)))


@pytest.fixture
def catalog(open_catalog: OpenCatalog) -> Catalog:
    opened = open_catalog()
    opened.migrate()
    return opened


@pytest.fixture
def account(catalog: Catalog) -> Account:
    """Return the account "acme", which has no keys yet."""
    added = account_of("acme")
    catalog.add_account(added, [])
    return added


@pytest.fixture
def key(catalog: Catalog, account: Account) -> Key:
    """Return the key "master" of the account."""
    added = key_of(account, "master")
    catalog.add_key(added)
    return added
