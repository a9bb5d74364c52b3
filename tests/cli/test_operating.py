"""What operators type to look after accounts, data sources and files."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from geostead import __version__
from geostead.cli.main import app
from tests.cli.shell import ACCESS_ID, fail, run, succeed

ODD = "Ada [red]& Söhne[/red] :smile:"
"""A name that a terminal library might take for markup."""


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """An installation with one account, one reserved data source."""
    folder = tmp_path / "data"
    succeed(folder, "account", "create", "Ada", "--limits", "basic")
    succeed(folder, "datasource", "reserve", "Ada", "Places", "--access-id", ACCESS_ID)
    return folder


def test_the_version_is_printed() -> None:
    result = CliRunner().invoke(app, ["--version"])
    assert (result.exit_code, result.stdout) == (0, f"geostead {__version__}\n")


class TestWhereThereIsNoInstallation:
    """A mistyped folder is said to be one, and nothing is made there."""

    @pytest.mark.parametrize(
        "command",
        [
            ("account", "list"),
            ("account", "show", "Ada"),
            ("account", "set-limits", "Ada", "--entities", "1"),
            ("account", "delete", "Ada", "--yes"),
            ("key", "list", "Ada"),
            ("key", "create", "Ada"),
            ("key", "revoke", "Ada", "master"),
            ("datasource", "list", "Ada"),
            ("datasource", "reserve", "Ada", "Places", "--access-id", ACCESS_ID),
            ("datasource", "set-master-key", "Ada", "Places", "query"),
            ("expire",),
            ("check",),
            ("backup", "elsewhere"),
        ],
        ids=" ".join,
    )
    @pytest.mark.parametrize("exists", [False, True], ids=["missing", "empty"])
    def test_a_command_says_so(self, tmp_path: Path, command: tuple[str, ...], exists: bool) -> None:
        folder = tmp_path / "mistyped"
        if exists:
            folder.mkdir()
        assert f"There is no installation in {folder}" in fail(folder, *command)
        assert list(tmp_path.rglob("*")) == ([folder] if exists else [])

    def test_a_database_elsewhere_needs_no_file_in_the_folder(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("GEOSTEAD_DATABASE_URL", f"sqlite:///{tmp_path / 'elsewhere.sqlite3'}")
        succeed(tmp_path / "data", "account", "create", "Ada")
        assert "Ada" in succeed(tmp_path / "data", "account", "list")
        assert "no installation" in fail(tmp_path / "mistyped", "account", "list")


@pytest.mark.parametrize("damage", [b"no database at all" * 100, b"SQLite format 3\0" + b"\xff" * 5_000])
@pytest.mark.parametrize(
    "command", [("account", "list"), ("expire",), ("check",), ("serve", "--port", "0")], ids=" ".join
)
def test_a_damaged_database_is_one_line(data_dir: Path, damage: bytes, command: tuple[str, ...]) -> None:
    (data_dir / "catalog.sqlite3").write_bytes(damage)
    assert "database" in fail(data_dir, *command)


class TestShowingAnAccount:
    """Limits stand beside what is used of them."""

    def test_as_json_tells_the_profile_its_overrides_the_usage_and_the_keys(self, data_dir: Path) -> None:
        succeed(data_dir, "account", "set-limits", "Ada", "--entities", "10")
        shown = json.loads(succeed(data_dir, "account", "show", "Ada", "--json"))
        assert (shown["account"], shown["profile"], shown["overrides"]) == ("Ada", "basic", {"entities": 10})
        assert (shown["limits"]["entities"], shown["limits"]["jobs_in_process"]) == (10, 2)
        assert shown["usage"] == {"jobs_in_process": 0, "jobs_per_day": 0, "data_sources": 1}
        assert [(key["name"], key["state"], key["masterOf"]) for key in shown["keys"]] == [
            ("master", "live", []),
            ("query", "live", []),
        ]

    def test_as_text_shows_the_same(self, data_dir: Path) -> None:
        succeed(data_dir, "account", "set-limits", "Ada", "--entities", "1234", "--jobs-per-day", "none")
        shown = succeed(data_dir, "account", "show", "Ada")
        assert "Limits of basic, but jobs_per_day none, entities 1,234." in shown
        cells = {row[0]: row[1:] for row in ([cell.strip() for cell in line.split("│")[1:-1]] for line in rows(shown))}
        assert cells["entities"] == ["1,234", "", "2,500"]
        assert cells["data_sources"] == ["5", "1", ""]
        assert cells["query"][1:] == ["never", "live", "never", "", ""]


class TestSettingLimits:
    """Each number has an option; what is wrong is said with its name."""

    def test_every_limit_has_an_option(self, data_dir: Path) -> None:
        numbers = {
            "--jobs-in-process": "3",
            "--jobs-per-day": "none",
            "--data-sources": "0",
            "--entities": "5",
            "--upload-bytes": "6",
            "--shapes-per-file": "7",
            "--points-per-shape": "8",
            "--query-points": "9",
        }
        succeed(data_dir, "account", "set-limits", "Ada", *(word for pair in numbers.items() for word in pair))
        limits = json.loads(succeed(data_dir, "account", "show", "Ada", "--json"))["limits"]
        assert list(limits.values()) == [3, None, 0, 5, 6, 7, 8, 9]

    def test_a_profile_replaces_what_is_not_given(self, data_dir: Path) -> None:
        printed = succeed(data_dir, "account", "set-limits", "Ada", "--profile", "Enterprise", "--data-sources", "none")
        assert "the limits of enterprise, but data_sources none." in printed

    @pytest.mark.parametrize(
        ("option", "value", "expected"),
        [
            ("--entities", "none", "expected a whole number from 1 to 2,147,483,647."),
            ("--entities", "0", "expected a whole number from 1 to 2,147,483,647."),
            ("--jobs-per-day", "many", "expected a whole number from 0 to 2,147,483,647 or none."),
            ("--upload-bytes", "4GB", "expected a whole number from 1 to 1,125,899,906,842,624."),
            ("--profile", "huge", "expected one of basic, enterprise, self-hosted."),
        ],
    )
    def test_a_wrong_number_is_named_with_its_option_and_changes_nothing(
        self, data_dir: Path, option: str, value: str, expected: str
    ) -> None:
        before = succeed(data_dir, "account", "show", "Ada", "--json")
        assert f"{option}: found '{value}'; {expected}" in fail(data_dir, "account", "set-limits", "Ada", option, value)
        assert succeed(data_dir, "account", "show", "Ada", "--json") == before


class TestDeletingAnAccount:
    """Only who types its name deletes it."""

    def test_says_what_goes_and_deletes_when_the_name_is_typed(self, data_dir: Path) -> None:
        result = run(data_dir, "account", "delete", "Ada", stdin="Ada\n")
        assert result.exit_code == 0
        assert "keys: master, query" in result.stderr
        assert "Places" in result.stderr
        assert "Deleted the account Ada." in result.stdout
        assert json.loads(succeed(data_dir, "account", "list", "--json")) == []

    @pytest.mark.parametrize("typed", ["ada\n", "\n", "yes\n", ""])
    def test_anything_else_leaves_it(self, data_dir: Path, typed: str) -> None:
        assert run(data_dir, "account", "delete", "Ada", stdin=typed).exit_code == 1
        assert "Ada" in succeed(data_dir, "account", "list")

    def test_yes_asks_nothing(self, data_dir: Path) -> None:
        succeed(data_dir, "account", "delete", "Ada", "--yes")
        assert "no account of the name Ada" in fail(data_dir, "account", "show", "Ada")


class TestMasterKeys:
    """The role moves from key to key."""

    def test_a_key_list_tells_of_what_a_key_is_the_master(self, data_dir: Path) -> None:
        succeed(data_dir, "datasource", "set-master-key", "Ada", "places", "query")
        keys = json.loads(succeed(data_dir, "key", "list", "Ada", "--json"))["keys"]
        assert [key["masterOf"] for key in keys] == [[], ["Places"]]
        assert "Places" in succeed(data_dir, "key", "list", "Ada")
        assert "it is the one of the data source Places" in fail(data_dir, "key", "revoke", "Ada", "query")

    def test_one_that_expires_is_allowed_with_a_warning(self, data_dir: Path) -> None:
        succeed(data_dir, "key", "create", "Ada", "--name", "short", "--expires-days", "30")
        result = run(data_dir, "datasource", "set-master-key", "Ada", "Places", "short")
        assert result.exit_code == 0
        assert "nobody can change the data source" in result.stderr

    def test_one_that_does_not_exist_is_refused(self, data_dir: Path) -> None:
        assert "no key of the name lost" in fail(data_dir, "datasource", "set-master-key", "Ada", "Places", "lost")


class TestListingDataSources:
    """Also what nobody sees over HTTP: reserved ones, keys, all versions."""

    def test_as_json(self, data_dir: Path) -> None:
        succeed(data_dir, "datasource", "set-master-key", "Ada", "Places", "query")
        (found,) = json.loads(succeed(data_dir, "datasource", "list", "Ada", "--json"))["dataSources"]
        assert datetime.fromisoformat(found.pop("createdAt")) <= datetime.now(UTC)
        assert found == {
            "dataSource": "Places",
            "accessId": ACCESS_ID.lower(),
            "isPublic": False,
            "masterKey": "query",
            "engine": "default",
            "versions": [],
        }

    def test_as_text(self, data_dir: Path) -> None:
        (row,) = rows(succeed(data_dir, "datasource", "list", "Ada"))
        assert [cell.strip() for cell in row.split("│")[1:6]] == ["Places", ACCESS_ID.lower(), "", "", "no"]


class TestNamesThatLookLikeMarkup:
    """Square brackets mean themselves, wherever a name is shown."""

    def test_in_every_table(self, tmp_path: Path) -> None:
        folder = tmp_path / "data"
        succeed(folder, "account", "create", ODD)
        succeed(folder, "key", "create", ODD, "--name", "[bold]key[/]")
        succeed(folder, "datasource", "reserve", ODD, "Places", "--access-id", ACCESS_ID)
        succeed(folder, "datasource", "set-master-key", ODD, "Places", "[bold]key[/]")
        assert ODD in succeed(folder, "account", "list")
        assert ODD in succeed(folder, "account", "show", ODD)
        for command in (("key", "list"), ("account", "show"), ("datasource", "list")):
            assert "[bold]key[/]" in succeed(folder, *command, ODD)


class TestBackups:
    """From one folder to another and back."""

    def test_a_backup_is_restored_into_a_new_folder(self, data_dir: Path, tmp_path: Path) -> None:
        assert "Backed up 0 snapshots" in succeed(data_dir, "backup", str(tmp_path / "backup"))
        assert "Restored 1 accounts" in succeed(tmp_path / "new", "restore", str(tmp_path / "backup"))
        shown = succeed(data_dir, "account", "show", "Ada", "--json")
        assert succeed(tmp_path / "new", "account", "show", "Ada", "--json") == shown

    def test_a_folder_without_a_backup_is_refused(self, tmp_path: Path) -> None:
        assert "'geostead backup' has completed" in fail(tmp_path / "new", "restore", str(tmp_path))

    def test_an_installation_with_an_account_takes_none_in(self, data_dir: Path, tmp_path: Path) -> None:
        succeed(data_dir, "backup", str(tmp_path / "backup"))
        assert "the account Ada" in fail(data_dir, "restore", str(tmp_path / "backup"))

    def test_what_is_in_the_backup_is_for_its_owner_alone(self, data_dir: Path, tmp_path: Path) -> None:
        succeed(data_dir, "backup", str(tmp_path / "backup"))
        assert (tmp_path / "backup").stat().st_mode & 0o077 == 0


class TestChecks:
    """Exit code 1 means damage."""

    def test_a_whole_installation_passes(self, data_dir: Path) -> None:
        assert "none damaged or missing" in succeed(data_dir, "check")
        document = json.loads(succeed(data_dir, "check", "--json"))
        assert document == {
            "checked": {"snapshots": 0, "blobs": 0},
            "faults": [],
            "canGo": {"snapshots": [], "blobs": []},
        }

    def test_what_nothing_names_is_no_fault(self, data_dir: Path) -> None:
        (data_dir / "blobs" / "uploads").mkdir(parents=True)
        (data_dir / "blobs" / "uploads" / "abandoned").write_bytes(b"x")
        assert "Nothing needs 0 more snapshots and 1 more blobs: geostead expire." in succeed(data_dir, "check")
        assert json.loads(succeed(data_dir, "expire", "--json"))["blobs"] == 1


def rows(printed: str) -> list[str]:
    """Return the lines of the tables that were printed, without their heads."""
    return [line for line in printed.splitlines() if line.startswith("│")]
