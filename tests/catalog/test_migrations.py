"""The steps of the schema lead to the tables that the program works with."""

import multiprocessing
import re
import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text

from geostead.catalog import migrations
from geostead.catalog.migrations import bring_up_to_date
from geostead.catalog.sql_catalog import SqlCatalog
from geostead.catalog.tables import metadata
from geostead.errors import Unavailable, Unfit
from tests.builders import account_of, key_of, load_of
from tests.conformance.steps import completed, load


def migrate(url: str) -> None:
    with closing(SqlCatalog(url)) as catalog:
        catalog.migrate()


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'catalog.sqlite'}"
    found: str = request.getfixturevalue("postgres_url")
    return found


@pytest.fixture
def catalog(url: str) -> Iterator[SqlCatalog]:
    with closing(SqlCatalog(url)) as opened:
        yield opened


def test_the_migrated_database_is_what_the_tables_say(catalog: SqlCatalog) -> None:
    catalog.migrate()
    with catalog._database.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_constraints_and_indexes_have_the_names_of_the_convention(catalog: SqlCatalog) -> None:
    catalog.migrate()
    with catalog._database.reading() as connection:
        found = inspect(connection)
        for table in metadata.sorted_tables:
            indexes = [index for index in found.get_indexes(table.name) if "duplicates_constraint" not in index]
            assert {index["name"] for index in indexes} == {index.name for index in table.indexes}
            assert {f["name"] for f in found.get_foreign_keys(table.name)} == {
                c.name for c in table.foreign_key_constraints
            }


def test_migrating_again_changes_nothing(catalog: SqlCatalog) -> None:
    catalog.migrate()
    account = account_of()
    catalog.add_account(account, [])
    catalog.migrate()
    assert catalog.find_account(account.name) == account


def test_several_processes_may_migrate_a_new_database_at_once(url: str, catalog: SqlCatalog) -> None:
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=migrate, args=(url,)) for _ in range(4)]
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


FUTURE = """
import sqlalchemy as sa
from alembic import op

revision = "{number}"
down_revision = "{before}"
branch_labels = None
depends_on = None
works_with = "{works_with}"


def upgrade() -> None:
    op.add_column("data_sources", sa.Column("colour_{number}", sa.Text(), nullable=False, server_default="red"))
    op.create_table("colours_{number}", sa.Column("name", sa.Text(), primary_key=True))
"""


class Future:
    """A program of tomorrow: this one, with more steps."""

    def __init__(self, folder: Path) -> None:
        shutil.copytree(Path(migrations.__file__).parent, folder, ignore=shutil.ignore_patterns("__pycache__"))
        self._folder = folder
        self.newest = max(re.findall(r"rev_([0-9]{4})_", " ".join(path.name for path in folder.rglob("*.py"))))

    def add_step(self, works_with: str) -> None:
        number, before = f"{int(self.newest) + 1:04}", self.newest
        step = FUTURE.format(number=number, before=before, works_with=works_with)
        (self._folder / "versions" / f"rev_{number}_future.py").write_text(step)
        self.newest = number

    def forget(self, step: str) -> None:
        """Be the program before a step, which has to be the newest."""
        (found,) = self._folder.glob(f"versions/rev_{step}_*.py")
        found.unlink()

    def migrate(self, catalog: SqlCatalog) -> None:
        with catalog._database.writing() as connection:
            bring_up_to_date(connection, str(self._folder))


@pytest.fixture
def future(tmp_path: Path) -> Future:
    return Future(tmp_path / "future")


def test_while_a_newer_program_has_only_expanded_the_schema_this_one_goes_on(
    catalog: SqlCatalog, url: str, future: Future
) -> None:
    catalog.migrate()
    key = key_of(account := account_of())
    catalog.add_account(account, [key])
    before = catalog.accept_load(load_of(key))
    ours = future.newest
    for _ in range(2):
        future.add_step(works_with=ours)
    future.migrate(catalog)

    completed(catalog, before)  # what runs goes on
    with closing(SqlCatalog(url)) as started:
        started.migrate()  # what starts does so too
        load(started, key, "Cafés")
        assert started.query_target(before.access_id, "Shops", key.digest).versions is not None
        assert [found.data_source.name for found in started.list_every(account.id)] == ["Cafés", "Shops"]
    with catalog._database.reading() as connection:
        assert connection.scalar(text("SELECT version_num FROM alembic_version")) == future.newest


def test_when_a_newer_program_has_contracted_the_schema_this_one_refuses_and_says_which_it_takes(
    catalog: SqlCatalog, url: str, future: Future
) -> None:
    catalog.migrate()
    ours = future.newest
    future.add_step(works_with=ours)
    expanded = future.newest
    future.add_step(works_with=expanded)
    future.migrate(catalog)
    expected = f"schema {future.newest} of a newer Geostead.* schema {expanded} or newer; this program has {ours}"
    with closing(SqlCatalog(url)) as started, pytest.raises(Unavailable, match=expected):
        started.migrate()


def test_the_program_before_the_console_refuses_to_work_beside_it(catalog: SqlCatalog, future: Future) -> None:
    catalog.migrate()
    for step in range(int(future.newest), 6, -1):
        future.forget(f"{step:04}")
    with pytest.raises(Unfit, match=r"programs of the schema 00\d\d or newer; this program has 0006"):
        future.migrate(catalog)


def test_every_step_since_the_third_says_which_programs_may_go_on() -> None:
    folder = Path(migrations.__file__).parent / "versions"
    promised = ""
    for path in sorted(folder.glob("rev_*.py")):
        number = path.name[4:8]
        found = re.search(r'^works_with = "([0-9]{4})"$', path.read_text(), re.MULTILINE)
        if number >= "0003":
            assert found is not None, path.name
            assert promised <= found[1] <= number, "no step lets a program in again"
            promised = found[1]
