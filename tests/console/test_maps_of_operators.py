"""Maps other than the one that comes with the console: what the operator chose, and none at all without WebGL."""

import json
from base64 import b64decode
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from geostead.model.person import Role
from tests.browsers import DESKTOP, PATIENCE_MS, executable, take_picture
from tests.consoles import Team, running_console
from tests.explorers import Explorer, cafes

STYLE_URL = "https://maps.example.com/style.json?token=1"
TILES_URL = "https://tiles.example.com/{z}/{x}/{y}.png"
STYLE = {
    "version": 8,
    "sources": {"sea": {"type": "raster", "tiles": ["https://maps.example.com/sea/{z}/{x}/{y}.png"], "tileSize": 256}},
    "layers": [{"id": "sea", "type": "raster", "source": "sea"}],
}


POINT_OF_SEA = b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGNImHAAAAMEAbFEoab8AAAAAElFTkSuQmCC")
"""A picture of one point."""


@pytest.fixture(scope="module", params=["style", "tiles"])
def team(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Team]:
    """Return an account on a server with a style, and on one with tiles."""
    chosen = {"style": {"GEOSTEAD_MAP_STYLE_URL": STYLE_URL}, "tiles": {"GEOSTEAD_MAP_TILES_URL": TILES_URL}}
    variables = {**chosen[request.param], "GEOSTEAD_MAP_ATTRIBUTION": "The Hydrographers"}
    with running_console(tmp_path_factory.mktemp(request.param) / "data", **variables) as console:
        team = console.new_team()
        team.load("Cafes", cafes())
        yield team


def test_places_are_drawn_above_the_map_of_the_operator(browser: Browser, team: Team) -> None:
    asked: list[str] = []

    def answer(route: Route) -> None:
        asked.append(route.request.url)
        is_style = route.request.url == STYLE_URL
        body, kind = (json.dumps(STYLE).encode(), "application/json") if is_style else (POINT_OF_SEA, "image/png")
        route.fulfill(body=body, content_type=kind, headers={"Access-Control-Allow-Origin": "*"})

    with browser.new_context(viewport=DESKTOP, reduced_motion="reduce") as context:
        context.route("https://*.example.com/**", answer)
        context.add_cookies(team.cookies(Role.VIEWER))
        explorer = Explorer(_page_of(context.new_page()), team, "Cafes")
        explorer.open()
        assert explorer.shown_count() == 525
        expect(explorer.page.get_by_text("The Hydrographers")).to_be_visible()
        expect(explorer.page.get_by_text("Natural Earth")).to_have_count(0)
        take_picture(explorer.page, "explorer-operators-map")
        explorer.page.get_by_role("button", name="Dark colours").click()
        assert explorer.shown_count() == 525
    hosts = {url.partition("?")[0].split("/")[2] for url in asked}
    assert hosts == ({"maps.example.com"} if STYLE_URL in asked else {"tiles.example.com"})
    assert any(url.endswith(".png") for url in asked)
    assert not any("{" in url for url in asked)


def _page_of(page: Page) -> Page:
    page.set_default_timeout(PATIENCE_MS)
    return page


def test_without_webgl_all_but_the_map_works(browser: Browser, team: Team) -> None:
    with (
        browser.browser_type.launch(executable_path=executable(), args=["--no-sandbox", "--disable-3d-apis"]) as blind,
        blind.new_context(viewport=DESKTOP) as context,
    ):
        context.add_cookies(team.cookies(Role.EDITOR))
        page, errors = _page_of(context.new_page()), list[str]()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(f"{team.url}/data-sources/Cafes/entities")
        expect(page.get_by_text("This browser cannot draw maps")).to_be_visible()
        explorer = Explorer(page, team, "Cafes")
        expect(explorer.count).to_have_text("1 to 50 of 525")
        explorer.filter("Seats eq 7")
        expect(explorer.count).to_have_text("1 to 11 of 11")
        explorer.select("8")
        page.get_by_role("button", name="Edit", exact=True).click()
        form = page.get_by_role("region", name="Edit 8")
        form.get_by_label("Name").fill("Eighth")
        form.get_by_role("button", name="Put into the draft").click()
        expect(explorer.row("8")).to_contain_text("Eighth")
        assert errors == []
