"""Usage and limits in the console."""

from __future__ import annotations

import csv
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from geostead.model.limits import PROFILES
from geostead.model.usage_count import UsageCount
from tests.browsers import PHONE, Watch, assert_accessible, assert_fits, take_picture
from tests.consoles import Team


@pytest.fixture(scope="module")
def used(team: Team) -> Team:
    """The account, with requests on each of the last hundred days."""
    today = datetime.now(UTC).date()
    counts = [
        UsageCount(team.account.id, today - timedelta(days=day), name, operation, requests)
        for day in range(100)
        for name, operation, requests in (("Shops", "queryEntities", 1000 + day), ("", "listJobs", 10))
    ]
    team.services.catalog.add_uses(counts, {})
    return team


def test_requests_are_drawn_and_listed_by_day_and_data_source(viewer: Page, used: Team) -> None:
    viewer.goto(f"{used.url}/usage")
    expect(viewer.get_by_role("heading", name="30,735 requests in 30 days")).to_be_visible()
    expect(viewer.get_by_role("img", name="Requests by day")).to_be_visible()
    expect(viewer.locator("svg.chart rect")).to_have_count(60)
    today = viewer.get_by_role("row").nth(1)
    expect(today).to_contain_text(f"{datetime.now(UTC):%Y-%m-%d}")
    expect(today).to_contain_text("1,010")
    assert_accessible(viewer)
    assert_fits(viewer)
    take_picture(viewer, "usage")


def test_the_words_of_the_chart_can_be_read_on_a_phone(viewer: Page, used: Team) -> None:
    viewer.set_viewport_size(PHONE)
    viewer.goto(f"{used.url}/usage")
    word = viewer.locator(".chart-text").first.bounding_box()
    assert word is not None
    assert word["height"] >= 9
    expect(viewer.locator("svg.chart rect").last).to_be_in_viewport()  # today
    day = viewer.locator("tbody th").first
    assert day.evaluate("it => it.clientHeight / parseFloat(getComputedStyle(it).lineHeight)") < 2
    assert_accessible(viewer)
    assert_fits(viewer)
    take_picture(viewer, "usage-on-a-phone")


def test_range_and_kind_are_chosen_by_links(viewer: Page, used: Team) -> None:
    viewer.goto(f"{used.url}/usage")
    viewer.get_by_role("link", name="7 days").click()
    viewer.get_by_role("link", name="By operation").click()
    expect(viewer.get_by_role("heading", name="7,091 requests in 7 days")).to_be_visible()
    expect(viewer.get_by_role("columnheader", name="queryEntities")).to_be_visible()
    assert viewer.url.endswith("?days=7&by=operation")


def test_the_counts_are_saved_as_csv(viewer: Page, used: Team, tmp_path: Path) -> None:
    viewer.goto(f"{used.url}/usage?days=90")
    with viewer.expect_download() as saved:
        viewer.get_by_role("link", name="Save as CSV").click()
    saved.value.save_as(tmp_path / "usage.csv")
    with (tmp_path / "usage.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 180
    last = {"day": f"{datetime.now(UTC):%Y-%m-%d}", "dataSource": "Shops", "operation": "queryEntities"}
    assert rows[-1] == {**last, "requests": "1000"}


def test_an_owner_uses_a_profile_and_changes_numbers_of_it(owner: Page, team: Team, watch: Watch) -> None:
    watch.allowed = "status of 422"
    owner.goto(f"{team.url}/limits")
    owner.get_by_label("Profile", exact=True).select_option("basic")
    owner.get_by_role("button", name="Use the profile").click()
    expect(owner.get_by_text("The limits of the profile basic.")).to_be_visible()
    entities = owner.get_by_label("Entities in one data source")
    entities.fill("none")
    owner.get_by_role("button", name="Save").click()
    expect(entities).to_have_value("none")
    expect(entities).to_have_attribute("aria-invalid", "true")
    entities.fill("1,234")
    owner.get_by_role("button", name="Save").click()
    row = owner.get_by_role("row").filter(has_text="Entities in one data source")
    expect(row).to_contain_text("1,234")
    expect(row).to_contain_text("profile: 2,500")
    changed = team.services.catalog.get_account(team.account.id).limits
    assert changed == PROFILES["basic"].override(entities=1234)
    assert_accessible(owner)
    assert_fits(owner)
    take_picture(owner, "limits")


def test_an_editor_sees_limits_and_changes_none(editor: Page, team: Team) -> None:
    editor.goto(f"{team.url}/limits")
    expect(editor.get_by_role("rowheader", name="Data sources")).to_be_visible()
    expect(editor.get_by_role("button", name="Save")).to_have_count(0)
