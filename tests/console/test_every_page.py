"""Every page that the console registers, so that none is forgotten: what holds for all of them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from re import search, sub

import httpx
import pytest
from playwright.sync_api import Page

from geostead.model.person import Role
from tests.browsers import DESKTOP, PHONE, Watch, assert_accessible, assert_fits, take_picture
from tests.console.every_page import ORDINARY, Furnished, Stop, all_stops
from tests.consoles import Console, Team

STOPS = all_stops()
READ = [stop for stop in STOPS if stop.page.reads]
ACTED_ON = [stop for stop in STOPS if stop.page.acts]
COUNTED = ("sessions", "key_uses", "usage_counts")
"""Tables that change without anybody changing anything in an account."""


@pytest.fixture(scope="module")
def furnished(team: Team) -> Furnished:
    return Furnished(team)


@pytest.fixture(scope="module")
def clients(team: Team) -> Iterator[dict[Role | None, httpx.Client]]:
    """Return what sends requests as a person of each role, and as nobody; it follows no redirects."""
    made = {role: httpx.Client(timeout=30, cookies=_cookies(team, role)) for role in (*Role, None)}
    yield made
    for client in made.values():
        client.close()


def _cookies(team: Team, role: Role | None) -> dict[str, str]:
    return {} if role is None else {cookie["name"]: cookie["value"] for cookie in team.cookies(role)}


def _is_whole_page(reply: httpx.Response) -> bool:
    return reply.headers.get("content-type", "").startswith("text/html") and "<!DOCTYPE html>" in reply.text


@pytest.mark.parametrize("stop", READ, ids=str)
def test_a_page_is_accessible_quiet_and_fits_in_light_in_dark_and_on_a_phone(
    stop: Stop,
    furnished: Furnished,
    clients: dict[Role | None, httpx.Client],
    lookers: dict[Role | None, Page],
    looking: Watch,
) -> None:
    url, who = stop.url(furnished), None if stop.is_open else Role.OWNER
    looker = lookers[who]
    reply = clients[who].get(url, follow_redirects=True)
    assert reply.status_code == 200, reply.text[-2000:]
    if not _is_whole_page(reply):
        return
    looking.complaints.clear()
    name = sub(r"[^a-z]+", "-", stop.page.path.removeprefix("/accounts/{account}")).strip("-") or "home"
    looker.set_viewport_size(DESKTOP)
    looker.emulate_media(color_scheme="light")
    looker.goto(url)
    assert_accessible(looker)
    take_picture(looker, f"{name}-light")
    looker.emulate_media(color_scheme="dark")
    assert_accessible(looker)
    take_picture(looker, f"{name}-dark")
    looker.set_viewport_size(PHONE)
    assert_fits(looker)
    take_picture(looker, f"{name}-phone")
    assert looking.complaints == []


@pytest.mark.parametrize("stop", READ, ids=str)
def test_who_has_not_signed_in_is_led_to_where_one_does(
    stop: Stop, furnished: Furnished, clients: dict[Role | None, httpx.Client]
) -> None:
    reply = clients[None].get(stop.url(furnished))
    if stop.is_open:
        assert reply.status_code == 200
    else:
        assert reply.status_code == 303
        assert search(r"/console/sign-in(\?next=|$)", reply.headers["location"])


@pytest.mark.parametrize("stop", [stop for stop in STOPS if "{account}" in stop.page.path], ids=str)
def test_an_account_does_not_exist_for_those_who_are_no_members(
    stop: Stop, furnished: Furnished, stranger_client: httpx.Client
) -> None:
    url = stop.url(furnished)
    if stop.page.reads:
        assert stranger_client.get(url).status_code == 404
    if stop.page.acts:
        assert stranger_client.post(url, headers=_token(stranger_client, furnished.team)).status_code == 404


def _too_little(stops: list[Stop], needed_for: Callable[[Stop], Role | None]) -> list[object]:
    """Return each page with each role that is not enough for it."""
    return [
        pytest.param(stop, role, id=f"{stop}-{role}")
        for stop in stops
        for role in Role
        if "{account}" in stop.page.path and (needed := needed_for(stop)) is not None and not role.includes(needed)
    ]


@pytest.mark.parametrize(("stop", "role"), _too_little(READ, lambda stop: stop.page.needs.to_read))
def test_a_role_that_is_not_enough_to_read_is_refused(
    stop: Stop, role: Role, furnished: Furnished, clients: dict[Role | None, httpx.Client]
) -> None:
    reply = clients[role].get(stop.url(furnished))
    assert reply.status_code == 403
    assert f"takes the role {stop.page.needs.to_read}" in reply.text


@pytest.mark.parametrize(("stop", "role"), _too_little(ACTED_ON, lambda stop: stop.page.needs.to_act))
def test_a_role_that_is_not_enough_to_act_is_refused_and_changes_nothing(
    stop: Stop, role: Role, furnished: Furnished, clients: dict[Role | None, httpx.Client], console: Console
) -> None:
    url, before = stop.url(furnished), _content(console)
    reply = clients[role].post(url, headers=_token(clients[role], furnished.team))
    assert reply.status_code == 403
    assert f"takes the role {stop.page.needs.to_act}" in reply.text
    assert _content(console) == before


@pytest.mark.parametrize("stop", ACTED_ON, ids=str)
def test_a_form_without_the_token_of_the_session_changes_nothing(
    stop: Stop, furnished: Furnished, clients: dict[Role | None, httpx.Client], console: Console
) -> None:
    url, before = stop.url(furnished), _content(console)
    file = {"file": ("shops.csv", ORDINARY)} if stop.page.takes_file else None
    reply = clients[Role.OWNER].post(url, files=file)
    assert reply.status_code == 403
    assert "Reload the page" in reply.text
    assert _content(console) == before


def test_every_reply_has_the_headers_that_keep_pages_safe(
    furnished: Furnished, clients: dict[Role | None, httpx.Client]
) -> None:
    for stop in READ:
        headers = clients[Role.OWNER].get(stop.url(furnished)).headers
        assert "default-src 'none'; script-src 'self'; style-src 'self'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert headers["cache-control"] == "no-store" or "private" in headers["cache-control"], stop


def _token(client: httpx.Client, team: Team) -> dict[str, str]:
    """Return the header that proves a request to come from a page of this session."""
    page = client.get(f"{team.server.url}/console/me").text
    found = search(r'id="console-settings">(.*?)</script>', page)
    assert found is not None, page[:2000]
    return {"x-csrf-token": json.loads(found[1])["csrf"]}


def _content(console: Console) -> dict[str, list[tuple[object, ...]]]:
    """Return all that the catalog keeps, but for what is counted anyway."""
    with sqlite3.connect(console.server.data_dir / "catalog.sqlite3") as database:
        tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        kept = [name for name in tables if name not in COUNTED]
        found = {name: database.execute(f'SELECT * FROM "{name}"').fetchall() for name in kept}
    database.close()
    return found
