"""The explorer for editors: a draft of added, changed, moved and deleted entities and of properties, and its load."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from geostead.model.person import Role
from tests.browsers import Watch, assert_accessible, take_picture
from tests.consoles import Team
from tests.explorers import CLOSE, Explorer, cafes, place_of

FIRST = place_of(1)
ELSEWHERE = (48.004, 16.006)
DELETED = "1 \N{MINUS SIGN} deleted"


@pytest.fixture
def explorer(editor: Page, team: Team) -> Explorer:
    """Return the explorer of a data source of the test's own."""
    return Explorer.of_new_cafes(editor, team)


def stored(explorer: Explorer, entity_id: str, **parameters: str) -> dict[str, Any]:
    """Return an entity as the Query API has it."""
    client, asked = explorer.team.server.client, {"$format": "json", "key": explorer.team.keys["master"]}
    listed = client.get("/REST/v1/data", params=asked).json()["d"]["DataSources"]
    (url,) = (one["QueryUrl"] for one in listed if one["Name"] == explorer.name)
    found = client.get(f"{url}('{entity_id}')", params=asked | parameters)
    return found.json().get("d", {}) | {"status": found.status_code}


def send(explorer: Explorer, target: str) -> None:
    """Publish or stage the draft, and wait until its load is over."""
    page = explorer.page
    page.get_by_role("button", name=f"{target}…").click()
    assert_accessible(page)
    page.get_by_role("dialog").get_by_role("button", name=target, exact=True).click()
    expect(page.locator(".alert-good")).to_be_visible()
    explorer.settle()


def test_an_entity_is_added_where_somebody_clicks_and_published(explorer: Explorer, watch: Watch) -> None:
    watch.allowed = "status of 422"
    page = explorer.page
    page.get_by_role("button", name="Add on map").click()
    explorer.click(*ELSEWHERE)
    form = page.get_by_role("region", name="New entity")
    form.get_by_label("Name").fill("Anna's")
    form.get_by_label("Seats").fill("twelve")
    form.get_by_label("Since").fill("2020-02-29T12:30")
    assert_accessible(page)
    take_picture(page, "explorer-add")
    form.get_by_role("button", name="Put into the draft").click()
    expect(form.get_by_label("Seats")).to_have_attribute("aria-invalid", "true")
    expect(form.get_by_label("Seats")).to_have_value("twelve")
    form.get_by_label("Seats").fill("12")
    form.get_by_role("button", name="Put into the draft").click()
    expect(explorer.draft).to_contain_text("1 + new")
    added = page.locator("tr.is-added")
    expect(added).to_contain_text("Anna's")
    assert [one["kind"] for one in explorer.rendered("draft-points")] == ["added"]
    send(explorer, "Publish")
    expect(explorer.count).to_contain_text("of 526")
    found = stored(explorer, "526")
    assert (found["Name"], found["Seats"]) == ("Anna's", 12)
    assert found["Latitude"] == pytest.approx(ELSEWHERE[0], abs=0.001)


def test_an_entity_is_changed_in_a_form_by_coordinates_and_the_change_undone(explorer: Explorer) -> None:
    page = explorer.page
    explorer.select("1")
    page.get_by_role("button", name="Edit", exact=True).click()
    form = page.get_by_role("region", name="Edit 1")
    form.get_by_label("Name").fill("First")
    form.get_by_label("Latitude").fill(str(ELSEWHERE[0]))
    form.get_by_label("Longitude").fill(str(ELSEWHERE[1]))
    form.get_by_role("button", name="Put into the draft").click()
    expect(explorer.row("1")).to_contain_text("First")
    expect(explorer.row("1").locator(".kind")).to_contain_text("changed")
    expect(explorer.draft).to_contain_text("Café 1 → First")
    assert [one["kind"] for one in explorer.rendered("draft-points")] == ["changed"]
    assert_accessible(page)
    take_picture(page, "explorer-draft")
    page.get_by_role("button", name="Undo").click()
    expect(explorer.row("1")).to_contain_text("Café 1")
    expect(page.locator("tr.is-changed")).to_have_count(0)
    assert explorer.rendered("draft-points") == []


def test_what_was_typed_is_kept_for_who_signs_in_again_in_another_tab(explorer: Explorer, watch: Watch) -> None:
    watch.allowed = "status of 403"
    page, context = explorer.page, explorer.page.context
    explorer.select("1")
    page.get_by_role("button", name="Edit", exact=True).click()
    form = page.get_by_role("region", name="Edit 1")
    form.get_by_label("Name").fill("First")
    context.clear_cookies()
    put = form.get_by_role("button", name="Put into the draft")
    put.click()
    expect(form.get_by_text("You are signed out. Sign in in another tab")).to_be_visible()
    context.add_cookies(explorer.team.cookies(Role.EDITOR))
    put.click()
    expect(form.get_by_text("not in the session that it was made for")).to_be_visible()
    with context.new_page() as other:
        other.goto(f"{explorer.team.url}/data-sources")
        token = other.locator("input[name=csrf_token]").first.input_value()
        expect(page.locator("input[name=csrf_token]").first).to_have_value(token)
        put.click()
        expect(explorer.row("1")).to_contain_text("First")


PARKS = b"""Bing Spatial Data Services, 1.0, Park
ParkId(Edm.String,primaryKey)|Name(Edm.String)|Area(Edm.Geography)
1|Green|POLYGON ((16 48, 16.02 48, 16.02 48.01, 16 48.01, 16 48))
2|Long|LINESTRING (16.03 48, 16.03 48.01)
"""


def test_an_area_is_changed_and_another_added_as_well_known_text(editor: Page, team: Team, watch: Watch) -> None:
    watch.allowed = "status of 422"
    team.load("Parks", PARKS, input="pipe")
    explorer = Explorer(editor, team, "Parks")
    explorer.open()
    assert {one["id"] for one in explorer.rendered("fills", "lines")} == {"1", "2"}
    explorer.select("1")
    editor.get_by_role("button", name="Edit", exact=True).click()
    area = editor.get_by_role("region", name="Edit 1").get_by_label("Area")
    area.fill("POLYGON ((16 48, 16.02 48, 16.02 48.02")
    put = editor.get_by_role("button", name="Put into the draft")
    put.click()
    expect(area).to_have_attribute("aria-invalid", "true")
    area.fill("POLYGON ((16 48, 16.02 48, 16.02 48.02, 16 48))")
    put.click()
    expect(explorer.row("1").locator(".kind")).to_contain_text("changed")
    editor.get_by_role("button", name="Add entity").click()
    form = editor.get_by_role("region", name="New entity")
    form.get_by_label("ParkId").fill("3")
    form.get_by_label("Area").fill("POLYGON ((16.022 48, 16.028 48, 16.028 48.008, 16.022 48))")
    put.click()
    expect(explorer.draft).to_contain_text("1 + new")
    assert {(one["id"], one["kind"]) for one in explorer.rendered("draft-fills")} == {("1", "changed"), ("3", "added")}
    take_picture(editor, "explorer-areas")
    send(explorer, "Publish")
    assert stored(explorer, "1")["Area"] == "POLYGON ((16 48, 16.02 48, 16.02 48.02, 16 48))"
    assert stored(explorer, "3")["Area"] == "POLYGON ((16.022 48, 16.028 48, 16.028 48.008, 16.022 48))"
    assert {one["id"] for one in explorer.rendered("fills", "lines")} == {"1", "2", "3"}


def test_entities_are_dragged_and_deleted_and_staged(explorer: Explorer) -> None:
    page = explorer.page
    explorer.select("10")
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(explorer.row("10").locator(".kind")).to_contain_text("deleted")
    explorer.open(map=CLOSE)
    explorer.select("1")
    explorer.drag(FIRST, ELSEWHERE)
    expect(explorer.row("1").locator(".kind")).to_contain_text("changed")
    assert {one["kind"] for one in explorer.rendered("draft-points")} == {"changed"}
    take_picture(page, "explorer-moved")
    send(explorer, "Stage")
    assert "version=staged" in page.url
    expect(explorer.count).to_contain_text("of 524")
    staged = stored(explorer, "1", isStaging="1")
    assert staged["Latitude"] == pytest.approx(ELSEWHERE[0], abs=0.001)
    assert stored(explorer, "1")["Latitude"] == FIRST[0]
    assert stored(explorer, "10", isStaging="1")["status"] == 404
    assert stored(explorer, "10")["status"] == 200


def test_ctrl_z_takes_back_a_move_and_discard_all_the_rest(explorer: Explorer) -> None:
    page = explorer.page
    explorer.select("1")
    explorer.drag(FIRST, ELSEWHERE)
    expect(explorer.draft).to_contain_text("1 ✎ changed")
    page.locator("#map canvas").focus()
    page.keyboard.press("Control+z")
    expect(page.locator("tr.is-changed")).to_have_count(0)
    explorer.select("10")
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(explorer.draft).to_contain_text(DELETED)
    page.get_by_role("button", name="Discard…").click()
    dialog = page.get_by_role("dialog", name="Discard the draft?")
    expect(dialog.get_by_role("button", name="Cancel")).to_be_focused()
    dialog.get_by_role("button", name="Discard").click()
    expect(explorer.draft).to_be_hidden()
    expect(page.locator("tr.is-deleted")).to_have_count(0)


def test_ids_that_mean_something_to_javascript_are_ids_like_others(explorer: Explorer) -> None:
    page = explorer.page
    upload = cafes().replace(b"\n1|", b"\nconstructor|").replace(b"\n2|", b"\n01|").replace(b"\n3|", b"\n1|")
    explorer.team.load(explorer.name, upload, input="pipe")
    odd = {"map": "48.00,16.03,12.5", "filter": "EntityID in ('constructor','01','1')"}
    explorer.open(**odd)
    for deleted in ("constructor", "1"):
        explorer.select(deleted)
        page.get_by_role("button", name="Delete", exact=True).click()
        expect(explorer.row(deleted).locator(".kind")).to_contain_text("deleted")
    page.get_by_role("button", name="Add entity").click()
    form = page.get_by_role("region", name="New entity")
    form.get_by_label("EntityID").fill("__proto__")
    form.get_by_label("Latitude").fill(str(ELSEWHERE[0]))
    form.get_by_label("Longitude").fill(str(ELSEWHERE[1]))
    form.get_by_role("button", name="Put into the draft").click()
    expect(page.locator("tr.is-added")).to_contain_text("__proto__")
    assert page.evaluate("() => { const found = []; for (const name in {}) found.push(name); return found; }") == []
    explorer.open(**odd)
    assert {one["id"] for one in explorer.rendered("draft-points")} == {"__proto__", "constructor", "1"}
    hidden = page.evaluate(
        "() => geostead.map.queryRenderedFeatures({layers: ['points']})"
        ".map(({properties, state}) => [properties.id, state.drafted === true])"
    )
    assert dict(hidden) == {"constructor": True, "01": False, "1": True}


def test_properties_are_added_renamed_retyped_and_removed_in_the_draft(explorer: Explorer, watch: Watch) -> None:
    watch.allowed = "status of 400"
    page = explorer.page
    page.get_by_role("button", name="Properties…").click()
    dialog = page.get_by_role("dialog", name="Properties")
    dialog.get_by_label("Name of Name").fill("Title")
    dialog.get_by_label("Type of Seats").select_option("Edm.Double")
    dialog.get_by_role("button", name="Remove Open").click()
    dialog.get_by_role("button", name="Add a property").click()
    dialog.get_by_label("Name of new property").fill("__x")
    dialog.get_by_role("button", name="Put into the draft").click()
    expect(dialog.get_by_label("Name of new property")).to_have_attribute("aria-invalid", "true")
    expect(dialog.locator("td .error:visible")).to_contain_text("'__x' is not possible")
    expect(explorer.draft).to_be_hidden()
    dialog.get_by_label("Name of new property").fill("Owner")
    expect(dialog.locator("td .error:visible")).to_have_count(0)
    expect(dialog.get_by_role("list")).to_contain_text("Queries that say Name have to say Title")
    assert_accessible(page)
    take_picture(page, "explorer-properties")
    dialog.get_by_role("button", name="Put into the draft").click()
    expect(dialog).to_be_hidden()
    expect(explorer.draft.get_by_role("list").first).to_contain_text("Rename Name to Title")
    expect(page.get_by_role("columnheader", name=re.compile("Owner"))).to_contain_text("new")
    explorer.select("1")
    page.get_by_role("button", name="Edit", exact=True).click()
    page.get_by_role("region", name="Edit 1").get_by_label("Owner").fill("Anna")
    page.get_by_role("button", name="Put into the draft").click()
    expect(explorer.row("1")).to_contain_text("Anna")
    send(explorer, "Publish")
    found = stored(explorer, "1")
    assert (found["Title"], found["Owner"], found["Seats"]) == ("Café 1", "Anna", 0.0)
    assert {"Open", "Name"}.isdisjoint(found)


def test_a_draft_of_something_that_changed_meanwhile_says_so_and_wins(explorer: Explorer, watch: Watch) -> None:
    watch.allowed = "status of 409"
    page, team = explorer.page, explorer.team
    explorer.select("1")
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(explorer.draft).to_contain_text(DELETED)
    theirs = cafes().replace("Café 1|".encode(), "Café One|".encode())
    team.load(explorer.name, theirs, input="pipe")
    page.get_by_role("button", name="Publish…").click()
    page.get_by_role("dialog").get_by_role("button", name="Publish", exact=True).click()
    expect(page.get_by_role("dialog")).to_contain_text("has changed since you began")
    page.get_by_role("dialog").get_by_role("button", name="Publish", exact=True).click()
    expect(page.locator(".alert-good")).to_be_visible()
    assert stored(explorer, "1")["status"] == 404
