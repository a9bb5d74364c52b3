"""Data sources in a browser: found, queried, compared, published, rolled back, downloaded, deleted."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree

import pyarrow.parquet as pq
from playwright.sync_api import Browser, Page, expect

from geostead.model.data_source import DataSourceVersions
from geostead.model.job import JobKind
from geostead.model.person import Role
from geostead.operations.find_own import find_own
from geostead.operations.set_limits import set_limits
from tests.browsers import INTRANET, PATIENCE_MS, PHONE, Watch, assert_accessible, assert_fits
from tests.consoles import Console, Team

HEADER = "Bing Spatial Data Services, 1.0, Shops\n"
PROPERTIES = "EntityID(Edm.String,primaryKey)|Name(Edm.String)|Latitude(Edm.Double)|Longitude(Edm.Double)"
FIRST = HEADER + PROPERTIES + "\n1|Harbour|60.1|24.9\n2|Market|59.3|18.0\n3|Mill|55.6|12.5\n"
SECOND = (
    HEADER + PROPERTIES + "|Seats(Edm.Int64)\n2|Market Hall|59.3|18.0|20\n3|Mill|55.6|12.5|5\n4|Tower|59.9|10.7|1\n"
)


def load(team: Team, name: str, *uploads: str, staged: str | None = None) -> None:
    for upload in uploads:
        team.load(name, upload.encode(), input="pipe")
    if staged is not None:
        team.load(name, staged.encode(), input="pipe", loadOperation="completeStaging")


def versions_of(team: Team, name: str) -> DataSourceVersions:
    return find_own(team.services, team.account.id, name).versions


def published_count(team: Team, name: str) -> int:
    published = versions_of(team, name).published
    return -1 if published is None else published.entity_count


def await_job(page: Page, team: Team, status_url: str = "/REST/v1/data/jobs/{}/$getstatus") -> None:
    """Wait on the page of a job, where an action has led to, until the job has ended."""
    page.wait_for_url(re.compile(r"/jobs/[0-9a-f]{32}$"))
    team.server.followed(status_url.format(page.url.rpartition("/")[2]), team.keys["master"])


def test_the_longest_names_fit_a_phone(editor: Page, team: Team) -> None:
    longest = "W" * 50
    upload = FIRST.replace("Name(Edm.String)", f"{longest}(Edm.String)")
    load(team, longest, upload, staged=upload)
    editor.set_viewport_size(PHONE)
    for below in ("", "/delete", "/entities"):
        editor.goto(f"{team.url}/data-sources/{longest}{below}")
        assert_fits(editor)
        assert_accessible(editor)


def test_the_list_is_searched_while_one_types_and_sorted_by_its_headings(editor: Page, team: Team) -> None:
    load(team, "Harbours", FIRST)
    load(team, "Mills", SECOND.replace("4|Tower|59.9|10.7|1\n", ""), staged=FIRST)
    editor.goto(f"{team.url}/data-sources")
    names = editor.locator("tbody th a")
    expect(editor.get_by_role("row", name="Mills")).to_contain_text("Staged version waiting")
    editor.get_by_role("link", name="Entities", exact=True).click()
    expect(editor.locator("th[aria-sort=descending]")).to_have_text(re.compile("Entities"))
    assert names.all_inner_texts().index("Harbours") < names.all_inner_texts().index("Mills")
    editor.wait_for_load_state()
    editor.get_by_role("searchbox").press_sequentially("mILL")
    expect(names).to_have_text(["Mills"])
    editor.wait_for_url(re.compile("search=mILL"))
    editor.get_by_role("searchbox").fill("<nowhere>")
    expect(editor.locator("#found")).to_contain_text("No data source has “<nowhere>”")


def test_an_account_without_data_sources_is_shown_where_to_upload(editor: Page, console: Console) -> None:
    empty = console.new_team()
    editor.context.add_cookies(empty.cookies(Role.EDITOR))
    editor.goto(f"{empty.url}/data-sources")
    upload = editor.get_by_role("link", name="Upload a file")
    expect(upload).to_have_attribute("href", re.compile(f"/accounts/{empty.account.name}/uploads/new$"))


def assert_copied(page: Page, text: str) -> None:
    """Wait until a text can be pasted: a button is pressed before the browser has it."""
    page.wait_for_function("async text => (await navigator.clipboard.readText()) === text", arg=text)


def test_the_query_url_and_the_example_are_copied_with_the_key_that_was_typed_in(owner: Page, team: Team) -> None:
    load(team, "Asked", FIRST)
    owner.context.grant_permissions(["clipboard-read", "clipboard-write"])
    owner.goto(f"{team.url}/data-sources/Asked")
    owner.get_by_role("button", name="Copy the query URL").click()
    source = versions_of(team, "Asked").data_source
    assert_copied(owner, f"{team.server.url}/REST/v1/data/{source.access_id}/Asked/Shops")
    owner.get_by_label("Language").select_option("python-httpx")
    expect(owner.locator("#example")).to_contain_text("import httpx")
    owner.get_by_label("Example", exact=True).first.select_option("by-id")
    expect(owner.locator("#example")).to_contain_text("Shops('1')")
    owner.get_by_label("Key to fill in").fill("a-secret-key")
    owner.get_by_label("Key to fill in").press("Enter")
    expect(owner.locator("#example")).to_contain_text('"key": "a-secret-key"')
    owner.get_by_role("button", name="Copy the example").click()
    assert_copied(owner, owner.locator("#example").inner_text())
    assert "a-secret-key" not in owner.url
    assert "a-secret-key" not in owner.evaluate("JSON.stringify([localStorage, sessionStorage, history.state])")


def test_texts_are_copied_without_https_too_and_buttons_say_so_for_a_moment(
    owner: Page, team: Team, watch: Watch
) -> None:
    load(team, "Plain", FIRST)
    watch.origin = team.server.url.replace("127.0.0.1", INTRANET)
    watch.allowed = "Cross-Origin-Opener-Policy header has been ignored"
    own = [cookie | {"url": f"{watch.origin}/console"} for cookie in team.cookies(Role.OWNER)]
    owner.context.add_cookies(own)
    owner.clock.install(time=0)
    owner.goto(team.url.replace(team.server.url, watch.origin) + "/data-sources/Plain")
    owner.clock.pause_at(3_600)
    assert not owner.evaluate("isSecureContext")
    button = owner.get_by_role("button", name="Copy the query URL")
    for _press in range(2):
        button.click()
        expect(button).to_have_text("Copied")
    owner.clock.run_for(1_500)
    expect(button).to_have_text("Copy")
    key = owner.get_by_label("Key to fill in")
    key.press("ControlOrMeta+v")
    expect(key).to_have_value(owner.locator("#query-url").inner_text())
    owner.evaluate("document.execCommand = () => false")
    button.click()
    expect(owner.get_by_text("The text is selected: press Ctrl+C.")).to_be_visible()
    assert owner.evaluate("getSelection().toString()") == owner.locator("#query-url").inner_text()


def test_a_key_that_was_just_created_is_filled_into_the_examples_and_into_no_url(owner: Page, team: Team) -> None:
    load(team, "Keyed", FIRST)
    owner.goto(f"{team.url}/keys")
    owner.get_by_label("Name").fill("for the examples")
    owner.get_by_role("button", name="Create").click()
    key = owner.locator("#key-value").inner_text()
    owner.get_by_role("button", name="Keyed").click()
    owner.wait_for_url(f"{team.url}/data-sources/Keyed/examples")
    expect(owner.locator("#example")).to_contain_text(f"key={key}")


def test_what_is_staged_is_published_after_one_has_seen_what_would_change(editor: Page, team: Team) -> None:
    load(team, "Staged", FIRST, staged=SECOND)
    editor.goto(f"{team.url}/data-sources/Staged")
    expect(editor.get_by_role("link", name="Preview")).to_have_attribute(
        "href", re.compile(r"entities\?version=staged$")
    )
    editor.get_by_role("link", name="Review and publish").click()
    changes = editor.locator("#changes")
    expect(changes.locator("dd")).to_have_text(["+1", "1", "\N{MINUS SIGN}1"])
    expect(changes).to_contain_text("Seats is new")
    expect(changes.locator("li", has_text="2: Name")).to_be_visible()
    editor.get_by_role("button", name="Publish").click()
    await_job(editor, team)
    versions = versions_of(team, "Staged")
    assert (published_count(team, "Staged"), versions.staged, len(versions.previous)) == (3, None, 1)


def test_one_rolls_back_to_a_version_that_one_chooses(editor: Page, team: Team) -> None:
    load(team, "Rolled", FIRST, SECOND, SECOND.replace("4|Tower|59.9|10.7|1\n", ""))
    assert published_count(team, "Rolled") == 2
    editor.goto(f"{team.url}/data-sources/Rolled")
    editor.get_by_role("link", name="Compare and roll back").last.click()
    expect(editor.locator("#changes dd")).to_have_text(["+1", "1", "0"])
    expect(editor.locator("#changes")).to_contain_text("Seats is gone")
    editor.get_by_role("button", name="Roll back to this version").click()
    await_job(editor, team, "/REST/v1/Dataflows/DataSourceRollback/{}")
    published = versions_of(team, "Rolled").published
    assert published is not None
    assert (published.entity_count, "Seats" in published.entity_type.names) == (3, False)


def test_a_form_that_is_out_of_date_does_nothing_and_says_so(editor: Page, team: Team, watch: Watch) -> None:
    watch.allowed = "status of 409"
    load(team, "Moved", FIRST, SECOND)
    editor.goto(f"{team.url}/data-sources/Moved")
    editor.get_by_role("link", name="Compare and roll back").click()
    load(team, "Moved", FIRST)
    now_published = versions_of(team, "Moved").published
    editor.get_by_role("button", name="Roll back to this version").click()
    expect(editor.get_by_role("alert").filter(has_text="has changed since you looked")).to_be_visible()
    assert versions_of(team, "Moved").published == now_published


def test_a_form_that_is_sent_twice_makes_one_job(editor: Page, team: Team) -> None:
    load(team, "Twice", FIRST, staged=SECOND)
    editor.goto(f"{team.url}/data-sources/Twice")
    editor.get_by_role("link", name="Review and publish").click()
    form = editor.locator("form[action$='/publish']")
    typed = {name: form.locator(f"[name={name}]").input_value() for name in ("csrf_token", "over")}
    url = f"{team.server.url}{form.get_attribute('action')}"
    replies = [editor.request.post(url, form=typed, max_redirects=0) for _ in range(2)]
    assert [reply.status for reply in replies] == [303, 303]
    jobs = team.services.catalog.list_jobs(team.account.id, datetime.min.replace(tzinfo=UTC))
    assert [job.kind for job in jobs if job.data_source_name == "Twice" and job.kind is not JobKind.LOAD] == ["publish"]


def test_what_is_staged_can_be_deleted(editor: Page, team: Team) -> None:
    load(team, "Unstaged", FIRST, staged=SECOND)
    editor.goto(f"{team.url}/data-sources/Unstaged")
    editor.get_by_role("link", name="Review and publish").click()
    editor.get_by_role("button", name="Delete the staged version").click()
    await_job(editor, team)
    assert versions_of(team, "Unstaged").staged is None


def test_a_data_source_is_made_public_and_private_again(editor: Page, team: Team) -> None:
    load(team, "Open", FIRST)
    editor.goto(f"{team.url}/data-sources/Open")
    editor.get_by_role("button", name="Make public").click()
    expect(editor.locator("#state")).to_contain_text("Public")
    assert versions_of(team, "Open").data_source.is_public
    editor.get_by_role("button", name="Make private").click()
    expect(editor.locator("#state")).to_contain_text("Private")
    assert not versions_of(team, "Open").data_source.is_public


def ids_in_xml(path: Path) -> list[str]:
    found = ElementTree.parse(path).getroot().iter()
    return [element.text or "" for element in found if element.tag.rpartition("}")[2] == "EntityID"]


def ids_in_csv(path: Path) -> list[str]:
    return [row[0] for row in list(csv.reader(io.StringIO(path.read_text("utf-8-sig"))))[2:]]


def ids_in_geojson(path: Path) -> list[str]:
    return [str(feature["id"]) for feature in json.loads(path.read_text())["features"]]


def ids_in_geoparquet(path: Path) -> list[str]:
    ids: list[str] = pq.read_table(path).column("EntityID").to_pylist()
    return ids


READERS: dict[str, tuple[str, Callable[[Path], list[str]]]] = {
    "XML": ("xml", ids_in_xml),
    "CSV": ("csv", ids_in_csv),
    "GeoJSON": ("geojson", ids_in_geojson),
    "GeoParquet": ("parquet", ids_in_geoparquet),
}


def test_a_version_is_downloaded_in_every_format(editor: Page, team: Team, tmp_path: Path) -> None:
    load(team, "Taken", FIRST)
    editor.goto(f"{team.url}/data-sources/Taken")
    editor.get_by_role("button", name="CSV").click()
    expect(editor.get_by_role("link", name="Save as CSV")).to_have_class(re.compile("button-primary"))
    for label, (ending, read) in READERS.items():
        with editor.expect_download() as downloading:
            editor.get_by_role("link", name=f"Save as {label}", exact=True).click()
        assert downloading.value.suggested_filename == f"Taken.{ending}"
        downloading.value.save_as(tmp_path / ending)
        assert read(tmp_path / ending) == ["1", "2", "3"]


def test_a_data_source_is_deleted_by_whoever_types_its_name(editor: Page, team: Team, watch: Watch) -> None:
    watch.allowed = "status of 422"
    load(team, "Gone", FIRST, staged=SECOND)
    editor.goto(f"{team.url}/data-sources/Gone")
    editor.get_by_role("link", name="Delete…").click()
    editor.get_by_label("Type the name").fill("gone")
    editor.get_by_role("button", name="Delete the data source").click()
    expect(editor.get_by_label("Type the name")).to_have_value("gone")
    expect(editor.locator("#typed-error")).to_contain_text("Expected Gone")
    assert published_count(team, "Gone") == 3
    editor.get_by_label("Type the name").fill("Gone")
    editor.get_by_role("button", name="Delete the data source").click()
    await_job(editor, team)
    editor.goto(f"{team.url}/data-sources?search=Gone")
    expect(editor.locator("#found")).to_contain_text("No data source has")


def test_a_comparison_that_fails_says_so_and_can_be_asked_for_again(viewer: Page, team: Team, watch: Watch) -> None:
    watch.allowed = "status of 503|Status Error Code 503"
    load(team, "Compared", FIRST, staged=SECOND)
    staged = versions_of(team, "Compared").staged
    assert staged is not None
    viewer.route("**/changes", lambda route: route.fulfill(status=503, body="<p role=alert>Busy"), times=1)
    viewer.goto(f"{team.url}/data-sources/Compared/versions/{staged.job_id}")
    changes = viewer.locator("#changes")
    expect(changes).to_contain_text("could not be compared now")
    expect(changes).not_to_contain_text("are being compared")
    changes.get_by_role("link", name="Show the changes").click()
    expect(changes.locator("dd")).to_have_text(["+1", "1", "\N{MINUS SIGN}1"])


def test_a_viewer_sees_no_buttons_and_may_not_act(viewer: Page, team: Team, watch: Watch) -> None:
    watch.allowed = "status of 403"
    load(team, "Seen", FIRST, staged=SECOND)
    viewer.goto(f"{team.url}/data-sources/Seen")
    forms = viewer.locator("main form[method=post]")
    expect(forms).to_have_count(1)
    expect(forms).to_have_attribute("action", re.compile("/examples"))
    viewer.get_by_role("row", name="Staged").get_by_role("link", name="Changes").click()
    expect(viewer.locator("#changes dd")).to_have_text(["+1", "1", "\N{MINUS SIGN}1"])
    expect(viewer.locator("main form")).to_have_count(0)
    viewer.goto(f"{team.url}/data-sources/Seen/delete")
    expect(viewer.get_by_role("alert").filter(has_text="takes the role editor")).to_be_visible()


def test_pages_work_without_scripts(browser: Browser, team: Team) -> None:
    load(team, "Plain", FIRST, staged=SECOND)
    with browser.new_context(java_script_enabled=False) as context:
        context.add_cookies(team.cookies(Role.EDITOR))
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.goto(f"{team.url}/data-sources")
        page.get_by_role("searchbox").fill("plain")
        page.get_by_role("button", name="Search").click()
        page.get_by_role("link", name="Plain").click()
        page.get_by_label("Language").select_option("csharp")
        page.get_by_role("button", name="Show the example").click()
        expect(page.locator("#example")).to_contain_text("HttpClient")
        page.get_by_role("link", name="Review and publish").click()
        page.get_by_role("link", name="Show the changes").click()
        expect(page.locator("#changes dd")).to_have_text(["+1", "1", "\N{MINUS SIGN}1"])
        page.go_back()
        page.get_by_role("button", name="Publish").click()
        await_job(page, team)
    assert versions_of(team, "Plain").staged is None


def test_the_error_of_an_operation_is_told_on_the_page_it_came_from(
    editor: Page, console: Console, watch: Watch
) -> None:
    watch.allowed = "status of 403"
    full = console.new_team()
    load(full, "Shops", FIRST)
    set_limits(full.services, full.account.name, None, {"jobs_per_day": 1})
    editor.context.add_cookies(full.cookies(Role.EDITOR))
    editor.goto(f"{full.url}/data-sources/Shops")
    editor.get_by_role("button", name="Make public").click()
    expect(editor.get_by_role("alert").filter(has_text="the maximum is 1")).to_be_visible()
    expect(editor.get_by_role("button", name="Make public")).to_be_visible()
