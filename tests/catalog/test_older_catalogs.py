"""A catalog of an older program goes on where it was, once it has the schema of this one."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from geostead.catalog.sql_catalog import SqlCatalog
from geostead.model.access import Key
from geostead.model.job import DownloadOrder, Job, JobStatus, LoadOrder, RollbackOrder
from tests.builders import NOON, change_of, ending_of
from tests.conformance.steps import claimed, load, versions_of
from tests.installations import Clock

SAMPLE = Path(__file__).parent / "samples" / "catalog_0001.sql"


def id_of(number: int) -> str:
    """Return one of the ids of the sample."""
    return f"{number:032x}"


LOADS = [id_of(number) for number in (0x08, 0x0B, 0x0E, 0x11, 0x14, 0x17)]
"""Of the versions of these the first two are gone."""
DONE, DONE_OF_GONE, PENDING, PENDING_OF_GONE = (id_of(number) for number in (0x1A, 0x1B, 0x1C, 0x1D))
PENDING_LOAD = id_of(0x1E)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return the sample as a database."""
    made = tmp_path / "catalog.sqlite"
    with closing(sqlite3.connect(made)) as connection:
        connection.executescript(SAMPLE.read_text())
    return made


@pytest.fixture
def catalog(path: Path, clock: Clock) -> Iterator[SqlCatalog]:
    with closing(SqlCatalog(f"sqlite:///{path}", now=clock)) as opened:
        opened.migrate()
        yield opened


@pytest.fixture
def key(catalog: SqlCatalog) -> Key:
    (account,) = catalog.list_accounts()
    return catalog.list_keys(account.id)[0]


def job_of(catalog: SqlCatalog, job_id: str) -> Job:
    found = catalog.get_job(job_id)
    assert found is not None
    return found


def test_versions_stand_as_they_stood_and_the_newest_was_published_last(catalog: SqlCatalog, key: Key) -> None:
    found = versions_of(catalog, key)
    assert [version.job_id for version in found.every] == LOADS[:1:-1]
    assert found.published is not None
    assert found.published.job_id == LOADS[5]
    assert (found.data_source.is_public, found.data_source.description) == (True, "Ours")
    assert [every.data_source.name for every in catalog.list_every(key.account_id)] == ["Reserved", "Shops"]


def test_jobs_that_waited_run_and_publications_count_on(catalog: SqlCatalog, key: Key) -> None:
    assert isinstance(job_of(catalog, PENDING_LOAD).order, LoadOrder)
    assert [claimed(catalog).id, claimed(catalog).id] == [PENDING, PENDING_LOAD]
    catalog.abort(job_of(catalog, PENDING_LOAD), "worker", "unreadable", ending_of())
    rollback = change_of(job_of(catalog, LOADS[5]), RollbackOrder(LOADS[2]))
    catalog.accept_change(rollback, key)
    catalog.complete_change(claimed(catalog), "worker", ending_of())
    newer = load(catalog, key)
    found = versions_of(catalog, key)
    assert [version.job_id for version in found.every] == [newer.id, LOADS[2], LOADS[5], LOADS[4]]


@pytest.mark.parametrize(("job_id", "version_id"), [(DONE, LOADS[5]), (PENDING, LOADS[4])])
def test_downloads_get_the_snapshot_of_their_version(catalog: SqlCatalog, job_id: str, version_id: str) -> None:
    job = job_of(catalog, job_id)
    assert job.order == DownloadOrder(version_id, f"{version_id}-1")
    assert job.output == (f"downloads/{DONE}" if job_id == DONE else None)


def test_a_pending_download_of_a_version_that_is_gone_is_aborted_with_the_reason(catalog: SqlCatalog) -> None:
    job = job_of(catalog, PENDING_OF_GONE)
    assert (job.status, job.completed_at) == (JobStatus.ABORTED, NOON)
    assert job.error_message == "The version was replaced before it was downloaded."


def test_a_completed_download_of_a_version_that_is_gone_loses_its_output_and_needs_no_snapshot(
    catalog: SqlCatalog,
) -> None:
    job = job_of(catalog, DONE_OF_GONE)
    assert (job.status, job.output) == (JobStatus.COMPLETED, None)
    needed = {file.name for file in catalog.needed_files().snapshots}
    assert needed == {f"{version_id}-1" for version_id in LOADS[2:]}


def test_a_copy_that_an_older_program_made_is_brought_to_the_schema_of_this_one(
    path: Path, catalog: SqlCatalog, tmp_path: Path, clock: Clock
) -> None:
    older = tmp_path / "older.sqlite"
    with closing(sqlite3.connect(older)) as connection:
        connection.executescript(SAMPLE.read_text())
    with closing(SqlCatalog(f"sqlite:///{tmp_path / 'restored.sqlite'}", now=clock)) as restored:
        restored.copy_from(older)
        (account,) = restored.list_accounts()
        assert restored.list_every(account.id) == catalog.list_every(account.id)
        assert restored.get_job(PENDING) == catalog.get_job(PENDING)
