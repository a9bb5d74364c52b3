"""The steps of the schema lead to the tables that the program works with."""

import multiprocessing
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text

from geostead.catalog.sql_catalog import SqlCatalog
from geostead.catalog.tables import metadata
from geostead.errors import Unavailable
from tests.builders import account_of


def now() -> datetime:
    return datetime(2026, 3, 1, tzinfo=UTC)


def migrate(path: Path) -> None:
    catalog = SqlCatalog(f"sqlite:///{path}", now=now)
    catalog.migrate()
    catalog.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "catalog.sqlite"


@pytest.fixture
def catalog(path: Path) -> Iterator[SqlCatalog]:
    opened = SqlCatalog(f"sqlite:///{path}", now=now)
    yield opened
    opened.close()


def test_the_migrated_database_is_what_the_tables_say(catalog: SqlCatalog) -> None:
    catalog.migrate()
    with catalog._database.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_constraints_and_indexes_have_the_names_of_the_convention(catalog: SqlCatalog) -> None:
    catalog.migrate()
    with catalog._database.reading() as connection:
        found = inspect(connection)
        for table in metadata.sorted_tables:
            assert {i["name"] for i in found.get_indexes(table.name)} == {i.name for i in table.indexes}
            assert {f["name"] for f in found.get_foreign_keys(table.name)} == {
                c.name for c in table.foreign_key_constraints
            }


def test_migrating_again_changes_nothing(catalog: SqlCatalog) -> None:
    catalog.migrate()
    account = account_of()
    catalog.add_account(account, [])
    catalog.migrate()
    assert catalog.find_account(account.name) == account


def test_several_processes_may_migrate_a_new_database_at_once(path: Path, catalog: SqlCatalog) -> None:
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=migrate, args=(path,)) for _ in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0, 0, 0, 0]
    catalog.add_account(account_of(), [])


def test_a_migration_that_fails_leaves_nothing_half_done(catalog: SqlCatalog) -> None:
    with catalog._database.writing() as connection:
        connection.execute(text("CREATE TABLE jobs (id TEXT)"))
    with pytest.raises(Unavailable):
        catalog.migrate()
    with catalog._database.reading() as connection:
        assert inspect(connection).get_table_names() == ["jobs"]


def test_a_database_of_a_newer_program_is_unavailable_and_the_message_says_why(catalog: SqlCatalog) -> None:
    catalog.migrate()
    with catalog._database.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        connection.execute(text("UPDATE schema_compatibility SET works_with = '9998'"))
    with pytest.raises(Unavailable, match="9999"):
        catalog.migrate()
