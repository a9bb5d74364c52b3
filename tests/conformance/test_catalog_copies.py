"""Copies of the whole catalog, on every backend."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from geostead.catalog.base import Catalog
from geostead.catalog.sql_catalog import SqlCatalog
from geostead.errors import InvalidParameter
from geostead.model.access import Account, Key
from geostead.model.job import AccessOrder, DeleteOrder, Job, JobStatus, PublishOrder, RollbackOrder, log_blob
from tests.builders import account_of, download_of, ending_of, key_of, load_of, reserved, version_of
from tests.conformance.conftest import NewDatabase
from tests.conformance.steps import LEASE_S, change, claimed, found_job, load, ordered, stage, versions_of
from tests.installations import Clock


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    """Return where no file is yet."""
    return tmp_path / "backup.sqlite3"


@pytest.fixture
def new_catalog(new_database: NewDatabase, clock: Clock, request: pytest.FixtureRequest) -> Callable[[], SqlCatalog]:
    """Return what makes catalogs on databases of their own, without a schema yet."""

    def make() -> SqlCatalog:
        made = SqlCatalog(new_database(), now=clock)
        request.addfinalizer(made.close)
        return made

    return make


def fill(catalog: Catalog, key: Key) -> list[Job]:
    """Put something of everything into a catalog and return the jobs."""
    account = catalog.get_account(key.account_id)
    query_key = key_of(account, "query")
    catalog.add_key(query_key)
    catalog.reserve(reserved(account, "Reserved"))
    catalog.accept_load(load_of(key, set_public=True, query_key=query_key, description="Ours"))
    first = claimed(catalog)
    catalog.complete_load(first, "worker", version_of(first), ending_of(error_log=log_blob(first.id, 1)))
    staged = stage(catalog, key)
    jobs = [
        first,
        staged,
        change(catalog, key, staged, PublishOrder()),
        ordered(catalog, key, staged, AccessOrder(is_public=False)),
        change(catalog, key, staged, RollbackOrder(first.id)),
        stage(catalog, key),
    ]
    download = download_of(first)
    catalog.accept_download(download)
    pending = ordered(catalog, key, staged, DeleteOrder(staged_only=True))
    return [*jobs, download, pending, catalog.accept_load(load_of(key, "Pubs"))]


def test_a_copy_is_the_same_catalog(
    catalog: Catalog, key: Key, backup: Path, new_catalog: Callable[[], SqlCatalog]
) -> None:
    jobs = fill(catalog, key)
    catalog.copy_to(backup)
    copy = new_catalog()
    copy.copy_from(backup)
    assert copy.list_accounts() == catalog.list_accounts()
    assert copy.list_keys(key.account_id) == catalog.list_keys(key.account_id)
    assert copy.list_every(key.account_id) == catalog.list_every(key.account_id)
    assert [copy.get_job(job.id) for job in jobs] == [catalog.get_job(job.id) for job in jobs]
    data_source_id = jobs[0].data_source_id
    assert copy.versions_of(data_source_id) == catalog.versions_of(data_source_id)
    assert (copy.used_blobs(), copy.used_snapshots()) == (catalog.used_blobs(), catalog.used_snapshots())


def test_every_catalog_has_an_id_that_stays_and_a_copy_brings_none(
    catalog: Catalog, key: Key, backup: Path, new_catalog: Callable[[], SqlCatalog]
) -> None:
    fill(catalog, key)
    catalog.copy_to(backup)
    copy = new_catalog()
    copy.migrate()
    own = copy.installation_id()
    copy.copy_from(backup)
    catalog.migrate()
    assert len({own, copy.installation_id(), catalog.installation_id()}) == 2
    assert copy.installation_id() == own


def test_a_copy_goes_on_where_the_catalog_was(
    catalog: Catalog, key: Key, backup: Path, new_catalog: Callable[[], SqlCatalog]
) -> None:
    first, second = load(catalog, key), load(catalog, key)
    catalog.copy_to(backup)
    copy = new_catalog()
    copy.copy_from(backup)
    change(copy, key, first, RollbackOrder(first.id))
    third = load(copy, key)
    assert versions_of(copy, key).every == tuple(version_of(job) for job in (third, first, second))
    assert versions_of(catalog, key).every == tuple(version_of(job) for job in (second, first))


def test_a_copy_is_one_file_as_of_its_moment(
    catalog: Catalog, key: Key, backup: Path, new_catalog: Callable[[], SqlCatalog]
) -> None:
    before = load(catalog, key)
    catalog.copy_to(backup)
    load(catalog, key)
    assert [path.name for path in backup.parent.glob("backup*")] == ["backup.sqlite3"]
    copy = new_catalog()
    copy.copy_from(backup)
    assert versions_of(copy, key).every == (version_of(before),)


def test_what_ran_when_the_copy_was_made_runs_again_at_once_and_counts_as_no_lost_lease(
    catalog: Catalog, clock: Clock, key: Key, backup: Path, new_catalog: Callable[[], SqlCatalog]
) -> None:
    accepted = catalog.accept_load(load_of(key))
    for _ in range(2):
        claimed(catalog)
        clock.advance(LEASE_S)
    claimed(catalog)
    catalog.copy_to(backup)
    copy = new_catalog()
    copy.copy_from(backup)
    for attempt in (4, 5):
        assert replace(claimed(copy), attempt=0) == accepted
        assert found_job(copy, accepted).attempt == attempt
        if attempt == 4:
            copy.release(found_job(copy, accepted), "worker")


def test_taking_in_a_copy_leaves_the_copy_as_it_was(
    catalog: Catalog, key: Key, backup: Path, new_catalog: Callable[[], SqlCatalog]
) -> None:
    load(catalog, key)
    catalog.copy_to(backup)
    bytes_before = backup.read_bytes()
    for _ in range(2):
        new_catalog().copy_from(backup)
    assert backup.read_bytes() == bytes_before


def test_a_catalog_that_holds_an_account_takes_in_no_copy(
    catalog: Catalog, account: Account, key: Key, backup: Path, new_catalog: Callable[[], SqlCatalog]
) -> None:
    load(catalog, key)
    catalog.copy_to(backup)
    other = new_catalog()
    other.migrate()
    owner = account_of("owner")
    other.add_account(owner, [])
    with pytest.raises(InvalidParameter, match="data folder: found 'one with the account owner'"):
        other.copy_from(backup)
    assert other.list_accounts() == [owner]


@pytest.mark.parametrize("damage", ["missing", "empty", "text", "other database", "cut off"])
def test_what_is_not_a_copy_of_a_catalog_is_refused(
    catalog: Catalog, key: Key, backup: Path, new_catalog: Callable[[], SqlCatalog], damage: str
) -> None:
    load(catalog, key)
    match damage:
        case "empty":
            backup.touch()
        case "text":
            backup.write_text("This is a text, not a database. " * 100)
        case "other database":
            engine = create_engine(f"sqlite:///{backup}")
            with engine.begin() as connection:
                connection.execute(text("CREATE TABLE accounts (id TEXT)"))
            engine.dispose()
        case "cut off":
            catalog.copy_to(backup)
            backup.write_bytes(backup.read_bytes()[: backup.stat().st_size // 2])
    other = new_catalog()
    other.migrate()
    with pytest.raises(InvalidParameter, match="backup: found"):
        other.copy_from(backup)
    assert other.list_accounts() == []


def test_a_copy_never_replaces_a_file(catalog: Catalog, backup: Path) -> None:
    backup.write_text("precious")
    with pytest.raises(FileExistsError):
        catalog.copy_to(backup)
    assert backup.read_text() == "precious"


def test_jobs_of_a_copy_have_the_status_they_had(
    catalog: Catalog, key: Key, backup: Path, new_catalog: Callable[[], SqlCatalog]
) -> None:
    job = load(catalog, key)
    ordered(catalog, key, job, DeleteOrder(staged_only=False))
    catalog.copy_to(backup)
    copy = new_catalog()
    copy.copy_from(backup)
    assert copy.find_by_name(key.account_id, "Shops") is None, "a deletion that was accepted stays accepted"
    copy.complete_change(claimed(copy), "worker", ending_of())
    assert copy.versions_of(job.data_source_id) is None
    assert found_job(copy, job).status is JobStatus.COMPLETED
