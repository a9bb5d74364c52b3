"""A place that files are kept in serves one installation; who is not that one is refused before anything goes."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from geostead.jobs.worker import Worker
from geostead.model.job import InputFormat, LoadOperation
from geostead.operations.start_load import LoadRequest, Upload, start_load
from geostead.ownership.base import Place
from geostead.settings import load_settings
from geostead.wiring.installation import owned_services
from geostead.wiring.stores import build_places
from tests.cli.shell import fail, run, succeed
from tests.uploads import pipe_upload

COMMANDS = (("expire",), ("check",), ("serve", "--port", "0"), ("worker",))


@dataclass
class Shared:
    """A place that several data folders name."""

    place: Place
    name: str

    def forget_owner(self, request: pytest.FixtureRequest) -> None:
        """Make it what it was before places had owners."""
        match self.name.split()[1]:
            case "folder":
                Path(self.name.split()[2], "installation").unlink()
            case "store":
                request.getfixturevalue("objects").delete("installation")
            case _:
                with psycopg.connect(os.environ["GEOSTEAD_ENTITIES_URL"]) as connection:
                    connection.execute("DROP TABLE geostead._installation")


@pytest.fixture(params=["folder", "store", "schema"])
def shared(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shared:
    """Let every command keep its files in one place, with a catalog in each data folder."""
    match request.param:
        case "folder":
            monkeypatch.setenv("GEOSTEAD_STORE_URL", str(tmp_path / "store"))
            name = f"The folder {tmp_path / 'store'}"
        case "store":
            url: str = request.getfixturevalue("objects").url
            monkeypatch.setenv("GEOSTEAD_STORE_URL", url)
            name = f"The store {url}"
        case _:
            monkeypatch.setenv("GEOSTEAD_ENTITIES_URL", request.getfixturevalue("postgis_url"))
            monkeypatch.setenv("GEOSTEAD_ENTITIES", "postgis")
            name = "The schema geostead of the database for entities"
    return Shared(build_places(load_settings(os.environ, data_dir=tmp_path))[-1], name)


def load(data_dir: Path) -> None:
    """Make an account with a data source of one version."""
    succeed(data_dir, "account", "create", "Ada")
    with owned_services(load_settings(os.environ, data_dir=data_dir)) as services:
        (account,) = services.catalog.list_accounts()
        key = services.catalog.list_keys(account.id)[0]
        request = LoadRequest("Places", LoadOperation.COMPLETE, InputFormat.PIPE, strict=True, location=None)
        job = start_load(services, key, request, Upload([pipe_upload(3)]))
        assert Worker(services, "worker").run_next()
        found = services.catalog.get_job(job.id)
        assert found is not None
        assert found.error_message is None


def is_whole(data_dir: Path) -> bool:
    return "Checked 1 snapshots and 0 blobs: none damaged" in succeed(data_dir, "check")


@pytest.fixture
def production(shared: Shared, tmp_path: Path) -> Path:
    """An installation that is at work, with its files in the shared place."""
    load(tmp_path / "production")
    return tmp_path / "production"


def test_another_installation_is_refused_whatever_it_would_do(shared: Shared, production: Path, tmp_path: Path) -> None:
    succeed(tmp_path / "trial", "account", "create", "Eve")
    for command in COMMANDS:
        said = fail(tmp_path / "trial", *command)
        assert f"{shared.name} belongs to the installation {shared.place.owner()}; this catalog is that of" in said
        assert "geostead take-over" in said
    assert is_whole(production)


def test_a_trial_of_a_restore_into_the_place_in_use_is_refused(
    shared: Shared, production: Path, tmp_path: Path
) -> None:
    succeed(production, "backup", str(tmp_path / "backup"))
    files = list(shared.place.snapshot_ids())
    assert shared.name in fail(tmp_path / "trial", "restore", str(tmp_path / "backup"))
    assert shared.name in fail(tmp_path / "trial", "expire")
    assert list(shared.place.snapshot_ids()) == files


def test_after_a_disaster_a_restored_installation_takes_the_place_over_and_the_old_one_is_refused(
    shared: Shared, production: Path, tmp_path: Path
) -> None:
    succeed(production, "backup", str(tmp_path / "backup"))
    succeed(tmp_path / "new", "take-over", stdin="y\n")
    succeed(tmp_path / "new", "restore", str(tmp_path / "backup"))
    assert is_whole(tmp_path / "new")
    assert "and 0 snapshots that nothing needs" in succeed(tmp_path / "new", "expire")
    assert shared.name in fail(production, "expire")


def test_nothing_is_taken_over_unless_somebody_says_so(shared: Shared, production: Path, tmp_path: Path) -> None:
    owner = shared.place.owner()
    succeed(tmp_path / "trial", "account", "create", "Eve")
    for answer in ("n\n", ""):
        assert run(tmp_path / "trial", "take-over", stdin=answer).exit_code == 1
    assert shared.place.owner() == owner


def test_a_catalog_that_was_brought_back_by_its_database_goes_on(
    shared: Shared, production: Path, tmp_path: Path
) -> None:
    shutil.copytree(production, tmp_path / "moved")
    assert is_whole(tmp_path / "moved")
    assert shared.place.owner() is not None


def test_a_place_from_before_places_had_owners_goes_to_the_installation_whose_files_are_in_it(
    shared: Shared, production: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    owner = shared.place.owner()
    shared.forget_owner(request)
    succeed(tmp_path / "trial", "account", "create", "Eve")
    assert f"{shared.name} holds 1 snapshots that this catalog does not know" in fail(tmp_path / "trial", "expire")
    assert shared.place.owner() is None
    assert is_whole(production)
    assert shared.place.owner() == owner


def test_who_claims_a_place_first_has_it(shared: Shared) -> None:
    shared.place.claim("1" * 32)
    shared.place.claim("2" * 32)
    assert shared.place.owner() == "1" * 32
    shared.place.seize("2" * 32)
    assert shared.place.owner() == "2" * 32


def test_a_database_url_that_is_forgotten_costs_no_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEOSTEAD_DATABASE_URL", f"sqlite:///{tmp_path / 'elsewhere.sqlite3'}")
    load(tmp_path / "data")
    with monkeypatch.context() as forgotten:
        forgotten.delenv("GEOSTEAD_DATABASE_URL")
        succeed(tmp_path / "data", "account", "create", "Eve")
        assert f"The folder {tmp_path / 'data'} belongs to" in fail(tmp_path / "data", "expire")
    assert is_whole(tmp_path / "data")


def test_an_old_data_folder_with_its_catalog_in_it_goes_on_whatever_is_left_in_it(tmp_path: Path) -> None:
    load(tmp_path)
    succeed(tmp_path, "account", "delete", "Ada", "--yes")
    succeed(tmp_path, "account", "create", "Eve")
    (tmp_path / "installation").unlink()
    assert "and 1 snapshots that nothing needs" in succeed(tmp_path, "expire")


def test_a_catalog_on_a_postgresql_without_postgis_is_no_place_for_entities_and_needs_none(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GEOSTEAD_DATABASE_URL", postgres_url)
    load(tmp_path)
    assert is_whole(tmp_path)
