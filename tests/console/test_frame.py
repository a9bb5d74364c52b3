"""The frame of all pages: navigation, appearance, errors, files."""

from __future__ import annotations

import re

import httpx
from playwright.sync_api import Page, expect

from geostead.model.person import Role
from tests.browsers import PHONE, Watch, assert_accessible, assert_fits, hold_back, take_picture
from tests.consoles import Team


def test_the_navigation_leads_to_every_part_of_the_console(owner: Page, team: Team) -> None:
    owner.goto(f"{team.server.url}/console")
    links = owner.get_by_role("navigation", name="Account").get_by_role("link")
    names = ["Data sources", "Upload", "Jobs", "Keys", "Usage", "Members", "Limits"]
    expect(links).to_have_text(names)
    for name in names:
        links.filter(has_text=name).click()
        expect(owner.locator("[aria-current=page]").filter(has_text=name)).to_be_visible()


def test_viewers_are_not_led_to_what_they_may_not_do(viewer: Page, team: Team) -> None:
    viewer.goto(f"{team.server.url}/console")
    expect(viewer.get_by_role("link", name="Jobs")).to_be_visible()
    expect(viewer.get_by_role("link", name="Upload")).to_have_count(0)


def test_on_a_phone_the_navigation_opens_on_demand_and_with_the_keyboard(owner: Page, team: Team) -> None:
    owner.set_viewport_size(PHONE)
    owner.goto(f"{team.url}/jobs")
    link = owner.get_by_role("link", name="Members")
    expect(link).not_to_be_visible()
    owner.get_by_role("button", name="Menu").press("Enter")
    expect(link).to_be_visible()
    assert_accessible(owner)
    take_picture(owner, "menu-phone")
    owner.keyboard.press("Escape")
    expect(link).not_to_be_visible()


def test_the_first_thing_that_the_keyboard_reaches_leads_past_the_navigation(owner: Page, team: Team) -> None:
    owner.goto(f"{team.url}/jobs")
    owner.keyboard.press("Tab")
    skip = owner.get_by_role("link", name="Skip to the content")
    expect(skip).to_be_focused()
    skip.press("Enter")
    expect(owner.locator("main")).to_be_focused()


def test_dark_colours_stay_until_they_are_switched_off(owner: Page, team: Team) -> None:
    background = "getComputedStyle(document.body).backgroundColor"
    owner.goto(f"{team.url}/jobs")
    light = owner.evaluate(background)
    switch = owner.get_by_role("button", name="Dark colours")
    switch.click()
    dark = owner.evaluate(background)
    assert dark != light
    owner.reload()
    expect(switch).to_have_attribute("aria-pressed", "true")
    assert owner.evaluate(background) == dark
    switch.click()
    assert owner.evaluate(background) == light


def test_a_page_that_does_not_exist_is_told_of_in_the_frame(owner: Page, team: Team, watch: Watch) -> None:
    watch.allowed = "status of 404"
    owner.goto(f"{team.url}/no-such-page")
    expect(owner).to_have_title("Error · Geostead")
    expect(owner.get_by_role("alert")).to_contain_text("There is nothing at /console/accounts/")
    expect(owner.get_by_role("link", name="Olga")).to_be_visible()
    assert_accessible(owner)
    assert_fits(owner)
    take_picture(owner, "not-found")


def test_a_live_part_that_fails_shows_what_the_server_said(owner: Page, team: Team, watch: Watch) -> None:
    watch.allowed = "status of 404|Response Status Error Code 404"
    owner.goto(f"{team.url}/jobs")
    owner.evaluate(f"htmx.ajax('GET', '{team.url}/jobs/no-such-job', '#main')")
    alert = owner.locator("#alerts .alert")
    expect(alert).to_contain_text("no-such-job")
    alert.get_by_role("button", name="Close this message").click()
    expect(alert).to_have_count(0)
    expect(owner.locator("main h1")).to_have_text("Jobs")


def test_a_slow_page_of_an_earlier_session_follows_the_later_one_and_changes_nothing_in_it(
    owner: Page, team: Team
) -> None:
    held = hold_back(owner, re.compile(r"/console-\w+\.js"))
    owner.goto(f"{team.url}/jobs", wait_until="commit")
    token_of_slow = owner.locator("input[name=csrf_token]").first
    expect(owner.get_by_role("heading", name="Jobs")).to_be_visible()
    owner.context.add_cookies(team.cookies(Role.OWNER))
    with owner.context.new_page() as later:
        later.goto(f"{team.url}/jobs")
        token = later.locator("input[name=csrf_token]").first.input_value()
        held.release()
        expect(token_of_slow).to_have_value(token)
        assert later.evaluate("JSON.parse(document.body.getAttribute('hx-headers'))") == {"X-CSRF-Token": token}


def test_a_method_that_a_page_does_not_have_is_refused_with_those_that_it_has(team: Team) -> None:
    cookies = {cookie["name"]: cookie["value"] for cookie in team.cookies(Role.OWNER)}
    with httpx.Client(cookies=cookies) as client:
        refused = client.put(f"{team.url}/jobs")
    assert (refused.status_code, refused.headers["allow"]) == (405, "GET, HEAD")
    assert "That did not work" in refused.text


def test_files_are_compressed_and_kept_for_ever_under_a_name_that_changes_with_them(team: Team) -> None:
    with httpx.Client() as client:
        page = client.get(f"{team.server.url}/console/sign-in").text
        path = page.partition('<link rel="stylesheet" href="')[2].partition('"')[0]
        reply = client.get(team.server.url + path)
        assert reply.headers["content-type"].startswith("text/css")
        assert reply.headers["content-encoding"] == "gzip"
        assert reply.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert "--accent" in reply.text
        plain = client.get(team.server.url + path, headers={"accept-encoding": "identity"})
        assert "content-encoding" not in plain.headers
        assert plain.text == reply.text
        again = client.get(team.server.url + path, headers={"if-none-match": reply.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert client.get(f"{team.server.url}/console/static/manifest.json.gz").status_code == 404
        assert client.get(f"{team.server.url}/console/static/{'a' * 4_000}.js").status_code == 404
        assert client.get(f"{team.server.url}/console/static/../app.py").status_code == 404
        assert client.get(f"{team.server.url}/console/static/%2e%2e%2fapp.py").status_code == 404
