"""From a file to a data source: sent, corrected, loaded."""

import json
import re
import shutil

import httpx
import pytest
from playwright.sync_api import Locator, Page, ViewportSize, expect

from geostead.model.person import Role
from tests.browsers import PHONE, Watch, assert_accessible, assert_fits, hold_back, take_picture
from tests.consoles import Team
from tests.geocoding.places_index import shared_folder
from tests.workbooks import Cell, workbook

ORDINARY = (
    "Nr;Straße;PLZ;Ort;Breite;Länge;eröffnet;Umsatz\n"
    "1;Weg 1;01067;Dresden;51,05;13,73;22.11.2026;1.234,50\n"
    "2;Weg 2;80331;München;48,13;11,57;01.02.2020;99,5\n"
    "3;Weg 3;50667;Köln;50,93;6,95;31.12.2019;7\n"
    "4;Weg 4;20095;Hamburg;53,55;9,99;05.05.2015;8\n"
    "5;Weg 5;10115;Berlin;152,53;13,38;05.05.2015;9\n"
).encode("cp1252")
GIVEN_UP = "htmx:(afterRequest|sendAbort|sendError|xhr:abort)|status of 404|Status Error Code 404"
"""What htmx says of a preview that is on its way when somebody goes on."""


@pytest.fixture(autouse=True)
def _previews_may_be_given_up(watch: Watch) -> None:
    watch.allowed = GIVEN_UP


def send(page: Page, team: Team, name: str, content: bytes, **query: str) -> None:
    page.goto(f"{team.url}/uploads/new" + "".join(f"?{key}={value}" for key, value in query.items()))
    choose(page, name, content)
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_role("heading", name=name)).to_be_visible()
    page.wait_for_load_state()  # before that no script hears what is chosen


def choose(page: Page, name: str, content: bytes) -> None:
    page.get_by_label("File", exact=True).set_input_files({"name": name, "mimeType": "", "buffer": content})


def loaded(page: Page, team: Team) -> dict[str, object]:
    """Load what the page shows; return the job as it ended."""
    page.get_by_role("button", name="Load", exact=True).click()
    page.wait_for_url("**/jobs/*")
    return team.server.finished(team.keys["master"], page.url.rpartition("/")[2])


def entities(team: Team, source: str, entity_type: str, **parameters: str) -> list[dict[str, object]]:
    found = team.services.catalog.find_by_name(team.account.id, source)
    assert found is not None
    url = f"{team.server.url}/REST/v1/data/{found.data_source.access_id}/{source}/{entity_type}"
    reply = httpx.get(
        url, params={"$format": "json", "key": team.keys["query"], "$top": "250", **parameters}, timeout=30
    )
    results: list[dict[str, object]] = reply.raise_for_status().json()["d"]["results"]
    return results


def test_an_ordinary_table_is_proposed_corrected_staged_and_published(editor: Page, team: Team) -> None:
    send(editor, team, "Läden.csv", ORDINARY)
    expect(editor.locator("#counts")).to_contain_text("5 rows. 1 bad row")
    expect(editor.locator(".cell-bad")).to_contain_text("152.53")
    expect(editor.get_by_label("What PLZ becomes")).to_have_value("string")
    expect(editor.get_by_label("What Breite becomes")).to_have_value("latitude")
    assert_accessible(editor)
    assert_fits(editor)
    take_picture(editor, "upload")
    editor.get_by_label("What Umsatz becomes").select_option("string")
    expect(editor.locator("#preview thead")).to_contain_text("UmsatzEdm.String")
    expect(editor.locator("#preview tbody")).to_contain_text("1.234,50")
    editor.get_by_label("Data source", exact=True).fill("Laden")
    editor.get_by_label("Then", exact=True).select_option("stage")
    job = loaded(editor, team)
    assert (job["status"], job["failedEntityCount"]) == ("Completed", 1)
    rows = entities(team, "Laden", "Laden", isStaging="1", **{"$filter": "Nr eq '1'"})
    assert [(row["PLZ"], row["Umsatz"], row["Latitude"]) for row in rows] == [("01067", "1.234,50", 51.05)]


def test_of_files_that_are_sent_one_after_the_other_only_the_last_one_counts(
    editor: Page, team: Team, watch: Watch
) -> None:
    watch.allowed = "net::ERR_FAILED"
    editor.goto(f"{team.url}/uploads/new")
    held = hold_back(editor, re.compile("/uploads/new$"))
    upload = editor.get_by_role("button", name="Upload")
    for name in ("wrong.csv", "right.csv"):
        choose(editor, name, b"id,name,lat,lon\n1,A,10,20\n")
        with editor.expect_request("**/uploads/new"):
            upload.click()
        expect(upload).to_be_disabled()
        expect(editor.get_by_text("Sending the file")).to_be_visible()
    held.routes.pop().abort()
    expect(editor.get_by_text("The server cannot be reached.")).to_be_visible()
    with editor.expect_request("**/uploads/new"):
        upload.click()
    held.release()
    expect(editor.get_by_role("heading", name="right.csv")).to_be_visible()


def test_a_file_that_was_loaded_leads_to_its_job(editor: Page, team: Team) -> None:
    send(editor, team, "shops.csv", b"id,name,lat,lon\n1,A,10,20\n", data_source="Once")
    upload_url = editor.url.partition("?")[0]
    token = editor.locator("#decisions input[name=csrf_token]").input_value()
    job = loaded(editor, team)
    again = editor.request.post(upload_url, form={"action": "load", "csrf_token": token})
    assert again.url.rpartition("/")[2] == job["id"]
    editor.goto(upload_url)
    expect(editor).to_have_url(re.compile(rf"/jobs/{job['id']}$"))


def test_what_was_staged_is_looked_at_and_published(editor: Page, team: Team) -> None:
    send(editor, team, "shops.csv", b"id,name,lat,lon\n1,A,10,20\n2,B,11,21\n", data_source="Staged")
    expect(editor.get_by_label("Data source", exact=True)).to_have_value("Staged")
    editor.get_by_label("Then", exact=True).select_option("stage")
    assert loaded(editor, team)["status"] == "Completed"
    expect(editor.get_by_role("link", name="Preview")).to_have_attribute(
        "href", re.compile(r"/entities\?version=staged$")
    )
    take_picture(editor, "job-staged")
    editor.get_by_role("link", name="Review and publish").click()
    editor.get_by_role("button", name="Publish").click()
    editor.wait_for_url("**/jobs/*")
    expect(editor.get_by_text("Completed").first).to_be_visible()
    assert len(entities(team, "Staged", "shops")) == 2
    editor.go_back()
    editor.go_back()
    expect(editor.get_by_role("link", name="Review and publish")).to_have_count(0)
    expect(editor.get_by_role("link", name="Show entities")).to_have_attribute(
        "href", re.compile(r"/entities\?version=published$")
    )


def test_a_sheet_of_a_workbook_is_chosen_and_loaded(editor: Page, team: Team) -> None:
    rows: list[list[Cell]] = [["id", "name", "lat", "lon"], ["1", "Ä", 48.5, 9.0], ["2", "B", -1.25, 10.0]]
    content = workbook({"Notes": [["Nothing to see"], ["here"]], "Shops": rows})
    send(editor, team, "shops.xlsx", content)
    editor.get_by_label("Sheet").select_option("Shops")
    expect(editor.get_by_label("What lat becomes")).to_have_value("latitude")
    editor.get_by_label("Data source", exact=True).fill("Workbook")
    job = loaded(editor, team)
    assert (job["status"], job["totalEntityCount"]) == ("Completed", 2)
    assert {row["name"] for row in entities(team, "Workbook", "shops")} == {"Ä", "B"}


SEMICOLONS = b"id;name;lat;lon\n1;A;10;20\n2;B;11;21\n"


def send_semicolons(page: Page, team: Team) -> Locator:
    """Upload a table whose delimiter is found out; return what tells of its columns."""
    send(page, team, "shops.csv", SEMICOLONS)
    columns = page.locator("#columns tbody tr")
    expect(columns).to_have_count(4)
    return columns


def test_other_columns_come_for_another_delimiter_and_leave_alone_what_is_typed_meanwhile(
    editor: Page, team: Team
) -> None:
    columns = send_semicolons(editor, team)
    held = hold_back(editor, re.compile("/uploads/"))
    with editor.expect_request("**/uploads/*"):
        editor.get_by_label("Delimiter").select_option(",")
    editor.get_by_label("Name of the entity type").fill("Shop")
    editor.get_by_label("Description").press_sequentially("My shops")
    held.release()
    expect(columns).to_have_count(1)
    expect(editor.get_by_label("Entity id").locator("option")).to_have_text(["Number the rows", "id;name;lat;lon"])
    expect(editor.get_by_label("Description")).to_have_value("My shops")
    expect(editor.get_by_label("Name of the entity type")).to_have_value("Shop")
    editor.get_by_label("Delimiter").select_option(";")
    expect(columns).to_have_count(4)
    assert_accessible(editor)


def test_other_columns_come_for_another_delimiter_though_something_else_is_chosen_meanwhile(
    editor: Page, team: Team
) -> None:
    columns = send_semicolons(editor, team)
    held = hold_back(editor, re.compile("/uploads/"))
    for label, choice in (("Delimiter", ","), ("Then", "stage")):
        with editor.expect_request("**/uploads/*"):
            editor.get_by_label(label, exact=True).select_option(choice)
    held.release()
    expect(columns).to_have_count(1)
    expect(editor.get_by_label("Then", exact=True)).to_have_value("stage")


def test_a_table_that_cannot_be_read_as_it_was_chosen_is_told_of_and_chosen_otherwise(editor: Page, team: Team) -> None:
    send(editor, team, "shops.csv", SEMICOLONS)
    rows_above = editor.get_by_label("Rows above the data")
    rows_above.fill("3")
    rows_above.press("Tab")
    expect(editor.locator("#problem")).to_have_text("The table has no rows.")
    rows_above.fill("1")
    rows_above.press("Tab")
    expect(editor.locator("#counts")).to_contain_text("2 rows")
    expect(editor.locator("#problem")).to_have_count(0)


def test_what_is_chosen_before_the_scripts_have_come_counts(editor: Page, team: Team) -> None:
    send(editor, team, "shops.csv", SEMICOLONS)
    held = hold_back(editor, re.compile(r"/console-\w+\.js"))
    editor.reload(wait_until="commit")
    editor.get_by_label("Delimiter").select_option(",")
    held.release()
    expect(editor.locator("#columns tbody tr")).to_have_count(1)


def test_geojson_without_our_header_is_corrected_and_loaded(editor: Page, team: Team) -> None:
    features = [
        {"type": "Feature", "properties": {"code": i}, "geometry": {"type": "Point", "coordinates": [i, 2 * i]}}
        for i in range(3)
    ]
    send(editor, team, "a.geojson", json.dumps({"type": "FeatureCollection", "features": features}).encode())
    expect(editor.get_by_role("heading", name="The table")).to_have_count(0)
    editor.get_by_label("Property of code").fill("Number")
    editor.keyboard.press("Tab")
    expect(editor.locator("#preview thead")).to_contain_text("Number")
    editor.get_by_label("Data source", exact=True).fill("Json")
    assert loaded(editor, team)["status"] == "Completed"
    assert {row["Number"] for row in entities(team, "Json", "a")} == {"0", "1", "2"}


def test_rows_with_addresses_are_placed_and_what_is_not_found_is_told_on_the_page_of_the_job(
    editor: Page, team: Team
) -> None:
    shutil.copytree(shared_folder(), team.server.data_dir / "places", dirs_exist_ok=True)  # made in half a minute
    content = b"id,city,country\n1,Lyon,France\n2,Qqqqqqq,Nowhereland\n3,Lyon,France\n"
    send(editor, team, "cities.csv", content)
    expect(editor.get_by_label("Find the places of rows")).to_be_checked()
    assert loaded(editor, team)["status"] == "Completed"
    expect(editor.get_by_text("an address that is found").first).to_be_visible()
    places = {row["id"]: row["Latitude"] for row in entities(team, "cities", "cities")}
    assert places["1"] == places["3"] == pytest.approx(45.75, abs=0.1)
    assert places["2"] is None


def test_what_was_typed_stays_where_something_is_wrong(editor: Page, team: Team, watch: Watch) -> None:
    watch.allowed += "|status of 422"
    send(editor, team, "shops.csv", b"id,name,lat,lon\n1,A,10,20\n")
    editor.get_by_label("Property of name").fill("not legal!")
    editor.get_by_label("Description").fill("My shops")
    editor.get_by_role("button", name="Load", exact=True).click()
    expect(editor.get_by_label("Property of name")).to_have_attribute("aria-invalid", "true")
    expect(editor.get_by_label("Property of name")).to_have_value("not legal!")
    expect(editor.get_by_label("Description")).to_have_value("My shops")
    expect(editor.locator("#problem")).to_contain_text("not legal!")
    assert_accessible(editor)


def test_what_is_wrong_is_told_at_its_input_as_soon_as_it_was_typed(editor: Page, team: Team) -> None:
    send(editor, team, "shops.csv", b"id,name,Breite,lat,lon\n1,A,30,10,20\n")
    name, use = editor.get_by_label("Property of name"), editor.get_by_label("What lat becomes")
    name.fill("not legal!")
    name.press("Tab")
    expect(name).to_have_accessible_description(
        "1 to 50 letters without accents, digits and underscores, the first no digit"
    )
    expect(name).to_have_attribute("aria-invalid", "true")
    editor.get_by_label("What Breite becomes").select_option("latitude")
    use.select_option("latitude")
    expect(use).to_have_accessible_description("Another column is that already: one column for each coordinate")
    assert_accessible(editor)
    take_picture(editor, "upload-faults")
    name.fill("Title")
    use.select_option("double")
    expect(use).not_to_have_attribute("aria-invalid", "true")
    expect(editor.locator("#decisions .error")).to_have_count(0)
    expect(name).not_to_have_attribute("aria-invalid", "true")


def test_a_table_without_places_is_shown_as_it_stands(editor: Page, team: Team) -> None:
    send(editor, team, "names.csv", b"id,name\n1,Ada\n")
    expect(editor.locator("#problem")).to_contain_text("The entities have no place")
    expect(editor.locator("#preview tbody")).to_contain_text("Ada")


def test_a_file_that_is_nothing_is_refused_with_the_reason(editor: Page, team: Team, watch: Watch) -> None:
    watch.allowed += "|status of 422"
    editor.goto(f"{team.url}/uploads/new")
    choose(editor, "a.bin", bytes(range(256)) * 100)
    editor.get_by_role("button", name="Upload").click()
    expect(editor.get_by_role("alert").filter(has_text="a.bin cannot be loaded")).to_be_visible()


def test_a_file_in_a_format_of_its_own_has_nothing_to_correct(editor: Page, team: Team) -> None:
    header = b"Bing Spatial Data Services, 1.0, Shops\nEntityID(Edm.String,primaryKey)|Latitude(Edm.Double)|"
    send(editor, team, "shops.pipe", header + b"Longitude(Edm.Double)\n1|10|20\n2|91|20\n")
    expect(editor.get_by_text("there is nothing to correct")).to_be_visible()
    expect(editor.locator("#counts")).to_contain_text("2 rows. 1 bad row")
    editor.get_by_label("Data source", exact=True).fill("Piped")
    assert loaded(editor, team)["failedEntityCount"] == 1


def test_uploading_works_without_scripts_and_on_a_phone(team: Team, editor: Page) -> None:
    browser = editor.context.browser
    assert browser is not None
    phone: ViewportSize = {"width": PHONE["width"], "height": PHONE["height"]}
    with browser.new_context(java_script_enabled=False, viewport=phone) as context:
        context.add_cookies(team.cookies(Role.EDITOR))
        page = context.new_page()
        send(page, team, "plain.csv", b"id,name,lat,lon\n1,A,10,20\n2,B,11,21\n")
        page.get_by_label("What name becomes").select_option("omit")
        page.get_by_role("button", name="Show the first rows again").click()
        expect(page.locator("#preview thead")).not_to_contain_text("name")
        take_picture(page, "upload-phone")
        page.get_by_role("button", name="Load", exact=True).click()
        page.wait_for_url("**/jobs/*")


def test_a_file_beyond_the_limit_is_refused_before_it_is_sent_and_by_the_server_as_it_arrives(
    editor: Page, team: Team, watch: Watch
) -> None:
    watch.allowed += "|status of 413"
    limits = team.account.limits
    team.services.catalog.set_limits(team.account.id, limits.override(upload_bytes=1_000))
    try:
        editor.goto(f"{team.url}/uploads/new")
        choose(editor, "a.csv", b"a,b\n" * 1_000)
        editor.get_by_role("button", name="Upload").click()
        expect(editor.locator("#file-error")).to_have_text("The file has 4000 bytes; the account may upload 1000.")
        # The browser sends what a script makes, which asks nobody beforehand.
        status = editor.evaluate(
            """async () => {
                const form = new FormData(document.getElementById("upload"));
                form.set("file", new Blob(["a,b\\n".repeat(1000)]), "a.csv");
                return (await fetch(location.href, { method: "POST", body: form })).status;
            }"""
        )
        assert status == 413
    finally:
        team.services.catalog.set_limits(team.account.id, limits)
