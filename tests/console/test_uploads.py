"""From a file to a data source: sent, corrected, loaded."""

import httpx
from playwright.sync_api import Page, expect

from tests.browsers import assert_accessible, assert_fits, take_picture
from tests.consoles import Team

ORDINARY = (
    "Nr;Straße;PLZ;Ort;Breite;Länge;eröffnet;Umsatz\n"
    "1;Weg 1;01067;Dresden;51,05;13,73;22.11.2026;1.234,50\n"
    "2;Weg 2;80331;München;48,13;11,57;01.02.2020;99,5\n"
    "3;Weg 3;50667;Köln;50,93;6,95;31.12.2019;7\n"
    "4;Weg 4;20095;Hamburg;53,55;9,99;05.05.2015;8\n"
    "5;Weg 5;10115;Berlin;152,53;13,38;05.05.2015;9\n"
).encode("cp1252")
HAS_LOADED = {"status": "Completed"}


def send(page: Page, team: Team, name: str, content: bytes, **query: str) -> None:
    page.goto(f"{team.url}/uploads/new" + "".join(f"?{key}={value}" for key, value in query.items()))
    page.get_by_label("File", exact=True).set_input_files({"name": name, "mimeType": "", "buffer": content})
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_role("heading", name=name)).to_be_visible()


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
