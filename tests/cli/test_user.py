"""``geostead user``, and what ``geostead serve`` says until there is one."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from geostead.cli.first_user import first_user_hint
from geostead.settings import Settings
from tests.cli.shell import fail, run, succeed
from tests.passwords import CountingHasher

EMAIL = "ada@example.com"
PASSWORD = "correct horse battery"

pytestmark = pytest.mark.usefixtures("hasher")


@pytest.fixture
def data_dir(tmp_path: Path, hasher: CountingHasher) -> Path:
    folder = tmp_path / "data"
    succeed(folder, "account", "create", "acme")
    return folder


def create(data_dir: Path, email: str, *arguments: str) -> str:
    return succeed(data_dir, "user", "create", email, *arguments, "--password-stdin", stdin=f"{PASSWORD}\n")


def users(data_dir: Path, *arguments: str) -> dict[str, dict[str, str]]:
    listed = json.loads(succeed(data_dir, "user", "list", *arguments, "--json"))
    return {found["user"]: found["accounts"] for found in listed}


def test_a_user_is_created_with_a_password_from_a_pipe(data_dir: Path) -> None:
    said = create(data_dir, "Ada@Example.com", "--account", "acme", "--role", "owner", "--name", "Ada")
    assert said == "Created the user ada@example.com.\n"
    (found,) = json.loads(succeed(data_dir, "user", "list", "--json"))
    assert found.pop("createdAt")
    assert found == {"user": EMAIL, "name": "Ada", "hasPassword": True, "accounts": {"acme": "owner"}}
    table = succeed(data_dir, "user", "list")
    assert "acme (owner)" in table
    assert "never" in table
    assert PASSWORD not in said + table


def test_a_password_is_asked_for_twice(data_dir: Path) -> None:
    done = run(data_dir, "user", "create", EMAIL, stdin=f"{PASSWORD}\nanother one altogether\n{PASSWORD}\n{PASSWORD}\n")
    assert done.exit_code == 0
    assert done.stdout.endswith(f"Created the user {EMAIL}.\n")
    assert PASSWORD not in done.output


def test_a_link_is_printed_where_one_is_asked_for(data_dir: Path) -> None:
    said = succeed(data_dir, "user", "create", EMAIL, "--link")
    assert re.search(r"http://127\.0\.0\.1:8080/console/set-password\?token=[\w.-]+\n", said)
    assert "token=" in succeed(data_dir, "user", "set-password", EMAIL, "--link")
    assert "exclude each other" in fail(data_dir, "user", "create", "b@example.com", "--link", "--password-stdin")


def test_what_cannot_be_is_said_on_one_line(data_dir: Path) -> None:
    create(data_dir, EMAIL, "--account", "acme", "--role", "owner")
    create(data_dir, "bob@example.com", "--account", "acme")
    assert "nobody else has" in fail(data_dir, "user", "create", EMAIL, "--without-password")
    assert "12 to 1,000" in fail(data_dir, "user", "create", "c@example.com", "--password-stdin", stdin="short\n")
    assert "no account" in fail(data_dir, "user", "create", "c@example.com", "--account", "nowhere")
    assert "nobody here" in fail(data_dir, "user", "set-password", "c@example.com", "--link")
    assert "last one" in fail(data_dir, "user", "remove", EMAIL)
    assert "last one" in fail(data_dir, "user", "set-role", EMAIL, "--account", "acme", "--role", "viewer")


def test_roles_are_given_and_users_removed(data_dir: Path) -> None:
    create(data_dir, EMAIL, "--account", "acme", "--role", "owner")
    succeed(data_dir, "user", "create", "bob@example.com", "--without-password")
    succeed(data_dir, "user", "set-role", "bob@example.com", "--account", "acme", "--role", "editor")
    assert users(data_dir) == {EMAIL: {"acme": "owner"}, "bob@example.com": {"acme": "editor"}}
    succeed(data_dir, "user", "remove", "bob@example.com", "--account", "acme")
    assert users(data_dir) == {EMAIL: {"acme": "owner"}, "bob@example.com": {}}
    assert users(data_dir, "--account", "acme") == {EMAIL: {"acme": "owner"}}
    succeed(data_dir, "user", "remove", "bob@example.com")
    succeed(data_dir, "user", "set-password", EMAIL, "--password-stdin", stdin="another good password\n")
    assert users(data_dir) == {EMAIL: {"acme": "owner"}}


def test_until_there_is_a_user_it_is_said_how_the_first_one_is_made(data_dir: Path) -> None:
    hint = first_user_hint(Settings(data_dir=data_dir))
    command = f"geostead user create EMAIL --account acme --role owner --data-dir {data_dir}"
    assert command in hint
    assert "account create" not in hint
    succeed(data_dir, "account", "delete", "acme", "--yes")
    assert f"geostead account create NAME --data-dir {data_dir}" in first_user_hint(Settings(data_dir=data_dir))
    assert first_user_hint(Settings(data_dir=data_dir, console=False)) == ""
    create(data_dir, EMAIL)
    assert first_user_hint(Settings(data_dir=data_dir)) == ""
