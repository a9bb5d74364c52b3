"""Backends that the suites run on. Another backend is another parameter here and nothing else."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager

import pytest

from geostead.catalog.base import Catalog
from geostead.catalog.sql_catalog import SqlCatalog
from geostead.catalog.tables import CONTENT, PASSING
from geostead.model.access import Account, Key
from geostead.model.ids import new_id
from tests.builders import account_of, key_of
from tests.installations import Clock
from tests.postgres import Postgres

NewDatabase = Callable[[], str]
OpenCatalog = Callable[[], Catalog]


@pytest.fixture(params=["sqlite", "postgresql"])
def database_kind(request: pytest.FixtureRequest) -> str:
    kind: str = request.param
    return kind


@pytest.fixture
def examples(database_kind: str) -> int:
    """Return how many histories a state machine makes up: a statement takes a hundred times as long on PostgreSQL."""
    return 25 if database_kind == "sqlite" else 4


@pytest.fixture
def new_database(database_kind: str, request: pytest.FixtureRequest) -> Iterator[NewDatabase]:
    """Return what makes empty databases and gives their URLs."""
    if database_kind == "sqlite":
        folder = request.getfixturevalue("tmp_path")
        yield lambda: f"sqlite:///{folder / new_id()}.sqlite"
    else:
        emptied: Emptied = request.getfixturevalue("emptied")
        with emptied.lent() as lend:
            yield lend


@pytest.fixture(scope="session")
def emptied(postgres: Postgres) -> "Emptied":
    return Emptied(postgres)


class Emptied:
    """Databases on PostgreSQL that have the schema and nothing else: emptied is ten times as fast as made."""

    def __init__(self, server: Postgres) -> None:
        self._server = server
        self._free: list[str] = []

    @contextmanager
    def lent(self) -> Iterator[NewDatabase]:
        """Return what lends databases until the block is left."""
        lent: list[str] = []

        def lend() -> str:
            lent.append(self._free.pop() if self._free else self._made())
            return lent[-1]

        yield lend
        tables = ", ".join(table.name for table in (*CONTENT, *PASSING))
        for url in lent:
            self._server.execute(f"TRUNCATE {tables} RESTART IDENTITY CASCADE", url.rpartition("/")[2])
            self._free.append(url)

    def _made(self) -> str:
        url = self._server.new_database()
        with closing(SqlCatalog(url)) as catalog:
            catalog.migrate()
        return url


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
