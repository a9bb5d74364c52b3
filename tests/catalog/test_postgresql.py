"""What PostgreSQL is asked to be, and what happens when it goes away: nothing half done, nothing reported too early."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text

from geostead.catalog.database import CatalogPart, transaction
from geostead.catalog.sql_catalog import SqlCatalog
from geostead.errors import InvalidParameter, Unavailable, Unfit
from geostead.model.access import Key
from geostead.model.job import JobStatus
from tests.builders import NOTHING_DONE, account_of, ending_of, key_of, load_of, version_of
from tests.postgres import PASSWORD, Postgres, running_postgres

WAIT_S = 30.0
HANG_UP_ALL = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE pid != pg_backend_pid() AND datname = current_database() AND backend_type = 'client backend'
"""


@pytest.fixture
def catalog(postgres_url: str) -> Iterator[SqlCatalog]:
    with closing(SqlCatalog(postgres_url)) as opened:
        opened.migrate()
        yield opened


@pytest.fixture
def key(catalog: SqlCatalog) -> Key:
    return added_key(catalog)


@pytest.fixture(scope="module")
def mortal() -> Iterator[Postgres]:
    """Return a server that tests of this file may kill."""
    with running_postgres() as server:
        yield server


@pytest.fixture
def exposed(mortal: Postgres) -> Iterator[SqlCatalog]:
    """Return a catalog on a server that may be killed."""
    with closing(SqlCatalog(mortal.new_database())) as opened:
        opened.migrate()
        yield opened


def added_key(catalog: SqlCatalog) -> Key:
    key = key_of(account := account_of())
    catalog.add_account(account, [key])
    return key


def eventually(ask: Callable[[], object]) -> None:
    """Ask until the catalog answers."""
    deadline_s = time.monotonic() + WAIT_S
    while True:
        try:
            ask()
        except Unavailable:
            assert time.monotonic() < deadline_s
            time.sleep(0.02)
        else:
            return


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg"])
def test_a_url_may_be_spelled_in_three_ways(postgres_url: str, scheme: str) -> None:
    with closing(SqlCatalog(postgres_url.replace("postgresql", scheme, 1) + "?application_name=ours")) as catalog:
        catalog.migrate()
        with catalog._database.reading() as connection:
            assert connection.scalar(text("SHOW application_name")) == "ours"


@pytest.mark.parametrize(
    "rest",
    ["user:secret@host:port/name", "u:x/secret@host/name", "u:x@secret@host/name", "u:x@host/name?secret=1", "secret%"],
)
def test_a_url_that_cannot_be_read_is_refused_without_showing_its_password(rest: str) -> None:
    with pytest.raises(InvalidParameter, match="expected postgresql://user:password@host") as refused:
        SqlCatalog(f"postgresql://{rest}")
    assert "secret" not in str(refused.value)


def test_a_wrong_password_is_not_repeated(postgres_url: str) -> None:
    with closing(SqlCatalog(postgres_url.replace(PASSWORD, "secret"))) as catalog:
        for ask in (catalog.ping, catalog.list_accounts, catalog.migrate, catalog.revision):
            with pytest.raises(Unavailable) as refused:
                ask()
            assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    ("setting", "expected"),
    [("synchronous_commit", "on"), ("lock_timeout", "30s"), ("idle_in_transaction_session_timeout", "1min")],
)
def test_every_connection_is_set_up(catalog: SqlCatalog, setting: str, expected: str) -> None:
    with catalog._database.writing() as connection:
        assert connection.scalar(text(f"SHOW {setting}")) == expected


def test_names_are_listed_in_ordinal_order_whatever_language_the_database_has(catalog: SqlCatalog) -> None:
    for name in ("apple", "Zoo", "épée", "Apple", "zoo"):
        catalog.add_account(account_of(name), [])
    assert [account.name for account in catalog.list_accounts()] == ["Apple", "Zoo", "apple", "zoo", "épée"]


def test_a_nul_which_no_text_of_postgresql_holds_is_replaced_and_found_nowhere(catalog: SqlCatalog, key: Key) -> None:
    job = catalog.accept_load(load_of(key, description="a\0b"))
    found = catalog.get_job(job.id)
    assert found is not None
    assert found.description == "a\ufffdb"
    assert catalog.query_target("\0", "\0", "\0").versions is None


def test_leases_run_on_the_clock_of_the_database(catalog: SqlCatalog, key: Key) -> None:
    catalog.accept_load(load_of(key))
    first = catalog.claim("first", 60)
    assert first is not None
    assert catalog.claim("second", 60) is None
    catalog.renew(first, "first", 0.05, NOTHING_DONE)
    deadline_s = time.monotonic() + WAIT_S
    while (second := catalog.claim("second", 60)) is None:
        assert time.monotonic() < deadline_s
    assert second.attempt == 2


def test_the_revision_changes_with_every_commit_of_anybody(catalog: SqlCatalog, postgres_url: str) -> None:
    with closing(SqlCatalog(postgres_url)) as other:
        seen = [catalog.revision()]
        for number in range(20):
            (catalog, other)[number % 2].add_account(account_of(f"account {number}"), [])
            seen.append(catalog.revision())
    assert sorted(set(seen)) == seen


def test_what_was_lost_before_commit_is_done_again_and_once(catalog: SqlCatalog, key: Key, postgres_url: str) -> None:
    with psycopg.connect(postgres_url, autocommit=True) as killer:
        killer.execute(HANG_UP_ALL)
    job = catalog.accept_load(load_of(key))
    assert [found.id for found in catalog.list_jobs(key.account_id, job.created_at)] == [job.id]


def test_what_was_lost_during_commit_is_unavailable_and_not_done_again(catalog: SqlCatalog, key: Key) -> None:
    with catalog._database.writing() as connection:
        connection.execute(
            text(
                "CREATE FUNCTION hang_up() RETURNS trigger LANGUAGE plpgsql AS"
                " 'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END'"
            )
        )
        connection.execute(
            text(
                "CREATE CONSTRAINT TRIGGER hang_up AFTER INSERT ON jobs DEFERRABLE INITIALLY DEFERRED"
                " FOR EACH ROW EXECUTE FUNCTION hang_up()"
            )
        )
    asked = load_of(key)
    with pytest.raises(Unavailable, match="does not answer"):
        catalog.accept_load(asked)
    assert catalog.get_job(asked.job_id) is None


def test_a_conflict_that_does_not_end_is_unavailable_after_some_attempts(catalog: SqlCatalog, key: Key) -> None:
    with catalog._database.writing() as connection:
        connection.execute(
            text(
                "CREATE FUNCTION conflict() RETURNS trigger LANGUAGE plpgsql AS"
                " 'BEGIN RAISE serialization_failure; END'"
            )
        )
        connection.execute(text("CREATE TRIGGER conflict AFTER INSERT ON jobs EXECUTE FUNCTION conflict()"))
    with pytest.raises(Unavailable):
        catalog.accept_load(load_of(key))


def test_every_method_of_the_port_runs_again_what_was_taken_back(catalog: SqlCatalog) -> None:
    names = [name for name in dir(catalog) if not name.startswith("_") and callable(getattr(catalog, name))]
    once = {"close", "revision"}
    assert {name for name in names if not hasattr(getattr(catalog, name), "__wrapped__")} == once


def test_a_server_that_was_killed_is_unavailable_and_everything_goes_on_when_it_is_back(
    mortal: Postgres, exposed: SqlCatalog
) -> None:
    key = added_key(exposed)
    job = exposed.accept_load(load_of(key))
    running = exposed.claim("worker", 60)
    assert running is not None
    before = exposed.revision()
    mortal.kill()
    for ask in (exposed.revision, exposed.ping, exposed.list_accounts, lambda: exposed.claim("other", 60)):
        with pytest.raises(Unavailable, match="does not answer") as caught:
            ask()
        assert caught.value.told == "The catalog's database does not answer right now."
    with pytest.raises(Unavailable):
        exposed.complete_load(running, "worker", version_of(running), ending_of())
    mortal.start()
    eventually(exposed.revision)
    assert exposed.revision() != before, "nobody knows what happened meanwhile"
    exposed.complete_load(running, "worker", version_of(running), ending_of())
    found = exposed.get_job(job.id)
    assert found is not None
    assert found.status is JobStatus.COMPLETED


def test_a_server_that_was_restarted_while_nobody_asked_is_noticed_by_nobody(
    mortal: Postgres, exposed: SqlCatalog
) -> None:
    key = added_key(exposed)
    exposed.revision()
    exposed.ping()
    mortal.kill()
    mortal.start()
    exposed.revision()
    exposed.ping()
    assert exposed.accept_load(load_of(key)).status is JobStatus.PENDING


def test_a_server_that_stands_still_is_unavailable_to_who_asks_for_the_revision(
    mortal: Postgres, exposed: SqlCatalog
) -> None:
    exposed.revision()
    exposed.ping()
    with mortal.standing_still():
        for ask in (exposed.revision, exposed.revision, exposed.ping):
            with pytest.raises(Unavailable):
                ask()
    eventually(exposed.revision)
    eventually(exposed.ping)


class Patient(CatalogPart):
    """Asks what takes longer than a look-up may."""

    asked = 0

    @transaction
    def look(self) -> None:
        self.asked += 1
        with self._database.looking() as connection:
            connection.execute(text("SELECT pg_sleep(600)"))


def test_a_look_up_that_has_waited_in_vain_is_not_made_to_wait_again(catalog: SqlCatalog) -> None:
    patient = Patient(catalog._database, catalog._now)
    with pytest.raises(Unavailable, match="did not answer in time"):
        patient.look()
    assert patient.asked == 1


def test_a_look_up_waits_for_a_lock_less_long_than_for_an_answer(
    catalog: SqlCatalog, key: Key, postgres_url: str
) -> None:
    with psycopg.connect(postgres_url) as other:
        other.execute("LOCK TABLE data_sources, accounts IN ACCESS EXCLUSIVE MODE")
        for ask in (catalog.ping, lambda: catalog.query_target("a", "b", key.digest)):
            with pytest.raises(Unavailable, match="lock timeout"):
                ask()


def test_look_ups_succeed_beside_a_migration_that_waits_for_a_long_transaction(
    catalog: SqlCatalog, key: Key, postgres_url: str
) -> None:
    def migrate() -> None:
        with closing(SqlCatalog(postgres_url)) as other, other._database.writing() as connection:
            other._database.special.begin_migration(connection)
            connection.execute(text("ALTER TABLE accounts ADD COLUMN another integer"))

    with psycopg.connect(postgres_url) as backup, ThreadPoolExecutor() as threads:
        backup.execute("SELECT count(*) FROM accounts")
        migrating = threads.submit(migrate)
        while not migrating.done():
            catalog.ping()
        with pytest.raises(Unavailable, match="lock timeout"):
            migrating.result()


def test_a_copy_goes_from_one_kind_of_database_to_the_other_and_numbers_go_on(
    catalog: SqlCatalog, key: Key, tmp_path: Path
) -> None:
    job = catalog.accept_load(load_of(key))
    running = catalog.claim("worker", 60)
    assert running is not None
    catalog.complete_load(running, "worker", version_of(running), ending_of())
    pending = catalog.accept_load(load_of(key, "Cafés"))
    catalog.copy_to(tmp_path / "copy")
    with closing(SqlCatalog(f"sqlite:///{tmp_path / 'catalog'}")) as moved:
        moved.copy_from(tmp_path / "copy")
        assert moved.list_every(key.account_id) == catalog.list_every(key.account_id)
        assert moved.get_job(job.id) == catalog.get_job(job.id)
        moved.copy_to(tmp_path / "back")
    catalog.delete_account(key.account_id)
    catalog.copy_from(tmp_path / "back")
    later = catalog.accept_load(load_of(key, "Bars"))
    assert [found.id for found in (catalog.claim("a", 60), catalog.claim("b", 60)) if found] == [pending.id, later.id]


@pytest.mark.parametrize(
    ("right", "wrong"), [("//postgres:", "//nobody:"), (f":{PASSWORD}@", ":hidden@"), ("/test_", "/no_test_")]
)
def test_a_server_that_lets_nobody_in_as_it_is_set_up_is_unfit_and_shows_no_password(
    postgres_url: str, right: str, wrong: str
) -> None:
    catalog = SqlCatalog(postgres_url.replace(right, wrong))
    with pytest.raises(Unfit, match="The catalog's database cannot be used: ") as caught:
        catalog.migrate()
    assert caught.value.told == "The catalog's database cannot be used."
    assert not any(secret in str(caught.value) for secret in (PASSWORD, "hidden"))
    catalog.close()


def test_a_role_without_rights_is_unfit(postgres: Postgres, postgres_url: str) -> None:
    postgres.execute(f"CREATE ROLE guest LOGIN PASSWORD '{PASSWORD}'")
    catalog = SqlCatalog(postgres_url.replace("//postgres:", "//guest:"))
    with pytest.raises(Unfit, match="permission denied for schema"):
        catalog.migrate()
    catalog.close()
    postgres.execute("DROP ROLE guest")
