"""Commands that speak HTTP, against a real server: what they print, for people and for programs, and how they end."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from geostead.cli.main import app
from tests.cli.shell import succeed
from tests.servers import create_account, start_server
from tests.uploads import changes_upload, pipe_upload


@dataclass(frozen=True)
class Shell:
    """A shell in which GEOSTEAD_URL and GEOSTEAD_KEY are set."""

    url: str
    key: str
    query_key: str
    data_dir: Path

    def run(self, *arguments: str, stdin: str | bytes | None = None, **variables: str | None) -> Result:
        environment = {"GEOSTEAD_URL": self.url, "GEOSTEAD_KEY": self.key, **variables}
        result = CliRunner().invoke(app, arguments, input=stdin, env=environment)
        assert self.key not in result.output
        return result

    def succeed(self, *arguments: str, stdin: str | bytes | None = None, **variables: str | None) -> str:
        result = self.run(*arguments, stdin=stdin, **variables)
        assert result.exit_code == 0, result.output
        return result.stdout

    def json(self, *arguments: str, exit_code: int = 0) -> Any:
        result = self.run(*arguments, "--json")
        assert result.exit_code == exit_code, result.output
        return json.loads(result.stdout)

    def fail(self, *arguments: str, stdin: str | None = None, **variables: str | None) -> str:
        """Run a command that fails as it should: exit code 1, one line on stderr, nothing on stdout."""
        result = self.run(*arguments, stdin=stdin, **variables)
        assert (result.exit_code, result.stdout) == (1, ""), result.output
        assert result.stderr.startswith("geostead: ")
        assert result.stderr.count("\n") == 1, result.stderr
        return result.stderr

    def misuse(self, *arguments: str, **variables: str | None) -> str:
        """Run a command that was written wrongly: exit code 2, nothing on stdout."""
        result = self.run(*arguments, **variables)
        assert (result.exit_code, result.stdout) == (2, ""), result.output
        return " ".join(result.stderr.split())


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    data_dir = tmp_path_factory.mktemp("over-http") / "data"
    keys = create_account(data_dir, "shell")
    with start_server(data_dir) as server:
        yield Shell(server.url, keys["master"], keys["query"], data_dir)


@pytest.fixture
def upload(tmp_path: Path) -> Path:
    file = tmp_path / "places.txt"
    file.write_bytes(pipe_upload(3))
    return file


def test_a_load_says_how_many_rows_it_read_and_shows_those_that_it_left_out(shell: Shell, tmp_path: Path):
    file = tmp_path / "places.psv"
    file.write_bytes(pipe_upload(2, bad_rows=30))

    printed = shell.succeed("datasource", "load", "Bad", str(file))

    assert printed.startswith("Loaded Bad: 32 rows, 30 of them left out; published.\n")
    assert "line 5" in printed
    assert "north" in printed
    assert "… and 10 more, which --json tells." in printed
    told = shell.json("datasource", "load", "bad", str(file))
    assert (told["job"]["status"], told["job"]["totalCount"], len(told["issues"])) == ("Completed", 32, 30)
    assert told["issues"][0] | {"expected": ""} == {
        "severity": "error",
        "location": "line 5",
        "entityId": "B0000000",
        "property": "Latitude",
        "found": "north",
        "expected": "",
    }


def test_a_load_that_is_aborted_ends_with_1_and_the_reason(shell: Shell, tmp_path: Path):
    file = tmp_path / "places.csv"
    file.write_bytes(pipe_upload(2, bad_rows=1))

    strict = shell.run("datasource", "load", "Aborted", str(file), "--input", "pipe", "--strict")
    assert strict.exit_code == 1
    assert "B0000000" in strict.stdout
    assert "was aborted: The load is strict" in strict.stderr
    told = shell.json("datasource", "load", "Aborted", str(file), exit_code=1)
    assert (told["job"]["status"], told["issues"][0]["severity"]) == ("Aborted", "aborted")


def test_stdin_is_loaded_when_its_format_is_said(shell: Shell):
    text = pipe_upload(4).decode()

    assert "Loaded Piped: 4 rows" in shell.succeed("datasource", "load", "Piped", "-", "--input", "pipe", stdin=text)
    assert "--input" in shell.misuse("datasource", "load", "Piped", "-")


def test_a_url_is_left_to_the_server(shell: Shell):
    refused = shell.fail("datasource", "load", "Fetched", "https://elsewhere.example/places.csv?sig=geheim")

    assert "elsewhere.example" in refused
    assert "geheim" not in refused


def test_options_of_a_load_go_with_it(shell: Shell, upload: Path, tmp_path: Path):
    key_file = tmp_path / "query.key"
    key_file.write_text(shell.query_key + "\n")
    words = ("--public", "--query-key-file", str(key_file), "--description", "my words")

    told = shell.json("datasource", "load", "Optional", str(upload), *words)

    assert told["job"]["description"] == "my words"
    assert shell.json("datasource", "show", "optional")["isPublic"]
    listed = json.loads(succeed(shell.data_dir, "datasource", "list", "shell", "--json"))["dataSources"]
    assert {source["dataSource"]: source.get("queryKey") for source in listed}["Optional"] == "query"
    assert "exclude" in shell.misuse("datasource", "load", "Optional", str(upload), "--public", "--private")


def test_a_version_is_staged_looked_at_published_and_rolled_back(shell: Shell, upload: Path, tmp_path: Path):
    first = shell.json("datasource", "load", "Moving", str(upload))["job"]["id"]
    changes = tmp_path / "changes.pipe"
    changes.write_bytes(changes_upload("P0000000|new|1|2|3|"))
    staged = shell.succeed("datasource", "load", "Moving", str(changes), "--incremental", "--stage")
    assert staged == "Loaded Moving: 1 row; staged.\n"
    assert "new" in shell.succeed("datasource", "query", "Moving", "--staged")
    assert "new" not in shell.succeed("datasource", "query", "Moving")

    assert shell.succeed("datasource", "publish", "moving") == "Published what was staged of Moving.\n"
    assert "new" in shell.succeed("datasource", "query", "Moving")
    assert shell.json("datasource", "rollback", "moving", "--previous")["job"]["kind"] == "rollback"
    assert "new" not in shell.succeed("datasource", "query", "Moving")
    other = shell.json("datasource", "show", "Moving")["versions"][1]["jobId"]
    assert shell.succeed("datasource", "rollback", "moving", "--version", other) == "Rolled Moving back.\n"
    assert shell.json("datasource", "rollback", "moving", "--version", first)["job"]["status"] == "Completed"

    assert "staged" in shell.fail("datasource", "publish", "moving")
    assert "Which version?" in shell.misuse("datasource", "rollback", "moving")
    assert "Which version?" in shell.misuse("datasource", "rollback", "moving", "--previous", "--version", first)


def test_publishing_can_be_left_to_itself(shell: Shell, upload: Path):
    shell.succeed("datasource", "load", "Left", str(upload), "--stage")

    job = shell.json("datasource", "publish", "Left", "--no-wait")["job"]

    assert shell.json("job", "watch", job["id"])["job"] == shell.json("job", "watch", job["id"])["job"]
    assert shell.succeed("job", "watch", job["id"]) == f"The job {job['id']} is completed.\n"


def test_a_list_has_what_is_needed_to_query(shell: Shell, upload: Path):
    shell.succeed("datasource", "load", "Listed", str(upload))

    (found,) = [one for one in shell.json("datasource", "list")["dataSources"] if one["dataSource"] == "Listed"]

    assert found.keys() == {"dataSource", "accessId", "entityType", "isPublic", "updatedAt", "queryUrl"}
    assert found["queryUrl"] == f"{shell.url}/REST/v1/data/{found['accessId']}/Listed/Place"
    printed = shell.succeed("datasource", "list")
    assert found["accessId"] in printed


def test_with_the_name_of_an_account_the_list_is_that_of_this_machine(shell: Shell, upload: Path):
    shell.succeed("datasource", "load", "Local", str(upload))
    here = ("--data-dir", str(shell.data_dir))

    listed = json.loads(succeed(shell.data_dir, "datasource", "list", "shell", "--json"))

    assert listed["account"] == "shell"
    assert {"masterKey", "versions"} <= listed["dataSources"][0].keys()
    assert "needs the name of an account" in shell.misuse("datasource", "list", *here)
    for option in ("--url", "--key", "--key-file"):
        told = shell.misuse("datasource", "list", "shell", *here, option, "x")
        assert f"{option} is for a server; with the name of an account this machine is read" in told


def test_an_account_without_anything_is_told_so(shell: Shell):
    own = create_account(shell.data_dir, "nothing")["master"]

    assert shell.succeed("datasource", "list", GEOSTEAD_KEY=own).startswith("There are no data sources yet")
    assert shell.succeed("job", "list", GEOSTEAD_KEY=own) == "There are no jobs of the last 15 days.\n"
    assert succeed(shell.data_dir, "datasource", "list", "nothing") == "nothing has no data sources.\n"


def test_a_data_source_is_shown_with_its_versions_and_properties(shell: Shell, upload: Path):
    shell.succeed("datasource", "load", "Shown", str(upload))

    told = shell.json("datasource", "show", "SHOWN")

    assert [(v["place"], v["entityCount"]) for v in told["versions"]] == [("published", 3)]
    assert told["properties"][0] == {"name": "EntityID", "type": "Edm.String", "isKey": True}
    printed = shell.succeed("datasource", "show", "SHOWN")
    assert printed.startswith("Shown, private\n")
    assert told["queryUrl"] in printed
    assert "Edm.Int64" in printed
    assert "no data source 'Nowhere'" in shell.fail("datasource", "show", "Nowhere")


def test_a_data_source_is_made_public_and_private(shell: Shell, upload: Path):
    shell.succeed("datasource", "load", "Open", str(upload))

    assert shell.succeed("datasource", "public", "open") == "Open is public.\n"
    assert shell.json("datasource", "show", "open")["isPublic"]
    assert shell.succeed("datasource", "public", "open", "--off") == "Open is private.\n"
    assert shell.json("datasource", "public", "open", "--off")["job"]["description"].endswith("private")


def test_a_download_has_the_format_that_the_name_of_its_file_tells(shell: Shell, upload: Path, tmp_path: Path):
    shell.succeed("datasource", "load", "Down", str(upload))
    file = tmp_path / "down.geojson"

    assert shell.succeed("datasource", "download", "down", str(file)) == f"Wrote Down to {file}.\n"
    assert len(json.loads(file.read_text())["features"]) == 3
    told = shell.json("datasource", "download", "down", str(tmp_path / "any"), "--format", "csv")
    assert (told["job"]["kind"], told["job"]["status"]) == ("download", "Completed")
    assert (tmp_path / "any").read_text().startswith("Bing Spatial Data Services")
    assert shell.succeed("datasource", "download", "down", "-", "--format", "xml").startswith("<?xml")
    assert "--format" in shell.misuse("datasource", "download", "down", str(tmp_path / "any"))
    assert "stdout" in shell.misuse("datasource", "download", "down", "-", "--format", "csv", "--json")
    nowhere = tmp_path / "nowhere"
    told = shell.fail("datasource", "download", "down", str(nowhere / "x.csv"))
    assert told == f"geostead: {nowhere}: There is no such folder\n"


def test_a_delete_asks_for_the_name_unless_it_is_told_not_to(shell: Shell, upload: Path):
    shell.succeed("datasource", "load", "Gone", str(upload))
    shell.succeed("datasource", "load", "Gone", str(upload), "--stage")

    refused = shell.run("datasource", "delete", "gone", stdin="Other\n")
    assert refused.exit_code == 1
    assert "That is not the name; the data source Gone stays as it is." in refused.stderr
    assert shell.succeed("datasource", "delete", "gone", "--staged", stdin="GONE\n").endswith(
        "Deleted the staged version of Gone.\n"
    )
    assert len(shell.json("datasource", "show", "gone")["versions"]) == 1
    assert shell.json("datasource", "delete", "gone", "--yes")["job"]["status"] == "Completed"
    assert "no data source 'gone'" in shell.fail("datasource", "delete", "gone", "--yes")


def test_a_query_prints_a_table_json_geojson_or_csv(shell: Shell, tmp_path: Path):
    file = tmp_path / "many.pipe"
    file.write_bytes(pipe_upload(300, name="Ort Łódź,"))
    shell.succeed("datasource", "load", "Many", str(file))
    query = ("datasource", "query", "many")

    assert "Łódź, 24" in shell.succeed(*query)
    assert "Łódź, 25" not in shell.succeed(*query)
    assert len(shell.json(*query, "--all")["entities"]) == 300
    assert shell.json(*query, "--filter", "Size eq 7", "--select", "Name,Size") == {
        "entities": [{"Name": "Ort Łódź, 7", "Size": 7}]
    }
    assert json.loads(shell.succeed(*query, "--format", "json", "--top", "1")) == shell.json(*query, "--top", "1")
    features = json.loads(shell.succeed(*query, "--format", "geojson", "--all"))
    assert (features["type"], len(features["features"])) == ("FeatureCollection", 300)
    lines = list(csv.DictReader(shell.succeed(*query, "--format", "csv", "--order-by", "Size desc").splitlines()))
    assert (len(lines), lines[0]["Name"]) == (25, "Ort Łódź, 299")


def test_a_query_that_finds_nothing_says_so_in_every_format(shell: Shell, upload: Path):
    shell.succeed("datasource", "load", "Few", str(upload))
    query = ("datasource", "query", "few", "--filter", "Size eq 99")

    assert shell.succeed(*query) == "Nothing matches.\n"
    assert shell.json(*query) == {"entities": []}
    assert json.loads(shell.succeed(*query, "--format", "geojson")) == {"type": "FeatureCollection", "features": []}
    assert shell.succeed(*query, "--format", "csv") == ""
    assert shell.succeed(*query, "--count") == "0\n"
    assert shell.json("datasource", "query", "few", "--count") == {"count": 3}


def test_a_query_that_is_wrong_ends_with_1_and_the_position(shell: Shell, upload: Path):
    shell.succeed("datasource", "load", "Wrong", str(upload))

    for form in ("table", "json", "geojson", "csv"):
        assert "position" in shell.fail("datasource", "query", "wrong", "--filter", "Size gt", "--format", form)


def test_what_the_server_remarks_goes_to_stderr(shell: Shell, upload: Path):
    shell.succeed("datasource", "load", "Remarked", str(upload))

    result = shell.run("datasource", "query", "remarked", "--select", "Name,Nonsense", "--json")

    assert json.loads(result.stdout)["entities"][0] == {"Name": "Place 0"}
    assert result.stderr.startswith("geostead: note: ")
    assert "Nonsense" in result.stderr


def test_jobs_are_listed(shell: Shell, upload: Path):
    job = shell.json("datasource", "load", "Worked", str(upload))["job"]

    listed = {one["id"]: one for one in shell.json("job", "list")["jobs"]}

    assert listed[job["id"]] == job | {"description": "DataSourceComplete"}
    assert job["id"] in shell.succeed("job", "list")
    assert "There is no job" in shell.fail("job", "watch", "0" * 32)


def test_a_job_that_was_aborted_ends_its_watch_with_1(shell: Shell, tmp_path: Path):
    file = tmp_path / "x.csv"
    file.write_text("nonsense")
    job = shell.json("datasource", "load", "Broken", str(file), exit_code=1)["job"]

    assert "was aborted" in shell.fail("job", "watch", job["id"])
    assert shell.json("job", "watch", job["id"], exit_code=1)["job"]["status"] == "Aborted"


def test_a_key_comes_from_a_file_or_from_stdin_too(shell: Shell, tmp_path: Path):
    file = tmp_path / "key"
    file.write_text(f"{shell.key}\nother line\n")
    listing = ("datasource", "list", "--json")

    assert "dataSources" in shell.succeed(*listing, "--key-file", str(file), GEOSTEAD_KEY=None)
    assert "dataSources" in shell.succeed(*listing, "--key-file", "-", stdin=shell.key, GEOSTEAD_KEY="wrong")
    assert "dataSources" in shell.succeed(*listing, "--key", shell.key, GEOSTEAD_KEY=None)
    both = f"{shell.key}\n{shell.query_key}\n{pipe_upload(2).decode()}"
    load = ("datasource", "load", "Both", "-", "--input", "pipe", "--key-file", "-", "--query-key-file", "-")
    assert shell.succeed(*load, stdin=both, GEOSTEAD_KEY=None) == "Loaded Both: 2 rows; published.\n"
    assert "There is no key" in shell.misuse(*listing, GEOSTEAD_KEY=None)
    file.write_text("\n")
    assert "There is no key" in shell.misuse(*listing, "--key-file", str(file))
    missing = tmp_path / "none"
    assert shell.fail(*listing, "--key-file", str(missing)) == f"geostead: {missing}: No such file or directory\n"


def test_a_server_that_refuses_or_is_not_there_ends_with_1(shell: Shell):
    assert "key" in shell.fail("datasource", "list", GEOSTEAD_KEY="unknown").lower()
    wrong = shell.misuse("datasource", "list", "--url", "ftp://x")
    assert "--url or GEOSTEAD_URL: 'ftp://x' is no URL of a server" in wrong
    assert "There is no key" in shell.misuse("datasource", "list", GEOSTEAD_KEY=" ")
    assert "and a web page, which a Geostead never does" in shell.fail(
        "datasource", "list", "--url", f"{shell.url}/console"
    )


def test_the_variables_of_the_client_are_not_taken_for_misspelt_settings(shell: Shell):
    assert "warning" not in shell.run("datasource", "list").stderr
    assert "warning" in shell.run("datasource", "list", GEOSTEAD_URLS="x").stderr


def test_commands_that_speak_no_http_start_without_what_does():
    code = "import sys, geostead.cli.main; print({'httpx', 'geostead.client', 'geopandas'} & set(sys.modules))"

    assert subprocess.check_output([sys.executable, "-c", code], text=True) == "set()\n"
