"""The explorer: what viewers see of the entities of a data source."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browsers import PHONE, Watch, assert_accessible, assert_fits, hold_back, take_picture
from tests.consoles import Team
from tests.explorers import CLOSE, Explorer, cafes, place_of

TILES_OF_FIVE_SEATS = re.compile(r"/tiles/.*filter=Seats(\+|%20)eq(\+|%20)5")


@pytest.fixture(scope="module", autouse=True)
def loaded(team: Team) -> None:
    team.load("Cafes", cafes(), input="pipe")


@pytest.fixture
def explorer(viewer: Page, team: Team) -> Explorer:
    return Explorer(viewer, team, "Cafes")


def test_table_and_map_show_all_entities_at_the_start(explorer: Explorer) -> None:
    explorer.open()
    expect(explorer.count).to_have_text("1 to 50 of 525")
    assert explorer.shown_count() == 525
    assert_accessible(explorer.page)
    assert_fits(explorer.page)
    take_picture(explorer.page, "explorer")


def test_a_cluster_opens_when_it_is_clicked(explorer: Explorer) -> None:
    explorer.open(map="48.19,16.24,6")
    (cluster, *_) = explorer.rendered("clusters")
    before = explorer.page.evaluate("geostead.map.getZoom()")
    centre = explorer.page.evaluate(
        "() => geostead.map.queryRenderedFeatures({layers: ['clusters']})[0].geometry.coordinates"
    )
    explorer.click(centre[1], centre[0])
    explorer.settle()
    assert explorer.page.evaluate("geostead.map.getZoom()") > before
    assert explorer.page.evaluate(
        "([w, s, e, n]) => [[w, s], [e, n]].every((corner) => geostead.map.getBounds().contains(corner))",
        [float(edge) for edge in cluster["bounds"].split(",")],
    )


def test_a_place_is_told_of_when_the_pointer_or_the_focus_comes_to_it(explorer: Explorer) -> None:
    explorer.open(map=CLOSE)
    popup = explorer.page.locator(".hover")
    explorer.page.mouse.move(*explorer.at(*place_of(2)))
    expect(popup).to_contain_text("Café 2")
    expect(popup).to_contain_text("Seats")
    explorer.row("1").get_by_role("button").focus()
    expect(popup).to_contain_text("Café 1")
    take_picture(explorer.page, "explorer-hover")
    explorer.page.get_by_role("button", name="Apply").focus()
    expect(popup).to_have_count(0)


def test_a_click_selects_in_table_and_map_alike(explorer: Explorer) -> None:
    explorer.open(map=CLOSE)
    explorer.click(*place_of(2))
    details = explorer.page.get_by_role("region", name="2")
    expect(details).to_contain_text("2001-02-03")
    expect(explorer.row("2")).to_have_class(re.compile("selected"))
    explorer.page.keyboard.press("Escape")
    explorer.row("1").get_by_role("button").press("Enter")
    expect(explorer.page.locator("#details h2")).to_have_text("1")
    assert len(explorer.rendered("selection")) == 1
    explorer.page.get_by_role("button", name="Close", exact=True).click()
    expect(explorer.row("1").get_by_role("button")).to_be_focused()
    assert explorer.rendered("selection") == []


def test_a_filter_counts_for_table_and_map_and_is_in_the_address(explorer: Explorer) -> None:
    explorer.open()
    explorer.filter("Seats ge 49 and Open eq true")
    expect(explorer.count).to_have_text("1 to 10 of 10")
    assert explorer.shown_count() == 10
    assert "filter=Seats+ge+49" in explorer.page.url
    explorer.page.reload()
    expect(explorer.count).to_have_text("1 to 10 of 10")
    explorer.page.get_by_role("button", name="Clear").click()
    expect(explorer.count).to_have_text("1 to 50 of 525")
    explorer.page.go_back()
    expect(explorer.count).to_have_text("1 to 10 of 10")
    assert explorer.shown_count() == 10


def test_an_error_is_shown_where_it_is_and_what_was_typed_stays(explorer: Explorer, watch: Watch) -> None:
    watch.allowed = "status of 400"
    explorer.open()
    explorer.filter("Seats ge 49 and Colour eq 'red'")
    wrong = explorer.page.locator("#filter-wrong")
    expect(wrong).to_contain_text("Colour")
    expect(wrong.locator("mark")).to_have_text("Colour")
    box = explorer.page.get_by_role("combobox", name="Filter")
    expect(box).to_have_value("Seats ge 49 and Colour eq 'red'")
    expect(box).to_have_attribute("aria-invalid", "true")
    assert box.evaluate("box => box.value.slice(box.selectionStart, box.selectionEnd)") == "Colour"
    assert_accessible(explorer.page)
    take_picture(explorer.page, "explorer-filter-error")
    expect(explorer.count).to_have_text("1 to 50 of 525")


def test_a_map_that_cannot_be_loaded_says_so(explorer: Explorer, watch: Watch) -> None:
    watch.allowed = "status of 503"
    explorer.page.route("**/tiles/**", lambda route: route.fulfill(status=503))
    explorer.open()
    expect(explorer.page.locator("#alerts")).to_contain_text("Something is missing on the map")


def test_tiles_of_an_earlier_question_that_come_late_are_not_shown(explorer: Explorer) -> None:
    explorer.open()
    held = hold_back(explorer.page, TILES_OF_FIVE_SEATS)
    explorer.filter("Seats eq 5")
    expect(explorer.count).to_have_text("1 to 11 of 11")
    while not held:
        explorer.page.wait_for_timeout(50)
    explorer.filter("Seats ge 49 and Open eq true")
    expect(explorer.count).to_have_text("1 to 10 of 10")
    assert explorer.shown_count() == 10
    held.release()
    explorer.page.wait_for_timeout(500)
    assert explorer.shown_count() == 10


def test_tiles_come_after_some_that_could_not_be_loaded(explorer: Explorer, watch: Watch) -> None:
    watch.allowed = "status of 503"
    explorer.open()
    explorer.page.route(TILES_OF_FIVE_SEATS, lambda route: route.fulfill(status=503))
    explorer.filter("Seats eq 5")
    expect(explorer.page.locator("#alerts")).to_contain_text("Something is missing on the map")
    explorer.filter("Seats ge 49 and Open eq true")
    expect(explorer.count).to_have_text("1 to 10 of 10")
    assert explorer.shown_count() == 10


def test_what_is_asked_while_an_answer_is_on_its_way_goes_on_from_it(explorer: Explorer) -> None:
    explorer.open()
    held = hold_back(explorer.page, re.compile(r"/rows.*filter=Seats"))
    explorer.filter("Seats ge 48")
    explorer.page.get_by_role("button", name="Seats").click()
    expect(explorer.page.locator("#explorer")).to_have_attribute("aria-busy", "true")
    held.release()
    expect(explorer.count).to_have_text("1 to 20 of 20")
    expect(explorer.page.get_by_role("columnheader", name="Seats")).to_have_attribute("aria-sort", "ascending")
    explorer.settle()


def test_the_map_stays_where_somebody_has_moved_it_meanwhile(explorer: Explorer) -> None:
    held = hold_back(explorer.page, re.compile("/extent"))
    explorer.page.goto(f"{explorer.team.url}/data-sources/Cafes/entities")
    explorer.page.wait_for_function("() => window.geostead?.map?.loaded()")
    zoom_in = explorer.page.get_by_role("button", name="Zoom in")
    zoom_in.click()
    explorer.page.wait_for_function("() => !geostead.map.isMoving()")
    zoom = explorer.page.evaluate("geostead.map.getZoom()")
    held.release()
    explorer.settle()
    assert explorer.page.evaluate("geostead.map.getZoom()") == zoom


def test_the_map_does_not_go_where_the_matches_of_an_earlier_filter_are(explorer: Explorer) -> None:
    explorer.open()
    held = hold_back(explorer.page, re.compile(r"/extent.*filter=EntityID"))
    explorer.filter("EntityID eq '1'")
    expect(explorer.count).to_have_text("1 to 1 of 1")
    explorer.filter("EntityID eq '525' or EntityID eq '524'")
    expect(explorer.count).to_have_text("1 to 2 of 2")
    explorer.page.wait_for_timeout(300)
    held.release()
    explorer.page.wait_for_timeout(1_000)
    explorer.settle()
    assert explorer.page.evaluate("geostead.map.getCenter().lat") > 48.3


def test_what_is_typed_and_not_asked_stays(explorer: Explorer, watch: Watch) -> None:
    watch.allowed = "status of 400"
    explorer.open()
    box = explorer.page.get_by_role("combobox", name="Filter")
    box.fill("Seats ge")
    explorer.page.get_by_role("button", name="Next").click()
    expect(explorer.count).to_have_text("51 to 100 of 525")
    expect(box).to_have_value("Seats ge")
    box.press("Enter")
    expect(explorer.page.locator("#filter-wrong")).to_be_visible()
    explorer.page.get_by_role("button", name="Seats").click()
    expect(explorer.count).to_have_text("1 to 50 of 525")
    expect(box).to_have_value("Seats ge")
    box.fill("Seats ge 49")
    explorer.page.get_by_role("button", name="Help").click()
    explorer.page.locator("#help").get_by_role("button", name=re.compile(r"^nearby\(")).first.click()
    expect(box).to_have_value("Seats ge 49")
    expect(explorer.page.get_by_role("textbox", name="Where")).to_have_value(re.compile("nearby"))


def test_a_question_that_cannot_be_answered_now_leaves_table_and_map_as_they_were(
    explorer: Explorer, watch: Watch
) -> None:
    watch.allowed = "status of 503"
    explorer.open()
    explorer.page.route("**/entities/rows*", lambda route: route.fulfill(status=503, json={"message": "Busy now."}))
    explorer.page.get_by_role("textbox", name="Where").fill("nearby(48,16,2)")
    explorer.filter("Seats ge 49")
    expect(explorer.page.locator("#alerts")).to_contain_text("Busy now.")
    expect(explorer.count).to_have_text("1 to 50 of 525")
    assert explorer.rendered("where-line") == []
    expect(explorer.page.get_by_role("combobox", name="Filter")).to_have_value("Seats ge 49")


def test_properties_are_suggested_and_explained(explorer: Explorer) -> None:
    explorer.open()
    box = explorer.page.get_by_role("combobox", name="Filter")
    box.press_sequentially("se")
    expect(explorer.page.get_by_role("option", name="Seats")).to_be_visible()
    box.press("ArrowDown")
    box.press("Enter")
    expect(box).to_have_value("Seats ")
    explorer.page.get_by_role("button", name="Help").click()
    take_picture(explorer.page, "explorer-help")
    assert_accessible(explorer.page)
    explorer.page.locator(".help-operators").get_by_role("button", name="ge", exact=True).click()
    expect(box).to_have_value("Seats ge ")
    box.press_sequentially("49")
    box.press("Enter")
    expect(explorer.count).to_have_text("1 to 10 of 10")


@pytest.mark.parametrize(
    ("shape", "expected", "count"),
    [
        ("Circle", r"nearby\(48,16,3\.3\d*\)", "1 to 5 of 5"),
        ("Box", r"bbox\(47\.99,15\.99,48\.03,16\.03\)", "1 to 4 of 4"),
        ("Polygon", r"intersects\('POLYGON \(\(.*\)\)'\)", "1 to 3 of 3"),
    ],
)
def test_a_shape_that_is_drawn_becomes_a_spatial_filter(
    explorer: Explorer, shape: str, expected: str, count: str
) -> None:
    explorer.open(map="48.02,16.02,11")
    explorer.page.get_by_role("button", name=shape).click()
    expect(explorer.hint).to_contain_text("Escape to stop")
    corners = {
        "Circle": [(48.0, 16.0), (48.0, 16.045)],
        "Box": [(47.99, 15.99), (48.03, 16.03)],
        "Polygon": [(47.99, 15.99), (47.99, 16.04), (48.04, 15.99), (48.04, 15.99)],
    }[shape]
    for corner in corners:
        x, y = explorer.at(*corner)
        explorer.page.mouse.move(x, y, steps=4)
        explorer.page.mouse.click(x, y)
    where = explorer.page.get_by_role("textbox", name="Where")
    expect(where).to_have_value(re.compile(expected))
    expect(explorer.count).to_have_text(count)
    assert len(explorer.rendered("where-line")) == 1
    take_picture(explorer.page, f"explorer-{shape.lower()}")


def test_the_map_asks_for_a_click_when_it_listens_to_it(explorer: Explorer) -> None:
    held = hold_back(explorer.page, re.compile("/terra-draw"))
    explorer.open(map="48.02,16.02,11")
    circle = explorer.page.get_by_role("button", name="Circle")
    circle.click()
    expect(circle).to_have_attribute("aria-pressed", "true")
    explorer.page.wait_for_timeout(300)
    expect(explorer.hint).to_be_hidden()
    explorer.page.get_by_role("button", name="Box").click()
    assert held
    held.release()
    expect(explorer.hint).to_have_text("Click one corner, then the opposite one. Escape to stop.")
    explorer.page.keyboard.press("Escape")
    expect(explorer.hint).to_be_hidden()


def test_drawing_that_cannot_be_loaded_says_so(explorer: Explorer, watch: Watch) -> None:
    watch.allowed = "ERR_FAILED"
    explorer.page.route("**/terra-draw*", lambda route: route.abort())
    explorer.open(map="48.02,16.02,11")
    circle = explorer.page.get_by_role("button", name="Circle")
    circle.click()
    expect(explorer.page.locator("#alerts")).to_contain_text("Drawing could not be loaded")
    expect(circle).to_have_attribute("aria-pressed", "false")
    expect(explorer.hint).to_be_hidden()


def test_a_spatial_filter_can_be_written(explorer: Explorer, watch: Watch) -> None:
    watch.allowed = "status of 400"
    explorer.open()
    where = explorer.page.get_by_role("textbox", name="Where")
    where.fill("nearby(48,16,ten)")
    where.press("Enter")
    expect(explorer.page.locator("#where-wrong")).to_contain_text("expected")
    expect(where).to_have_value("nearby(48,16,ten)")
    where.fill("nearby(48,16,1)")
    where.press("Enter")
    expect(explorer.count).to_have_text("1 to 1 of 1")
    assert explorer.shown_count() == 1


def test_the_table_is_sorted_and_turned(explorer: Explorer) -> None:
    explorer.open()
    explorer.page.get_by_role("button", name="Seats").click()
    expect(explorer.page.get_by_role("columnheader", name="Seats")).to_have_attribute("aria-sort", "ascending")
    explorer.page.get_by_role("columnheader", name="Seats", exact=False).get_by_role("button").click()
    expect(explorer.page.get_by_role("columnheader", name="Seats")).to_have_attribute("aria-sort", "descending")
    expect(explorer.page.locator("tbody.matching tr").first).to_contain_text("49")
    explorer.page.get_by_role("button", name="Next").click()
    expect(explorer.count).to_have_text("51 to 100 of 525")


def test_a_viewer_sees_nothing_to_edit(explorer: Explorer) -> None:
    explorer.open(map=CLOSE)
    explorer.select("1")
    for name in ("Edit", "Delete", "Add entity", "Add on map", "Properties…"):
        expect(explorer.page.get_by_role("button", name=name, exact=True)).to_have_count(0)
    expect(explorer.page.locator(".handle, #draft, #editor, dialog")).to_have_count(0)


def test_a_phone_shows_the_map_or_the_table(explorer: Explorer) -> None:
    explorer.page.set_viewport_size(PHONE)
    explorer.open()
    assert_fits(explorer.page)
    assert_accessible(explorer.page)
    take_picture(explorer.page, "explorer-phone-map")
    expect(explorer.page.get_by_role("table")).to_be_hidden()
    explorer.page.get_by_role("button", name="Table").click()
    expect(explorer.page.get_by_role("table")).to_be_visible()
    assert_fits(explorer.page)
    take_picture(explorer.page, "explorer-phone-table")


def test_dark_colours_change_the_map_along_with_the_page(explorer: Explorer) -> None:
    explorer.page.emulate_media(color_scheme="dark")
    explorer.open()
    colour = "geostead.map.getPaintProperty('points', 'circle-color')"
    dark = explorer.page.evaluate(colour)
    assert_accessible(explorer.page)
    take_picture(explorer.page, "explorer-dark")
    explorer.page.emulate_media(color_scheme="light")
    explorer.page.wait_for_function(f"dark => geostead.map.getLayer('points') && {colour} !== dark", arg=dark)
    assert explorer.shown_count() == 525
