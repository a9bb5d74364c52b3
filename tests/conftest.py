"""What tests of several rooms are handed."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from geostead.blobs.fetch import HttpFiles
from geostead.blobs.folder import FolderBlobs
from geostead.catalog.sql_catalog import SqlCatalog
from geostead.model.ids import new_id
from geostead.objects.base import ObjectStore
from geostead.operations import passwords
from geostead.operations.services import Services
from geostead.routing.straight import GreatCircles
from geostead.snapshots.store import FolderSnapshots
from geostead.wire.entities_json import render_fragments
from tests.installations import Clock
from tests.passwords import CountingHasher, quick_hasher
from tests.postgres import POSTGIS, Postgres, running_postgres
from tests.s3 import S3Server, running_s3

# How long an example takes says more about the machine than about the code.
settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")

# Servers of tests stop at once, unless a test is about how they stop.
os.environ.setdefault("GEOSTEAD_DRAIN_S", "0")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """Return a PostgreSQL that many tests share: none of them may stop it."""
    with running_postgres() as server:
        yield server


@pytest.fixture
def postgres_url(postgres: Postgres) -> Iterator[str]:
    """Return the URL of an empty database on PostgreSQL."""
    url = postgres.new_database()
    yield url
    postgres.drop_database(url)


@pytest.fixture
def postgis_url(postgres: Postgres) -> Iterator[str]:
    """Return the URL of an empty database with PostGIS."""
    url = postgres.new_database(like=POSTGIS)
    yield url
    postgres.drop_database(url)


@pytest.fixture(scope="session")
def shared_s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """Return an S3 server that many tests share: none of them may stop it."""
    with running_s3(tmp_path_factory.mktemp("s3")) as server:
        yield server


@pytest.fixture
def objects(shared_s3: S3Server, monkeypatch: pytest.MonkeyPatch) -> ObjectStore:
    """Return a store on S3 in which there is nothing yet."""
    from geostead.objects.cloud import CloudObjects

    for name, value in shared_s3.environment.items():
        monkeypatch.setenv(name, value)
    return CloudObjects(shared_s3.fresh_url())


@pytest.fixture
def services(tmp_path: Path, clock: Clock) -> Iterator[Services]:
    """Everything an operation may touch, on a folder of its own; the clock stands still."""
    catalog = SqlCatalog(f"sqlite:///{tmp_path / 'catalog.sqlite'}", now=clock)
    catalog.migrate()
    snapshots = FolderSnapshots(tmp_path / "snapshots", render_fragments)
    yield Services(
        catalog, snapshots, FolderBlobs(tmp_path / "blobs"), HttpFiles(()), GreatCircles(), None, clock, new_id
    )
    catalog.close()


@pytest.fixture
def hasher(monkeypatch: pytest.MonkeyPatch) -> CountingHasher:
    """Hash passwords quickly in this process, and return what counts how often one is looked at."""
    quick = quick_hasher()
    hashing = passwords.Hashing(quick, quick.hash(b"nobody knows"))  # type: ignore[arg-type]
    monkeypatch.setattr(passwords, "hashing", lambda: hashing)
    return quick
