"""Chromium for tests, as Debian has it, and what a page must not do while it is looked at."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, Route, expect, sync_playwright

AXE = Path(__file__).parents[1] / "node_modules" / "axe-core" / "axe.min.js"
SCREENSHOTS = os.environ.get("GEOSTEAD_TEST_SCREENSHOTS")
"""A folder to write pictures of pages to, so that somebody can look at them."""
DESKTOP = {"width": 1280, "height": 860}
PHONE = {"width": 375, "height": 812}
SOFTWARE_WEBGL = ["--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
PATIENCE_MS = 30_000
"""How long a test waits for what it expects of a page: a busy machine is no fault."""
INTRANET = "geostead.intranet"
"""A host that the browser finds on this machine. Its addresses are not secure, as 127.0.0.1 is without HTTPS."""


def executable() -> str:
    """Return the path of Chromium. Skips where there is none."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        pytest.skip("there is no Chromium: apt-get install chromium")
    return found


@contextmanager
def running_browser() -> Iterator[Browser]:
    """Run a Chromium until the block is left. Skips where there is none.

    It belongs to one test file: while it runs, this thread has an event loop that other tests cannot have.
    """
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        args = ["--no-sandbox", f"--host-resolver-rules=MAP {INTRANET} 127.0.0.1", *SOFTWARE_WEBGL]
        browser = playwright.chromium.launch(executable_path=executable(), args=args)
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Watch:
    """Listens to the pages of a browser context: for requests to other hosts, and for errors."""

    origin: str
    allowed: str = r"(?!)"
    """A pattern of messages of the browser that a test expects: ``"status of 403"``."""
    complaints: list[str] = field(default_factory=list)

    def begin(self, context: BrowserContext) -> None:
        """Listen from now on."""
        context.on("request", self._see_request)
        context.on("console", self._see_message)
        context.on("weberror", lambda error: self.complaints.append(f"uncaught: {error.error}"))

    def _see_request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in ("http", "https", "ws", "wss") and f"{parts.scheme}://{parts.netloc}" != self.origin:
            self.complaints.append(f"a request to another host: {request.url}")

    def _see_message(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not re.search(self.allowed, message.text):
            self.complaints.append(f"{message.text} ({message.location.get('url', '')})")

    def assert_quiet(self) -> None:
        """Fail if there was anything to complain about."""
        assert self.complaints == []


@dataclass
class Held:
    """Requests that are not answered until they are released."""

    routes: list[Route] = field(default_factory=list)
    _is_released: bool = False

    def __call__(self, route: Route) -> None:
        """Hold a request back, or let it go on."""
        self.routes.append(route)
        if self._is_released:
            self.release()

    def __len__(self) -> int:
        """Return how many are waiting."""
        return len(self.routes)

    def release(self) -> None:
        """Let all go on, in their order, and those that come later."""
        self._is_released = True
        while self.routes:
            self.routes.pop(0).continue_()


def hold_back(page: Page, urls: re.Pattern[str]) -> Held:
    """Answer no requests for some URLs from now on, until they are released."""
    held = Held()
    page.route(urls, lambda route: held(route))  # noqa: PLW0108  Playwright wants a function
    return held


def assert_accessible(page: Page) -> None:
    """Fail if axe-core finds a serious or critical fault against WCAG 2.2 A and AA."""
    assert AXE.is_file(), "axe-core is not installed: make .venv/.installed-dev"
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE.read_text("utf-8"))
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    found: list[dict[str, Any]] = page.evaluate(
        "tags => axe.run(document, {runOnly: tags, resultTypes: ['violations']}).then(found => found.violations)", tags
    )
    faults = [
        (one["help"], [(node["html"][:160], node["failureSummary"][:300]) for node in one["nodes"][:3]])
        for one in found
        if one["impact"] in ("serious", "critical")
    ]
    assert faults == [], f"{page.url}: {faults}"


def assert_fits(page: Page) -> None:
    """Fail if the page is wider than the window, so that one has to scroll sideways to read it."""
    wider: int = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wider <= 0, f"{page.url} is {wider} pixels wider than the window"


def take_picture(page: Page, name: str) -> None:
    """Write a picture of the whole page, if the environment says where to."""
    if SCREENSHOTS is not None:
        Path(SCREENSHOTS).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=Path(SCREENSHOTS) / f"{name}.png", full_page=True)
