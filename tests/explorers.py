"""The explorer in a browser, as tests read it: places by what is rendered, not by pixels."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Locator, Page, expect

from geostead.model.ids import new_id
from tests.consoles import Team

CLOSE = "48.00,16.01,13.5"
"""Where the map shows café 1 and café 2, each alone."""
ROWS, COLUMNS = 21, 25
SOUTH, WEST, STEP = 48.0, 16.0, 0.02


def cafes() -> bytes:
    """Return an upload of 525 cafés on a grid; café 1 is in its south-western corner, café 2 east of it."""
    lines = [
        "Bing Spatial Data Services, 1.0, Cafe",
        "EntityID(Edm.String,primaryKey)|Name(Edm.String)|Seats(Edm.Int64)|Open(Edm.Boolean)|Since(Edm.DateTime)"
        "|Latitude(Edm.Double)|Longitude(Edm.Double)",
    ]
    for number in range(ROWS * COLUMNS):
        latitude, longitude = place_of(number + 1)
        lines.append(
            f"{number + 1}|Café {number + 1}|{number % 50}|{'true' if number % 2 else 'false'}|2001-02-03T04:05:06"
            f"|{latitude}|{longitude}"
        )
    return "\n".join(lines).encode()


def place_of(number: int) -> tuple[float, float]:
    """Return latitude and longitude of a café."""
    row, column = divmod(number - 1, COLUMNS)
    return round(SOUTH + row * STEP, 6), round(WEST + column * STEP, 6)


@dataclass
class Explorer:
    """The page of the entities of a data source."""

    page: Page
    team: Team = field(repr=False)
    name: str

    @classmethod
    def of_new_cafes(cls, page: Page, team: Team) -> Explorer:
        """Load cafés of the test's own, and go to the first of them."""
        name = f"Cafes{new_id()[:8]}"
        team.load(name, cafes(), input="pipe")
        explorer = cls(page, team, name)
        explorer.open(map=CLOSE)
        return explorer

    def open(self, **query: str) -> None:
        """Go there and wait until table and map are complete."""
        asked = "&".join(f"{name}={value}" for name, value in query.items())
        self.page.goto(f"{self.team.url}/data-sources/{self.name}/entities?{asked}")
        self.settle()

    def settle(self) -> None:
        """Wait until the page has asked all it wants to know, and the map is drawn."""
        expect(self.page.locator("#explorer[data-state=ready]:not([aria-busy])")).to_be_visible()
        self.page.wait_for_function(
            "() => { const {map} = geostead; return map.loaded() && map.getSource('entities') && !map.isMoving(); }"
        )

    def rendered(self, *layers: str) -> list[dict[str, Any]]:
        """Return the properties of what is on the map in some layers, each entity once."""
        self.settle()
        found: list[dict[str, Any]] = self.page.evaluate(
            "layers => geostead.map.queryRenderedFeatures({layers}).map(({properties}) => properties)", list(layers)
        )
        return list({str(sorted(one.items())): one for one in found}.values())

    def shown_count(self) -> int:
        """Return how many entities the map shows, in clusters and alone."""
        return sum(one.get("count", 1) for one in self.rendered("clusters", "points"))

    def at(self, latitude: float, longitude: float) -> tuple[float, float]:
        """Return where a place is in the window."""
        self.settle()
        box = self.page.locator("#map").bounding_box()
        assert box is not None
        point = self.page.evaluate("([lng, lat]) => geostead.map.project({lng, lat})", [longitude, latitude])
        return box["x"] + point["x"], box["y"] + point["y"]

    def click(self, latitude: float, longitude: float) -> None:
        """Click on a place of the map."""
        self.page.mouse.click(*self.at(latitude, longitude))

    def drag(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        """Drag what is at one place (latitude, longitude) to another."""
        here, there = self.at(*start), self.at(*end)
        self.page.mouse.move(*here)
        self.page.mouse.down()
        self.page.mouse.move((here[0] + there[0]) / 2, (here[1] + there[1]) / 2, steps=3)
        self.page.mouse.move(*there, steps=3)
        self.page.mouse.up()

    def filter(self, text: str) -> None:
        """Ask for what a filter lets through."""
        self.page.get_by_role("combobox", name="Filter").fill(text)
        self.page.keyboard.press("Enter")

    @property
    def count(self) -> Locator:
        """What is said above the table about how many match."""
        return self.page.locator("#table-pane .count")

    @property
    def draft(self) -> Locator:
        """The panel of the draft."""
        return self.page.get_by_role("region", name="Your draft")

    @property
    def hint(self) -> Locator:
        """What the map asks people to do on it."""
        return self.page.locator("#map-hint")

    def row(self, entity_id: str) -> Locator:
        """Return the row of an entity."""
        return self.page.locator(f'tr[data-id="{entity_id}"]')

    def select(self, entity_id: str) -> None:
        """Select an entity in the table."""
        self.row(entity_id).get_by_role("button").click()
        expect(self.page.locator("#details h2")).to_have_text(re.compile(rf"^{re.escape(entity_id)}\b"))
