"""http-api.md section 2, "Rotation": the master key is a role of the data source; keys are kept hashed."""

from __future__ import annotations

from contextlib import suppress

from tests.deployments import only_in_a_folder
from tests.protocol.api import DOWNLOAD, LOAD, Api, Source, pipe
from tests.protocol.conftest import Keys, create_key
from tests.protocol.envelopes import json_envelope
from tests.servers import create_account, run_cli

PLACES = pipe("EntityID(Edm.String,primaryKey)", "1|1|2")


def code(source: Source, method: str, url: str) -> str:
    """Ask for something and return how the key was taken."""
    told: str = json_envelope(source.api.request(method, url))["authenticationResultCode"]
    return told


def test_a_master_key_is_moved_to_another_key_of_the_account_before_it_can_be_revoked(api: Api) -> None:
    data_dir = api.server.data_dir
    old_key = create_account(data_dir, "rotating")["master"]
    new_key = create_key(data_dir, "rotating", "next")
    old = api.with_key(old_key).source("Rotated", PLACES)
    new = old.with_key(new_key)
    assert run_cli(data_dir, "key", "revoke", "rotating", "master").returncode == 1
    assert old.ids() == ["1"]

    assert run_cli(data_dir, "datasource", "set-master-key", "rotating", "Rotated", "next").returncode == 0
    assert new.load(PLACES)["status"] == "Completed"
    assert new.changed("/$updateDataSource?setPublic=0")["status"] == "Completed"
    status, download = f"{LOAD}/{old.job['id']}", DOWNLOAD + old.path.removeprefix("/data")
    assert [code(new, "GET", url) for url in (status, download)] == ["ValidCredentials"] * 2
    assert [code(old, "GET", url) for url in (download, f"{old.path}/$commit")] == ["NotAuthorized"] * 2
    assert code(old, "DELETE", old.path) == "NotAuthorized"
    assert code(old, "GET", status) == "NotAuthorized"
    assert old.ids() == new.ids() == ["1"]

    assert run_cli(data_dir, "key", "revoke", "rotating", "master").returncode == 0
    assert code(old, "GET", status) == "CredentialsExpired"
    assert old.get().status_code == 401
    assert new.ids() == ["1"]


@only_in_a_folder("it reads the files of the folder")
def test_no_file_of_the_data_folder_holds_a_key(api: Api, keys: Keys) -> None:
    api.load("KeptHashed", PLACES, f"queryKey={keys.query}")
    values = [value.encode() for value in vars(keys).values()]
    files = [path for path in api.server.data_dir.rglob("*") if path.is_file()]
    assert api.server.data_dir / "catalog.sqlite3" in files
    for path in files:
        with suppress(FileNotFoundError):  # a job that ended takes its files along
            content = path.read_bytes()
            assert [value for value in values if value in content] == [], path
