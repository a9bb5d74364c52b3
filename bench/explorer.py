"""Measures the map of the console: how long tiles take, when the first map is there, and frames while it is dragged.

``python -m bench.explorer [--entities 100000] [--no-browser]`` prints two tables; the second needs Chromium. Tiles are
asked for one after the other by one client; none comes from a cache. The browser draws without a graphics card, as
machines that run benchmarks have none: with one, frames are bounded by the screen.
"""

from __future__ import annotations

import argparse
import io
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import numpy as np
import pyarrow as pa
import pyarrow.csv
from playwright.sync_api import Page
from rich.console import Console
from rich.table import Table

from bench.places import CATEGORIES, CITIES, cities
from geostead.geo.tiles import on_map
from geostead.model.person import Role
from tests.browsers import DESKTOP, running_browser
from tests.consoles import Team, running_console

_HEADER = (
    "Bing Spatial Data Services, 1.0, Place\nEntityID(Edm.String,primaryKey),Name(Edm.String),Kind(Edm.String),"
    "Seats(Edm.Int64),Latitude(Edm.Double),Longitude(Edm.Double)\n"
)
_FILTER = "Kind eq 'cafe' and Seats gt 50"
_TILES_PER_ZOOM = 24
_DRAG_S = 5.0
_FIRST_MAP = """async () => {
    const until = (holds) => new Promise((done) => {
        const look = () => holds() ? done(performance.now()) : requestAnimationFrame(look);
        look();
    });
    await until(() => window.geostead?.map?.getLayer("clusters"));
    const map = window.geostead.map;
    const first = await until(() => map.queryRenderedFeatures().some((f) => f.source !== "base" && f.properties.count));
    await until(() => map.loaded() && map.areTilesLoaded());
    return [first, performance.now()];
}"""
_COUNT_FRAMES = """() => {
    window.frames_ = [];
    const look = (at) => { window.frames_.push(at); window.counting_ = requestAnimationFrame(look); };
    window.counting_ = requestAnimationFrame(look);
}"""
_HIDE_ENTITIES = """() => {
    for (const {id, source} of geostead.map.getStyle().layers) {
        if (source === "entities") geostead.map.setLayoutProperty(id, "visibility", "none");
    }
}"""
_FRAMES = "() => { cancelAnimationFrame(window.counting_); return window.frames_; }"


def main() -> None:
    """Load places, then measure tiles and the page."""
    options = _options()
    console = Console(width=120)
    with tempfile.TemporaryDirectory() as folder, running_console(Path(folder, "data")) as running:
        team = running.new_team()
        job = team.load("Places", _upload(options.entities), input="csv")
        assert job["status"] == "Completed", job
        console.print(_tiles_table(team, options.entities))
        if options.browser:
            console.print(_page_table(team, options.entities))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entities", type=int, default=100_000)
    parser.add_argument("--browser", action=argparse.BooleanOptionalAction, default=True)
    return parser.parse_args()


def _upload(count: int) -> bytes:
    """Return places in clusters, as those of other benchmarks, with few properties: the map shows no more."""
    random, centres = np.random.default_rng(1), cities()
    weights = 1.0 / np.arange(1, CITIES + 1)
    city = random.choice(CITIES, count, p=weights / weights.sum())
    places = centres[city] + random.normal(0, 0.15, (count, 2))
    table = pa.table(
        {
            "id": pa.array(np.arange(count)),
            "name": pa.array(np.char.add("Place ", np.arange(count).astype(str))),
            "kind": pa.array(random.choice(CATEGORIES, count)),
            "seats": pa.array(random.integers(0, 100, count)),
            "latitude": pa.array(places[:, 0].round(6)),
            "longitude": pa.array(places[:, 1].round(6)),
        }
    )
    file = io.BytesIO(_HEADER.encode())
    file.seek(0, io.SEEK_END)
    pyarrow.csv.write_csv(table, file, pyarrow.csv.WriteOptions(include_header=False))
    return file.getvalue()


def _tiles_table(team: Team, count: int) -> Table:
    table = Table(
        "zoom", "tiles", "p50 ms", "max ms", "p50 bytes", "filtered p50 ms", title=f"Tiles of {count:,} places"
    )
    with _client(team) as client:
        client.get("tiles/0/0/0.mvt")  # what is imported with the first tile
        for zoom in (0, 2, 4, 6, 8, 10, 12, 14):
            paths = list(_tiles(zoom))
            plain = [_timed(client, path) for path in paths]
            filtered = [_timed(client, path, filter=_FILTER)[0] for path in paths]
            times, sizes = zip(*plain, strict=True)
            row = [statistics.median(times), max(times), statistics.median(sizes), statistics.median(filtered)]
            table.add_row(
                str(zoom), str(len(paths)), f"{row[0]:.1f}", f"{row[1]:.1f}", f"{row[2]:,.0f}", f"{row[3]:.1f}"
            )
    return table


def _client(team: Team) -> httpx.Client:
    cookies = {cookie["name"]: cookie["value"] for cookie in team.cookies(Role.VIEWER)}
    return httpx.Client(base_url=f"{team.url}/data-sources/Places/", cookies=cookies, timeout=120)


def _timed(client: httpx.Client, path: str, **query: str) -> tuple[float, int]:
    began = time.perf_counter()
    reply = client.get(path, params=query).raise_for_status()
    return (time.perf_counter() - began) * 1000, len(reply.content)


def _tiles(zoom: int) -> Iterator[str]:
    """Return the tiles of the largest cities and those around them."""
    x, y = on_map(latitudes=cities()[:8, 0], longitudes=cities()[:8, 1])
    side = 2**zoom
    found = {
        (int(column * side) + across, int(row * side) + down)
        for column, row in zip(x, y, strict=True)
        for across, down in ((0, 0), (1, 0), (0, 1))
    }
    inside = sorted((column, row) for column, row in found if column < side and row < side)
    return (f"tiles/{zoom}/{column}/{row}.mvt" for column, row in inside[:_TILES_PER_ZOOM])


def _page_table(team: Team, count: int) -> Table:
    table = Table("what", "measured", title=f"The page with {count:,} places (software rendering)")
    with running_browser() as browser, browser.new_context(viewport=DESKTOP, base_url=team.url) as context:
        context.add_cookies(team.cookies(Role.VIEWER))
        page = context.new_page()
        for visit in ("first visit", "second visit"):
            page.goto(f"{team.url}/data-sources/Places/entities")
            first, whole = page.evaluate(_FIRST_MAP)
            table.add_row(f"{visit}: first places on the map", f"{first:,.0f} ms")
            table.add_row(f"{visit}: map complete", f"{whole:,.0f} ms")
        table.add_row("dragging the whole", _frames(page))
        for zoom in (7, 10):
            _go_to(page, zoom)
            table.add_row(f"dragging at zoom {zoom}", _frames(page))
        page.evaluate(_HIDE_ENTITIES)
        table.add_row("the same without entities, for comparison", _frames(page))
    return table


def _go_to(page: Page, zoom: int) -> None:
    latitude, longitude = cities()[0]
    page.evaluate(f"() => geostead.map.jumpTo({{center: [{longitude}, {latitude}], zoom: {zoom}}})")
    page.wait_for_function("() => geostead.map.loaded() && geostead.map.areTilesLoaded()")


def _frames(page: Page) -> str:
    gaps = _dragged(page)
    return f"{1000 / gaps.mean():.0f} frames/s, 95 % within {np.percentile(gaps, 95):.0f} ms"


def _dragged(page: Page) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Drag the map to and fro; return the milliseconds between frames."""
    box = page.locator(".maplibregl-canvas").bounding_box()
    assert box is not None
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    reach = box["width"] * 0.4
    page.mouse.move(*middle)
    page.mouse.down()
    page.evaluate(_COUNT_FRAMES)
    began = time.perf_counter()
    while (passed := time.perf_counter() - began) < _DRAG_S:
        page.mouse.move(middle[0] + reach * np.sin(passed * 2), middle[1] + reach / 3 * np.cos(passed * 3))
    frames = page.evaluate(_FRAMES)
    page.mouse.up()
    return np.diff(np.array(frames))


if __name__ == "__main__":
    main()
