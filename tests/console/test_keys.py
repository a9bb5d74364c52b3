"""Keys in the console: created and shown once, restricted to pages, rotated, revoked, and by whom."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import httpx
import pytest
from playwright.sync_api import Page, expect

from geostead.model.person import Role
from geostead.operations.create_key import create_key
from tests.browsers import Watch, assert_accessible, assert_fits, hold_back, take_picture
from tests.consoles import Console, Team
from tests.uploads import pipe_upload


def row_of(page: Page, name: str) -> str:
    return page.get_by_role("row").filter(has=page.get_by_role("rowheader", name=name, exact=True)).inner_text()


def status_with(team: Team, key: str, **headers: str) -> int:
    url = f"{team.server.url}/REST/v1/Dataflows/ListJobs"
    return httpx.get(url, params={"key": key}, headers=headers, timeout=30).status_code


def press(page: Page) -> None:
    """Press what the mouse is on, also while the page is about to be left."""
    page.mouse.down()
    page.mouse.up()


def test_a_key_is_shown_once_and_works_on_its_pages_alone(owner: Page, team: Team) -> None:
    owner.goto(f"{team.url}/keys")
    owner.get_by_label("Name").fill("web site")
    owner.get_by_label("Days until it expires").fill("30")
    owner.get_by_label("Hosts whose pages may use it").fill("www.example.com\n*.Bücher.example")
    owner.get_by_role("button", name="Create").click()
    value = owner.locator("#key-value").inner_text()
    assert value not in owner.url
    assert_accessible(owner)
    assert_fits(owner)
    take_picture(owner, "key-created")
    assert "www.example.com, *.xn--bcher-kva.example" in row_of(owner, "web site")
    assert status_with(team, value) == 401
    assert status_with(team, value, Referer="https://www.example.com.evil.com/") == 401
    assert status_with(team, value, Referer="https://www.example.com/map") == 200
    owner.goto(f"{team.url}/keys")
    assert value not in owner.content()


def test_a_key_is_created_once_and_shown_however_often_one_presses(owner: Page, team: Team) -> None:
    owner.goto(f"{team.url}/keys")
    owner.get_by_label("Name").fill("pressed twice")
    owner.get_by_role("button", name="Create").hover()
    sent: list[str] = []
    owner.on("request", lambda request: sent.append(request.method))
    held = hold_back(owner, re.compile("/keys$"))
    with owner.expect_request(f"{team.url}/keys"):
        press(owner)
    press(owner)
    held.release()
    expect(owner.locator("#key-value")).to_be_visible()
    assert sent.count("POST") == 1


def test_a_form_that_nothing_came_of_can_be_sent_again(owner: Page, team: Team) -> None:
    owner.clock.install()
    owner.goto(f"{team.url}/keys")
    owner.get_by_label("Name").fill("sent again")
    create = owner.get_by_role("button", name="Create")
    owner.route(re.compile("/keys$"), lambda route: route.fulfill(status=204), times=1)
    with owner.expect_response(f"{team.url}/keys"):
        create.dispatch_event("click")
    owner.clock.fast_forward(60_000)
    create.dispatch_event("click")
    expect(owner.locator("#key-value")).to_be_visible()


def test_the_reply_with_the_value_is_kept_by_no_cache(owner: Page, team: Team) -> None:
    owner.goto(f"{team.url}/keys")
    with owner.expect_response(lambda reply: reply.request.method == "POST") as replied:
        owner.get_by_role("button", name="Create").click()
    assert replied.value.status == 200
    assert replied.value.headers["cache-control"] == "no-store"


def test_what_is_wrong_is_said_beside_what_was_typed(owner: Page, team: Team, watch: Watch) -> None:
    watch.allowed = "status of 422"
    owner.goto(f"{team.url}/keys")
    hosts = owner.get_by_label("Hosts whose pages may use it")
    hosts.fill("https://www.example.com/")
    owner.get_by_role("button", name="Create").click()
    expect(hosts).to_have_value("https://www.example.com/")
    expect(hosts).to_have_attribute("aria-invalid", "true")
    expect(owner.get_by_text("without a scheme, a port or a path")).to_be_visible()
    owner.get_by_label("Days until it expires").fill("many")
    hosts.fill("")
    owner.get_by_role("button", name="Create").click()
    expect(owner.get_by_text("a number of days, 1 to 36,500")).to_be_visible()
    owner.get_by_label("Days until it expires").fill("")
    owner.get_by_label("Name").fill("master")
    owner.get_by_role("button", name="Create").click()
    expect(owner.get_by_text("a name that no other key of the account has or had")).to_be_visible()
    assert_accessible(owner)


def test_the_way_back_and_a_reload_send_no_form_again(owner: Page, team: Team, watch: Watch) -> None:
    watch.allowed = "status of 422"
    owner.goto(f"{team.url}/keys")
    owner.get_by_label("Name").fill("master")
    owner.get_by_role("button", name="Create").click()
    expect(owner.get_by_text("a name that no other key of the account has or had")).to_be_visible()
    owner.get_by_label("Name").fill("once")
    owner.get_by_role("button", name="Create").click()
    expect(owner.get_by_role("rowheader", name="once", exact=True)).to_be_visible()
    owner.reload()
    expect(owner.get_by_role("rowheader", name="once", exact=True)).to_be_visible()
    owner.goto(f"{team.url}/members")
    for _page in range(3):
        owner.go_back()
        expect(owner.get_by_role("heading", name="Keys", exact=True)).to_be_visible()
    assert [key.name for key in team.services.catalog.list_keys(team.account.id)].count("once") == 1


def test_a_page_that_a_form_of_another_page_leads_to_keeps_its_own_address(owner: Page, team: Team) -> None:
    team.load("Zoo", pipe_upload(1))
    owner.goto(f"{team.url}/keys")
    owner.get_by_role("button", name="Create").click()
    owner.get_by_role("button", name="Zoo").click()
    expect(owner.get_by_role("heading", name="Zoo", exact=True)).to_be_visible()
    assert owner.url == f"{team.url}/data-sources/Zoo/examples"
    owner.reload()
    expect(owner.get_by_role("heading", name="Zoo", exact=True)).to_be_visible()


def test_who_was_signed_out_before_a_form_was_sent_is_told_so_and_led_back(owner: Page, team: Team) -> None:
    owner.goto(f"{team.url}/keys")
    owner.context.clear_cookies()
    owner.get_by_role("button", name="Create").click()
    expect(owner.get_by_text("nothing was done")).to_be_visible()
    expect(owner.locator("input[name=next]")).to_have_value(f"{team.url.partition('/console')[2]}/keys")

    owner.context.add_cookies(team.cookies(Role.OWNER))
    owner.reload()
    expect(owner.get_by_role("heading", name="Keys", exact=True)).to_be_visible()


def test_name_and_pages_of_a_key_are_changed(owner: Page, team: Team) -> None:
    made = create_key(team.services, team.account.name, "before")
    owner.goto(f"{team.url}/keys")
    owner.get_by_role("link", name="before").click()
    owner.get_by_label("Name", exact=True).fill("after")
    owner.get_by_label("Hosts whose pages may use it").fill("shop.example.com")
    take_picture(owner, "key")
    owner.get_by_role("button", name="Save").click()
    assert "shop.example.com" in row_of(owner, "after")
    assert status_with(team, made.value) == 401
    assert status_with(team, made.value, Origin="https://shop.example.com") == 200


def test_a_master_key_is_rotated_everywhere_and_then_revoked(owner: Page, team: Team) -> None:
    for name in ("Rotated", "Turned"):
        team.load(name, pipe_upload(1))
    create_key(team.services, team.account.name, "next master")
    owner.goto(f"{team.url}/keys/master")
    expect(owner.get_by_text("A master key cannot be revoked. Rotate it first.")).to_be_visible()
    owner.get_by_label("New master key").select_option("next master")
    owner.get_by_role("button", name="Make it the master key").click()
    assert "Rotated, Turned" in row_of(owner, "next master")
    owner.get_by_role("link", name="master", exact=True).click()
    owner.get_by_text("Revoke…").click()
    owner.get_by_role("button", name="Revoke master").click()
    assert "Revoked" in row_of(owner, "master")
    assert status_with(team, team.keys["master"]) == 401


def test_the_last_use_of_a_key_is_shown(viewer: Page, team: Team) -> None:
    used = create_key(team.services, team.account.name, "used").key
    team.services.catalog.add_uses([], {used.id: datetime(2026, 3, 1, 12, 30, tzinfo=UTC)})
    viewer.goto(f"{team.url}/keys")
    assert "2026-03-01 12:30 UTC" in row_of(viewer, "used")


def test_an_editor_sees_keys_and_changes_none(editor: Page, team: Team, watch: Watch) -> None:
    watch.allowed = "status of 403"
    editor.goto(f"{team.url}/keys")
    expect(editor.get_by_role("rowheader", name="query", exact=True)).to_be_visible()
    expect(editor.get_by_role("button", name="Create")).to_have_count(0)
    editor.goto(f"{team.url}/keys/query")
    expect(editor.get_by_text("This takes the role owner")).to_be_visible()


@pytest.mark.parametrize("action", ["", "/revoke", "/rotate"])
def test_a_key_of_another_account_is_not_found(
    owner: Page, console: Console, team: Team, watch: Watch, action: str
) -> None:
    watch.allowed = "status of 404"
    theirs = create_key(console.services, console.new_team().account.name, "theirs").key
    owner.goto(f"{team.server.url}/console/me")
    post = """url => fetch(url, {method: "POST", headers: {"X-CSRF-Token":
        JSON.parse(document.getElementById("console-settings").textContent).csrf}}).then(reply => reply.status)"""
    assert owner.evaluate(post, f"{team.url}/keys/theirs{action}") in (404, 422)
    assert console.services.catalog.find_key(theirs.digest) == theirs
