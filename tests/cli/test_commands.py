"""Commands that run to their end: what they print, and how they fail."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest
from typer.testing import CliRunner

from geostead.cli.main import app
from geostead.settings import load_settings
from geostead.wiring.installation import prepared_services
from tests.cli.shell import ACCESS_ID, fail, run, succeed


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return tmp_path / "data"


def test_creating_an_account_as_json_prints_one_document_with_two_keys(data_dir: Path):
    printed = json.loads(succeed(data_dir, "account", "create", "Ada", "--json"))

    assert printed["account"] == "Ada"
    assert [key["name"] for key in printed["keys"]] == ["master", "query"]
    assert printed["keys"][0]["key"] != printed["keys"][1]["key"]


def test_creating_an_account_prints_both_keys(data_dir: Path):
    printed = succeed(data_dir, "account", "create", "Ada")

    assert "master" in printed
    assert "query" in printed


def test_an_account_gets_the_limits_of_the_profile_that_was_named(data_dir: Path):
    succeed(data_dir, "account", "create", "Small", "--limits", "Basic")
    succeed(data_dir, "account", "create", "Big")

    listed = json.loads(succeed(data_dir, "account", "list", "--json"))

    assert [(a["account"], a["entities"]) for a in listed] == [("Big", 5_000_000), ("Small", 2_500)]
    assert "basic" in succeed(data_dir, "account", "list")


def test_an_unknown_profile_is_refused_with_those_that_there_are(data_dir: Path):
    assert "one of basic, enterprise, self-hosted" in fail(data_dir, "account", "create", "A", "--limits", "huge")


def test_the_name_of_an_account_can_be_taken_once(data_dir: Path):
    succeed(data_dir, "account", "create", "Ada")

    assert "found 'Ada'" in fail(data_dir, "account", "create", "Ada")


def test_a_key_is_created_listed_and_revoked(data_dir: Path):
    succeed(data_dir, "account", "create", "Ada")

    created = json.loads(succeed(data_dir, "key", "create", "Ada", "--name", "app", "--expires-days", "3", "--json"))
    succeed(data_dir, "key", "revoke", "Ada", "master")
    listed = json.loads(succeed(data_dir, "key", "list", "Ada", "--json"))

    assert [key["name"] for key in created["keys"]] == ["app"]
    assert [(key["name"], key["state"]) for key in listed["keys"]] == [
        ("master", "revoked"),
        ("query", "live"),
        ("app", "live"),
    ]
    assert "expiresAt" in listed["keys"][2]


def test_a_list_of_keys_shows_no_value(data_dir: Path):
    created = json.loads(succeed(data_dir, "account", "create", "Ada", "--json"))

    shown = succeed(data_dir, "key", "list", "Ada") + succeed(data_dir, "key", "list", "Ada", "--json")

    assert not any(key["key"] in shown for key in created["keys"])


def test_an_existing_key_value_is_imported_from_stdin_and_not_repeated(data_dir: Path):
    succeed(data_dir, "account", "create", "Ada")
    value = "AtH-old_key-value"

    printed = succeed(data_dir, "key", "create", "Ada", "--name", "old", "--value-from-stdin", stdin=f"{value}\n")

    assert value not in printed
    assert "found" in fail(data_dir, "key", "create", "Ada", "--name", "b", "--value-from-stdin", stdin=f"{value}\n")


def test_an_import_without_a_value_is_refused(data_dir: Path):
    succeed(data_dir, "account", "create", "Ada")

    assert "value" in fail(data_dir, "key", "create", "Ada", "--value-from-stdin", stdin="")


def test_a_key_of_an_account_that_does_not_exist_is_refused(data_dir: Path):
    succeed(data_dir, "account", "create", "Ada")

    assert "no account of the name Nobody" in fail(data_dir, "key", "create", "Nobody")
    assert "no account of the name Nobody" in fail(data_dir, "key", "list", "Nobody")


def test_a_reserved_data_source_has_the_access_id_that_was_chosen(data_dir: Path):
    succeed(data_dir, "account", "create", "Ada")

    printed = succeed(data_dir, "datasource", "reserve", "Ada", "Places", "--access-id", ACCESS_ID)

    assert ACCESS_ID.lower() in printed
    with prepared_services(load_settings({}, data_dir=data_dir)) as services:
        assert services.catalog.find_data_source(ACCESS_ID, "places") is not None


def test_an_access_id_that_is_not_hex_is_refused(data_dir: Path):
    succeed(data_dir, "account", "create", "Ada")

    assert "32 hex" in fail(data_dir, "datasource", "reserve", "Ada", "Places", "--access-id", "xyz")


def test_expire_says_what_it_deleted(data_dir: Path):
    succeed(data_dir, "account", "create", "Ada")

    assert "Deleted 0 blobs and 0 snapshots" in succeed(data_dir, "expire")
    counts = {"files": 0, "jobs": 0, "stagedVersions": 0, "blobs": 0, "snapshots": 0}
    assert json.loads(succeed(data_dir, "expire", "--json")) == counts


def test_a_wrong_setting_is_one_line_that_names_the_variable(data_dir: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("GEOSTEAD_PORT", "many")

    assert "GEOSTEAD_PORT: found 'many'" in fail(data_dir, "account", "list")


def test_a_data_folder_that_cannot_be_made_is_one_line(tmp_path: Path):
    (tmp_path / "file").write_text("in the way")

    assert "file" in fail(tmp_path / "file", "account", "list")


def test_an_unknown_option_is_a_usage_error(data_dir: Path):
    assert run(data_dir, "account", "create", "Ada", "--colour").exit_code == 2


def test_serve_refuses_a_port_that_somebody_listens_on(data_dir: Path):
    import socket

    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

        assert f"Cannot listen on 127.0.0.1 port {port}" in fail(data_dir, "serve", "--port", str(port))


@pytest.mark.parametrize("command", ["serve", "worker", "account", "key", "datasource", "expire", "demo"])
def test_every_command_explains_itself(command: str):
    result = CliRunner().invoke(app, [command, "--help"])

    assert result.exit_code == 0
    assert "Usage" in result.stdout


def test_help_tells_what_an_option_is_when_it_is_left_out():
    assert "[default: 127.0.0.1]" in CliRunner().invoke(app, ["serve", "--help"]).stdout


def test_a_misspelt_variable_is_named_and_the_command_goes_on(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEOSTEAD_STOR_URL", "s3://bucket")
    result = run(data_dir, "account", "create", "Ada")
    told = "geostead: warning: GEOSTEAD_STOR_URL is not a setting, and is ignored; did you mean GEOSTEAD_STORE_URL?\n"
    assert (result.exit_code, result.stderr) == (0, told)


def test_the_port_of_the_metrics_is_another_than_that_of_the_api(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
    monkeypatch.setenv("GEOSTEAD_METRICS_PORT", port)
    assert f"GEOSTEAD_METRICS_PORT: found '{port}'; expected another port" in fail(data_dir, "serve", "--port", port)


def test_a_port_for_metrics_that_is_taken_is_named_with_its_setting(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        monkeypatch.setenv("GEOSTEAD_METRICS_PORT", port)
        told = fail(data_dir, "serve", "--port", "0")
    assert f"Cannot listen on 127.0.0.1 port {port}: Address already in use. Choose another" in told
    assert told.endswith("GEOSTEAD_METRICS_PORT.\n")
