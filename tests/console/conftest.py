"""One server for all files, one browser and one account for each file, and a page for each role."""

from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
from playwright.sync_api import Browser, Page

from geostead.model.person import Role
from tests.browsers import DESKTOP, PATIENCE_MS, Watch, running_browser
from tests.consoles import Console, Team, running_console


@pytest.fixture(scope="session")
def console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    """Return a server that all files share: none of them may stop it."""
    with running_console(tmp_path_factory.mktemp("console") / "data") as console:
        yield console


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with running_browser() as browser:
        yield browser


@pytest.fixture(scope="module")
def team(console: Console) -> Team:
    """Return an account of this file's own."""
    return console.new_team()


@pytest.fixture
def watch(console: Console) -> Iterator[Watch]:
    """Listen to all pages of a test. In the end none may have called another host or complained.

    A test that provokes an error says so: ``watch.allowed = "status of 403"``.
    """
    watch = Watch(console.server.url)
    yield watch
    watch.assert_quiet()


@contextmanager
def opened(browser: Browser, team: Team, role: Role | None, watch: Watch) -> Iterator[Page]:
    """Open a page in a browser context of its own, with the session of a person of that role."""
    with browser.new_context(viewport=DESKTOP, reduced_motion="reduce", base_url=team.url) as context:
        watch.begin(context)
        if role is not None:
            context.add_cookies(team.cookies(role))
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        yield page


@pytest.fixture
def owner(browser: Browser, team: Team, watch: Watch) -> Iterator[Page]:
    """Return a page of somebody who owns the account: ``owner.goto(f"{team.url}/keys")``."""
    with opened(browser, team, Role.OWNER, watch) as page:
        yield page


@pytest.fixture
def editor(browser: Browser, team: Team, watch: Watch) -> Iterator[Page]:
    with opened(browser, team, Role.EDITOR, watch) as page:
        yield page


@pytest.fixture
def viewer(browser: Browser, team: Team, watch: Watch) -> Iterator[Page]:
    with opened(browser, team, Role.VIEWER, watch) as page:
        yield page


@pytest.fixture
def stranger(browser: Browser, team: Team, watch: Watch) -> Iterator[Page]:
    """Return a page of somebody who has not signed in."""
    with opened(browser, team, None, watch) as page:
        yield page


@pytest.fixture(scope="module")
def looking(console: Console) -> Watch:
    return Watch(console.server.url)


@pytest.fixture(scope="module")
def lookers(browser: Browser, team: Team, looking: Watch) -> Iterator[dict[Role | None, Page]]:
    """Return a page of the account's owner, and one of nobody, for all tests of a file, which only look."""
    with opened(browser, team, Role.OWNER, looking) as owner, opened(browser, team, None, looking) as nobody:
        yield {Role.OWNER: owner, None: nobody}


@pytest.fixture(scope="module")
def stranger_client(console: Console) -> Iterator[httpx.Client]:
    """Return what sends requests as a person of another account."""
    cookies = {cookie["name"]: cookie["value"] for cookie in console.new_team().cookies(Role.OWNER)}
    with httpx.Client(timeout=30, cookies=cookies) as client:
        yield client
