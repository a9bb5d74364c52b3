"""Members of an account, by way of the page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

import pytest

from geostead.model.limits import PROFILES
from geostead.model.person import Person, Role
from geostead.operations.create_account import create_account
from geostead.operations.create_person import create_person
from geostead.operations.services import Services
from tests.passwords import CountingHasher
from tests.visitors import Visitor, console_of, serving

EMAIL = "ada@example.com"
PASSWORD = "correct horse battery"
PAGE = "/console/accounts/acme/members"


@pytest.fixture
def ada(services: Services, hasher: CountingHasher) -> Person:
    create_account(services, "acme", PROFILES["self-hosted"])
    return create_person(services, EMAIL, PASSWORD, account_name="acme", role=Role.OWNER)


@pytest.fixture
def owner(services: Services, ada: Person) -> Iterator[Visitor]:
    with serving(console_of(services)) as url:
        visitor = Visitor(url)
        visitor.sign_in(EMAIL, PASSWORD)
        yield visitor


def roles(services: Services, account_name: str = "acme") -> dict[str, Role]:
    account = services.catalog.find_account(account_name)
    assert account is not None
    return {person.email: member.role for person, member in services.catalog.list_members(account.id)}


def id_of(services: Services, email: str) -> str:
    person = services.catalog.find_person(email)
    assert person is not None
    return person.id


def test_an_owner_adds_somebody_who_sets_a_password_and_is_in(owner: Visitor, services: Services) -> None:
    added = owner.send(PAGE, {"email": "Bob@example.com", "name": "Bob <b>", "role": "editor"})
    assert added.status_code == 200
    assert "Bob &lt;b&gt;" in added.text
    found = re.search(r'id="password-link">([^<]+)<', added.text)
    assert found is not None
    link = unescape(found[1])
    assert link.startswith(f"{owner.url}/console/set-password?token=")
    bob = Visitor(owner.url)
    form = {"token": link.partition("token=")[2], "password": PASSWORD, "again": PASSWORD}
    bob.send("/console/set-password", form, at=link.removeprefix(owner.url))
    assert "bob@example.com" in bob.read(PAGE).text
    assert "Add somebody" not in bob.read(PAGE).text
    assert roles(services) == {EMAIL: Role.OWNER, "bob@example.com": Role.EDITOR}
    assert "password-link" not in owner.read(PAGE).text, "it is shown only once"


def test_what_was_wrong_stands_beside_what_was_typed(owner: Visitor, services: Services) -> None:
    for form, said in (
        ({"email": "no address", "name": "Bob", "role": "editor"}, "an e-mail address like"),
        ({"email": EMAIL, "name": "Bob", "role": "editor"}, "not a member yet"),
        ({"email": "bob@example.com", "name": "a" * 101, "role": "editor"}, "at most 100"),
        ({"email": "bob@example.com", "name": "Bob", "role": "king"}, "viewer or editor or owner"),
    ):
        reply = owner.send(PAGE, form)
        assert reply.status_code == 422
        assert said in reply.text
        assert f'value="{form["email"]}"' in reply.text
    assert roles(services) == {EMAIL: Role.OWNER}


def test_roles_are_changed_and_members_removed(owner: Visitor, services: Services) -> None:
    owner.send(PAGE, {"email": "bob@example.com", "role": "viewer"})
    one = f"{PAGE}/{id_of(services, 'bob@example.com')}"
    assert owner.send(f"{one}/role", {"role": "owner"}, at=PAGE).status_code == 303
    assert roles(services)["bob@example.com"] is Role.OWNER
    assert "password-link" in owner.send(f"{one}/link", {}, at=PAGE).text
    assert owner.send(f"{one}/remove", {}, at=PAGE).status_code == 303
    assert roles(services) == {EMAIL: Role.OWNER}
    assert owner.send(f"{one}/remove", {}, at=PAGE).status_code == 404


def test_the_last_owner_can_neither_leave_nor_become_anything_else(
    owner: Visitor, services: Services, ada: Person
) -> None:
    for path, form in (
        (f"{PAGE}/{ada.id}/role", {"role": "viewer"}),
        (f"{PAGE}/{ada.id}/remove", {}),
        ("/console/accounts/acme/leave", {}),
    ):
        reply = owner.send(path, form, at=PAGE)
        assert reply.status_code == 422
        assert "this is the last one of the account" in unescape(reply.text)
    assert roles(services) == {EMAIL: Role.OWNER}


def test_who_leaves_an_account_is_a_stranger_to_it(owner: Visitor, services: Services) -> None:
    create_person(services, "bob@example.com", PASSWORD, account_name="acme", role=Role.VIEWER)
    bob = Visitor(owner.url)
    bob.sign_in("bob@example.com", PASSWORD)
    assert bob.send("/console/accounts/acme/leave", {}, at="/console/me").headers["location"] == "/console/me"
    assert bob.read(PAGE).status_code == 404
    assert "not a member of any account" in bob.read("/console/me").text


def test_nobody_reaches_into_another_account(owner: Visitor, services: Services, ada: Person) -> None:
    create_account(services, "other", PROFILES["self-hosted"])
    mallory = create_person(services, "mallory@example.com", PASSWORD, account_name="other", role=Role.OWNER)
    for path in (f"{PAGE}/{mallory.id}/role", f"{PAGE}/{mallory.id}/remove", f"{PAGE}/{mallory.id}/link"):
        assert owner.send(path, {"role": "viewer"}, at=PAGE).status_code == 404
    for path in ("", f"/{mallory.id}/role", f"/{mallory.id}/remove", f"/{ada.id}/role"):
        reply = owner.send(f"/console/accounts/other/members{path}", {"email": EMAIL, "role": "owner"}, at=PAGE)
        assert reply.status_code == 404
    assert owner.read("/console/accounts/other/members").status_code == 404
    assert roles(services) == {EMAIL: Role.OWNER}
    assert roles(services, "other") == {"mallory@example.com": Role.OWNER}


def test_odd_ids_are_nobody(owner: Visitor) -> None:
    for odd in ("0" * 32, "%00", "é", "a" * 500, "'; drop table people"):
        assert owner.send(f"{PAGE}/{odd}/role", {"role": "viewer"}, at=PAGE).status_code == 404
