"""What SQLite is asked to be: durable, patient for a while, and quick to look things up."""

import logging
import sqlite3
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine, event
from sqlalchemy.exc import IntegrityError

from geostead.catalog.clock import GivenClock
from geostead.catalog.database import Database, Watch
from geostead.catalog.sql_catalog import SqlCatalog
from geostead.catalog.sqlite import Sqlite, SqliteWatch
from geostead.errors import DiskFull, InvalidParameter, Unavailable
from geostead.model.job import AccessOrder, DeleteOrder, Progress, RollbackOrder
from tests.builders import NOON, account_of, change_of, ending_of, key_of, load_of, version_of
from tests.disk_calls import DiskCalls
from tests.installations import Clock


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "catalog.sqlite"


@pytest.fixture
def catalog(path: Path, clock: Clock) -> Iterator[SqlCatalog]:
    opened = SqlCatalog(f"sqlite:///{path}", now=clock, busy_timeout_s=0.05)
    opened.migrate()
    yield opened
    opened.close()


@pytest.mark.parametrize(
    ("pragma", "expected"),
    [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1), ("busy_timeout", 50), ("secure_delete", 1)],
)
def test_every_connection_is_set_up(catalog: SqlCatalog, pragma: str, expected: object) -> None:
    with catalog._database.writing() as connection:
        assert connection.exec_driver_sql(f"PRAGMA {pragma}").scalar() == expected


@pytest.mark.parametrize("length", [100, 20_000], ids=["within a page", "over several pages"])
def test_of_a_signature_that_is_forgotten_no_byte_stays_in_the_file(
    catalog: SqlCatalog, path: Path, length: int
) -> None:
    account = account_of()
    key = key_of(account)
    catalog.add_account(account, [key])
    asked, signature = load_of(key), "S1gnature" * (length // 9)
    order = replace(asked.order, location=f"https://example.org/shops.csv?sig={signature}")
    catalog.accept_load(replace(asked, order=order))
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert b"S1gnature" in path.read_bytes()
    job = catalog.claim("worker", 60)
    assert job is not None
    catalog.complete_load(job, "worker", version_of(job), ending_of())

    catalog.close()

    assert [found for found in path.parent.iterdir() if b"S1gnature" in found.read_bytes()] == []


def test_nothing_is_opened_before_it_is_needed(path: Path, clock: Clock) -> None:
    SqlCatalog(f"sqlite:///{path}", now=clock).close()
    assert not path.exists()


def test_a_catalog_that_others_keep_locked_is_unavailable(catalog: SqlCatalog, path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Unavailable, match="does not answer"):
            catalog.add_account(account_of(), [])
        catalog.ping()
        assert catalog.find_account("acme") is None, "who only reads never waits for a writer"
        other.execute("ROLLBACK")
    catalog.add_account(account_of(), [])


def test_an_attempt_to_sign_in_that_is_refused_waits_for_no_writer(catalog: SqlCatalog, path: Path) -> None:
    within = timedelta(minutes=15)
    assert catalog.admit_attempt({"ada": 1}, NOON, within) is None
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert catalog.admit_attempt({"ada": 1}, NOON, within) == NOON + within


def test_a_catalog_whose_folder_is_missing_is_unavailable(tmp_path: Path, clock: Clock) -> None:
    catalog = SqlCatalog(f"sqlite:///{tmp_path / 'nowhere' / 'catalog.sqlite'}", now=clock)
    with pytest.raises(Unavailable):
        catalog.ping()
    with pytest.raises(Unavailable):
        catalog.revision()
    with pytest.raises(Unavailable):
        catalog.query_target("ab" * 16, "Shops", "0" * 64)


def test_a_database_file_that_is_damaged_is_unavailable_and_the_message_says_so(
    catalog: SqlCatalog, path: Path, clock: Clock
) -> None:
    for name in ("a", "b"):
        catalog.add_account(account_of(name), [])
    catalog.close()
    content = path.read_bytes()
    path.write_bytes(content[:4096] + b"\x5a" * (len(content) - 4096))
    with closing(SqlCatalog(f"sqlite:///{path}", now=clock)) as damaged:
        with pytest.raises(Unavailable, match="damaged or is none: database disk image is malformed"):
            damaged.list_accounts()
        with pytest.raises(Unavailable, match="malformed"):
            damaged.migrate()


def test_a_file_that_is_no_database_is_unavailable_and_the_message_says_so(path: Path, clock: Clock) -> None:
    path.write_text("This is a text, not a database. " * 100)
    with closing(SqlCatalog(f"sqlite:///{path}", now=clock)) as catalog:
        for ask in (catalog.ping, catalog.migrate, catalog.revision, catalog.list_accounts):
            with pytest.raises(Unavailable, match="damaged or is none: file is not a database"):
                ask()
        with pytest.raises(Unavailable, match="file is not a database"):
            catalog.query_target("ab" * 16, "Shops", "0" * 64)


def test_a_full_disk_is_called_a_full_disk_and_what_was_half_written_is_not_there(
    catalog: SqlCatalog, path: Path
) -> None:
    key = key_of(account := account_of())
    catalog.add_account(account, [key])
    catalog.accept_load(load_of(key))
    engine = catalog._database._reader
    with engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}"))
    big = load_of(key, description="A description as long as the rest of the disk. " * 10_000)
    with pytest.raises(DiskFull, match="disk is full"):
        catalog.accept_load(big)
    assert catalog.get_job(big.job_id) is None
    catalog.ping()


def test_who_waits_in_vain_for_a_lock_is_told_of_the_lock(catalog: SqlCatalog, path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Unavailable, match="does not answer right now: database is locked"):
            catalog.add_account(account_of(), [])


def test_a_statement_that_breaks_a_rule_is_a_bug_and_not_called_unavailable(catalog: SqlCatalog) -> None:
    with pytest.raises(IntegrityError):
        catalog.add_key(key_of(account_of()))


def test_a_copy_and_its_name_are_on_the_disk_when_it_is_announced(
    catalog: SqlCatalog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "copies").mkdir()
    calls = DiskCalls(tmp_path, monkeypatch)
    catalog.copy_to(tmp_path / "copies" / "catalog.sqlite3")
    assert calls.made == ["sync copies/catalog.sqlite3", "sync copies"]


def test_a_closed_watch_leaves_no_connection_behind(catalog: SqlCatalog, path: Path) -> None:
    catalog.revision()
    catalog.query_target("ab" * 16, "Shops", "0" * 64)
    catalog.close()
    assert not path.with_name("catalog.sqlite-wal").exists(), "the last connection takes the log away"


def test_watches_may_be_opened_while_the_database_is_closed() -> None:
    class IdleWatch(SqliteWatch):
        def __init__(self) -> None:
            pass

        def close(self) -> None:
            pass

    class Idle(Sqlite):
        def open_watch(self) -> SqliteWatch:
            return IdleWatch()

    engine = create_engine("sqlite://")
    database = Database(engine, engine, Idle(engine), GivenClock(lambda: NOON))
    opened: list[Watch] = []
    switch_interval_s = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(1) as threads:
            opening = threads.submit(lambda: opened.extend(database.watch() for _ in range(20_000)))
            while not opening.done():
                database.close()
        opening.result()
    finally:
        sys.setswitchinterval(switch_interval_s)
    assert len(opened) == 20_000


@pytest.mark.parametrize(
    "url",
    ["mysql://user:secret@host/name", "sqlite://", "sqlite:///:memory:", "secret", "sqlite:secret", "a b://:secret@"],
)
def test_a_database_url_of_another_kind_is_refused_without_showing_its_password(clock: Clock, url: str) -> None:
    with pytest.raises(InvalidParameter, match=r"sqlite:///path/of/a/file or postgresql://") as refused:
        SqlCatalog(url, now=clock)
    assert "secret" not in str(refused.value)


def test_errors_of_the_database_do_not_show_values(catalog: SqlCatalog) -> None:
    orphan = key_of(account_of())
    with pytest.raises(Exception, match="FOREIGN KEY") as raised:
        catalog.add_key(orphan)
    assert orphan.digest not in str(raised.value)


def test_hot_statements_search_by_an_index_and_scan_no_table(
    catalog: SqlCatalog, caplog: pytest.LogCaptureFixture
) -> None:
    account = account_of()
    key = key_of(account)
    catalog.add_account(account, [key])
    catalog.accept_load(load_of(key))
    with caplog.at_level(logging.INFO, logger="sqlalchemy.engine.Engine"):
        catalog._database._reader.echo = True
        job = catalog.claim("worker", 60)
        assert job is not None
        catalog.complete_load(job, "worker", version_of(job), ending_of())
        catalog.query_target(job.access_id, "Shops", key.digest)
        catalog.find_by_name(account.id, "Shops")
        catalog.accept_load(load_of(key))
        catalog.newest_downloads(account.id, "Shops")
        catalog.list_jobs(account.id, NOON)
        catalog.find_by_access_id(job.access_id)
        catalog.versions_of(job.data_source_id)
        catalog.accept_change(change_of(job, AccessOrder(is_public=True)), key)
        pending = catalog.claim("worker", 60)
        assert pending is not None
        catalog.abort(pending, "worker", "because", ending_of())
        catalog.accept_change(change_of(job, RollbackOrder(job.id)), key)
        catalog.accept_change(change_of(job, DeleteOrder(staged_only=False)), key)
        for _ in range(2):
            change = catalog.claim("worker", 60)
            assert change is not None
            catalog.complete_change(change, "worker", ending_of())
    messages = {record.message for record in caplog.records}
    statements = [message for message in messages if message.startswith(("SELECT", "UPDATE", "DELETE"))]
    assert len(statements) >= 20
    for statement in statements:
        assert scans(catalog, statement) == [], statement


def test_a_lease_counts_from_when_the_lock_was_had_not_from_when_it_was_asked_for(
    catalog: SqlCatalog, path: Path, clock: Clock
) -> None:
    key = key_of(account := account_of())
    catalog.add_account(account, [key])
    catalog.accept_load(load_of(key))
    was_locked: list[bool] = []

    def looked_at() -> datetime:
        with closing(sqlite3.connect(path, isolation_level=None, timeout=0)) as other:
            try:
                other.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError:
                was_locked.append(True)
            else:
                was_locked.append(False)
        return clock()

    with closing(SqlCatalog(f"sqlite:///{path}", now=looked_at)) as watched:
        job = watched.claim("worker", 60)
        assert job is not None
        assert was_locked == [False, True]
        watched.renew(job, "worker", 60, Progress(0, 0, 0))
        assert was_locked[2:] == [True]


_ONE_ROW = ("SCAN CONSTANT ROW", "SCAN asked")
"""Of the row that the look-up for a query joins everything to: it is no table."""


def scans(catalog: SqlCatalog, statement: str) -> list[str]:
    """Return the steps of a statement's plan that read a whole table."""
    with catalog._database.reading() as connection:
        values = (0,) * statement.count("?")
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
        steps = [step.detail for step in plan if step.detail.startswith("SCAN")]
        return [step for step in steps if step not in _ONE_ROW]
