"""The explorer of editors where answers come late, in another order, or not at all."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browsers import Watch, hold_back
from tests.consoles import Team
from tests.explorers import Explorer, place_of

BEYOND = (48.004, 16.004)
FURTHER = (48.008, 16.008)


@pytest.fixture
def explorer(editor: Page, team: Team) -> Explorer:
    """Return the explorer of a data source of the test's own."""
    return Explorer.of_new_cafes(editor, team)


def details(explorer: Explorer) -> Any:
    return explorer.page.locator("#details")


def kept(explorer: Explorer) -> dict[str, Any]:
    """Return the draft as the server has it."""
    url = f"{explorer.team.url}/data-sources/{explorer.name}/draft?version=published"
    found: dict[str, Any] = explorer.page.request.get(url).json()
    return found


def rename(explorer: Explorer, entity_id: str, name: str) -> None:
    """Change the name of an entity, which is selected then."""
    explorer.select(entity_id)
    details(explorer).get_by_role("button", name="Edit").click()
    form = explorer.page.locator("#editor")
    form.get_by_label("Name").fill(name)
    form.get_by_role("button", name="Put into the draft").click()
    expect(details(explorer)).to_contain_text(name)


def test_an_answer_about_one_entity_leaves_the_form_of_another_alone(explorer: Explorer) -> None:
    held = hold_back(explorer.page, re.compile("/draft/(delete|new-id)"))
    explorer.page.get_by_role("button", name="Add entity").click()
    explorer.select("1")
    details(explorer).get_by_role("button", name="Delete").click()
    explorer.select("10")
    details(explorer).get_by_role("button", name="Edit").click()
    name = explorer.page.locator("#editor").get_by_label("Name")
    name.fill("Typed")
    held.release()
    expect(explorer.draft).to_contain_text("deleted")
    expect(name).to_have_value("Typed")
    expect(explorer.page.locator("#editor h2")).to_contain_text("10")


def test_what_is_refused_of_a_form_that_was_left_is_not_told_in_another(explorer: Explorer, watch: Watch) -> None:
    watch.allowed = "status of 422"
    explorer.select("1")
    details(explorer).get_by_role("button", name="Edit").click()
    form = explorer.page.locator("#editor")
    form.get_by_label("Seats").fill("twelve")
    held = hold_back(explorer.page, re.compile("/draft/change"))
    form.get_by_role("button", name="Put into the draft").click()
    form.get_by_role("button", name="Cancel").click()
    explorer.select("10")
    details(explorer).get_by_role("button", name="Edit").click()
    held.release()
    expect(explorer.page.locator("#alerts")).to_contain_text("Some values are not what they may be.")
    expect(form.get_by_label("Seats")).not_to_have_attribute("aria-invalid", "true")
    expect(form.locator(".form-wrong")).to_be_hidden()


def test_nothing_can_be_done_with_what_was_selected_while_another_is_on_its_way(
    explorer: Explorer, watch: Watch
) -> None:
    watch.allowed = "status of 503"
    explorer.select("1")
    held = hold_back(explorer.page, re.compile("/draft/one.*id=10"))
    explorer.row("10").get_by_role("button").click()
    expect(details(explorer)).to_have_attribute("inert", "")
    expect(explorer.page.locator(".handle")).to_have_count(0)
    held.routes.pop().fulfill(status=503, json={"message": "Busy now."})
    expect(explorer.page.locator("#alerts")).to_contain_text("Busy now.")
    expect(details(explorer)).to_be_hidden()
    expect(explorer.page.locator("tr.selected")).to_have_count(0)


def test_a_draft_that_comes_late_lets_what_is_selected_be_edited(explorer: Explorer, watch: Watch) -> None:
    watch.allowed = "status of 503"
    held = hold_back(explorer.page, re.compile(r"/draft\?"))
    explorer.page.reload()
    explorer.row("1").get_by_role("button").click()
    expect(details(explorer)).to_be_visible()
    expect(explorer.page.get_by_role("button", name="Add entity")).to_be_disabled()
    held.routes.pop().fulfill(status=503, json={"message": "Busy now."})
    expect(explorer.page.locator("#alerts")).to_contain_text("Busy now.")
    held.release()
    expect(details(explorer).get_by_role("button", name="Edit")).to_be_visible()
    expect(explorer.page.get_by_role("button", name="Add entity")).to_be_enabled()


def test_undoing_shows_what_is_left_in_details_and_draft(explorer: Explorer) -> None:
    rename(explorer, "1", "First")
    rename(explorer, "1", "Second")
    explorer.page.locator("h1").click()
    held = hold_back(explorer.page, re.compile("/draft/undo"))
    explorer.page.keyboard.press("Control+z")
    explorer.page.keyboard.press("Control+z")
    expect(details(explorer)).to_contain_text("Second")
    assert len(held) == 1, "one after the other"
    held.release()
    expect(details(explorer)).to_contain_text("Café 1")
    expect(explorer.row("1")).to_contain_text("Café 1")
    expect(explorer.draft).to_be_hidden()
    assert kept(explorer)["changes"] == []


def test_a_step_that_could_not_be_undone_can_be_undone_later(explorer: Explorer, watch: Watch) -> None:
    watch.allowed = "status of 503"
    rename(explorer, "1", "First")
    rename(explorer, "1", "Second")
    undo = explorer.draft.get_by_role("button", name="Undo", exact=True)
    explorer.page.route(
        "**/draft/undo", lambda route: route.fulfill(status=503, json={"message": "Busy now."}), times=1
    )
    undo.click()
    expect(explorer.page.locator("#alerts")).to_contain_text("Busy now.")
    assert kept(explorer)["changes"][0]["values"] == {"Name": "Second"}
    undo.click()
    expect(details(explorer)).to_contain_text("First")
    assert kept(explorer)["changes"][0]["values"] == {"Name": "First"}


def test_drags_follow_each_other_however_late_their_answers_come(explorer: Explorer) -> None:
    explorer.select("1")
    held = hold_back(explorer.page, re.compile("/draft/move"))
    explorer.drag(place_of(1), BEYOND)
    explorer.drag(BEYOND, FURTHER)
    held.release()
    expect(explorer.draft).to_contain_text("changed")
    expect(details(explorer)).to_contain_text(re.compile(r"48\.00[789]"))
    (change,) = kept(explorer)["changes"]
    assert change["latitude"] == pytest.approx(FURTHER[0], abs=1e-3)


def test_deleting_twice_is_deleting_once(explorer: Explorer) -> None:
    explorer.select("1")
    details(explorer).get_by_role("button", name="Delete").dblclick()
    expect(explorer.draft).to_contain_text("deleted")
    expect(explorer.page.locator("#alerts .alert")).to_have_count(0)


def test_escape_stops_pointing_and_leaves_what_was_typed(explorer: Explorer) -> None:
    explorer.select("1")
    details(explorer).get_by_role("button", name="Edit").click()
    form = explorer.page.locator("#editor")
    form.get_by_label("Name").fill("Typed")
    form.get_by_role("button", name="Choose the place on the map").click()
    expect(explorer.hint).to_be_visible()
    explorer.page.keyboard.press("Escape")
    expect(explorer.hint).to_be_hidden()
    expect(form.get_by_label("Name")).to_have_value("Typed")
    explorer.page.keyboard.press("Escape")
    expect(form).to_be_hidden()


def lose(route: Route) -> None:
    """Let the server do what it is asked; its answer does not arrive."""
    route.fetch()
    route.abort()


def test_an_entity_is_added_once_though_the_answer_is_lost(explorer: Explorer, watch: Watch) -> None:
    watch.allowed = "ERR_FAILED"
    explorer.page.route("**/draft/add", lose)
    explorer.page.get_by_role("button", name="Add entity").click()
    form = explorer.page.get_by_role("region", name="New entity")
    form.get_by_label("Name").fill("Anna's")
    form.get_by_role("button", name="Put into the draft").click()
    expect(details(explorer)).to_contain_text("Anna's")
    expect(form).to_be_hidden()
    assert [change["label"] for change in kept(explorer)["changes"]] == ["Anna's"]


def test_help_that_did_not_come_is_asked_for_again(explorer: Explorer, watch: Watch) -> None:
    watch.allowed = "status of 503"
    busy = {"message": "Busy now."}
    explorer.page.route("**/entities/help*", lambda route: route.fulfill(status=503, json=busy), times=1)
    explorer.page.reload()
    expect(explorer.page.locator("#alerts")).to_contain_text("Busy now.")
    explorer.page.get_by_role("button", name="Help").click()
    expect(explorer.page.locator(".help-operators").get_by_role("button", name="ge", exact=True)).to_be_visible()


def test_a_draft_is_followed_though_the_answer_to_publish_is_lost(explorer: Explorer, watch: Watch) -> None:
    watch.allowed = "ERR_FAILED"
    rename(explorer, "1", "First")
    explorer.page.route("**/draft/send", lose)
    explorer.page.get_by_role("button", name="Publish…").click()
    explorer.page.get_by_role("dialog").get_by_role("button", name="Publish", exact=True).click()
    expect(explorer.page.locator(".alert-good")).to_be_visible()
    expect(explorer.row("1")).to_contain_text("First")


def test_a_draft_that_another_tab_has_sent_is_followed_here(explorer: Explorer, watch: Watch) -> None:
    watch.allowed = "status of 409"

    def say_that_it_is_sent(route: Route) -> None:
        job = {"id": "0", "status": "Running", "error": None, "url": "#", "target": "published"}
        route.fulfill(json=route.fetch().json() | {"state": "sent", "job": job})

    rename(explorer, "1", "First")
    explorer.page.route("**/draft/delete", lambda route: route.fulfill(status=409, json={"message": "It is sent."}))
    explorer.page.route(re.compile(r"/draft\?"), say_that_it_is_sent, times=1)
    details(explorer).get_by_role("button", name="Delete").click()
    expect(explorer.page.locator(".alert-good")).to_be_visible()
