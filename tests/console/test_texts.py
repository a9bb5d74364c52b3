"""The texts of the console: all of them are in one catalogue, and everything that people read comes from there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import anyio
import httpx
import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir, extract_from_file
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hypothesis import given
from hypothesis import strategies as st
from lxml import html
from starlette.types import ASGIApp

import geostead.console
from geostead.console.app import create_console
from geostead.console.options import ConsoleOptions
from geostead.console.script_texts import SCRIPT_TEXTS
from geostead.console.texts import best_language, locale_folder
from geostead.http.app import create_app
from geostead.http.base_urls import BaseUrls
from geostead.http.options import HttpOptions
from geostead.model.person import Role
from tests.console.every_page import Furnished, Stop, all_stops
from tests.consoles import Console, Team

SOURCES = Path(geostead.console.__file__).parent
METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2")]
OPTIONS = {"**/templates/**.html": {"trim_blocks": "true", "lstrip_blocks": "true"}}
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "mark": None}
PSEUDO = "eo"
"""A language that stands for any other: all its texts are English between brackets."""
DATA = re.compile(
    r"Geostead|team-\w+|\S+@\S+|https?:\S+|Shops?|Mistakes|Harbour|Market|Mill|Tower|Lat\b|Lon\b|Vera|Edgar|Olga|shops\.csv|YOUR_KEY|[0-9a-f]{32}|master|query|Edm\.\w+"
    r"|EntityID|Name|Latitude|Longitude|UTC|Bytes|[kMG]?B|curl|JavaScript|Python|C#|XML|CSV|GeoJSON|GeoParquet|\b[a-z]\b"
)
"""What is the same in every language: names, units, formats, and what the tests themselves have put there."""


def texts_in_sources() -> set[str]:
    found = extract_from_dir(SOURCES, METHODS, OPTIONS, KEYWORDS)
    return {text if isinstance(text, str) else text[0] for _file, _line, text, _comments, _context in found}


def texts_in_catalogue() -> Catalog:
    with (locale_folder() / "console.pot").open("rb") as file:
        return read_po(file)


def test_the_catalogue_has_all_texts_and_no_others() -> None:
    catalogue = {one.id if isinstance(one.id, str) else one.id[0] for one in texts_in_catalogue() if one.id}
    assert texts_in_sources() == catalogue, "make texts"


def test_scripts_are_handed_every_text_that_they_say_and_no_others() -> None:
    said: set[str] = set()
    for module in (SOURCES / "assets").rglob("*.js"):
        found = extract_from_file("javascript", module, {"_": None})
        said |= {text for _line, text, _comments, _context in found if isinstance(text, str)}
    assert said == set(SCRIPT_TEXTS)


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("", "en"),
        ("de", "de"),
        ("de-AT,en;q=0.8", "de"),
        ("fr,de;q=0.5,en;q=0.7", "en"),
        ("fr;q=0.9,de;q=0.4", "de"),
        ("de;q=0,en", "en"),
        ("pt-BR", "pt-BR"),
        ("pt", "en"),
        ("*", "en"),
        ("de;q=lots", "en"),
    ],
)
def test_the_language_is_the_one_that_the_browser_likes_best_of_those_that_there_are(
    accepted: str, language: str
) -> None:
    assert best_language(accepted, ("en", "de", "pt-BR")) == language


@given(accepted=st.text())
def test_whatever_a_browser_accepts_there_is_a_language(accepted: str) -> None:
    assert best_language(accepted, ("en", "de")) in ("en", "de")


@pytest.fixture(scope="module")
def pseudo_locale(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a catalogue in which every text stands between brackets."""
    translated = Catalog(PSEUDO)
    for one in texts_in_catalogue():
        if one.id:
            ids = [one.id] if isinstance(one.id, str) else list(one.id)
            bracketed = [f"⟦{text}⟧" for text in ids]
            translated.add(one.id, bracketed[0] if isinstance(one.id, str) else bracketed)
    folder = tmp_path_factory.mktemp("locale")
    file = folder / PSEUDO / "LC_MESSAGES" / "console.mo"
    file.parent.mkdir(parents=True)
    with file.open("wb") as written:
        write_mo(written, translated)
    return folder


@pytest.fixture(scope="module")
def furnished(team: Team) -> Furnished:
    return Furnished(team)


@dataclass
class Foreigner:
    """Asks the installation of the tests for pages in the made-up language."""

    app: ASGIApp
    cookies: dict[str, str]

    def get(self, url: str) -> httpx.Response:
        async def ask() -> httpx.Response:
            headers = {"accept-language": PSEUDO}
            transport = httpx.ASGITransport(self.app)
            async with httpx.AsyncClient(transport=transport, headers=headers, cookies=self.cookies) as client:
                return await client.get(url)

        return anyio.run(ask)


@pytest.fixture(scope="module")
def foreigner(console: Console, team: Team, pseudo_locale: Path) -> Foreigner:
    mounted = create_console(console.services, ConsoleOptions(locale_dir=pseudo_locale), BaseUrls(HttpOptions()))
    app = create_app(console.services, HttpOptions(), mounted={"/console": mounted})
    return Foreigner(app, {cookie["name"]: cookie["value"] for cookie in team.cookies(Role.OWNER)})


@pytest.mark.parametrize("stop", [stop for stop in all_stops() if stop.page.reads], ids=str)
def test_nothing_that_people_read_on_a_page_escapes_translation(
    stop: Stop, foreigner: Foreigner, furnished: Furnished
) -> None:
    reply = foreigner.get(stop.url(furnished))
    if "<!DOCTYPE html>" not in reply.text:
        return
    assert '<html lang="eo">' in reply.text
    assert [text for text in _read_by_people(reply.text) if _is_english(text)] == []


def _read_by_people(page: str) -> Iterator[str]:
    root = html.fromstring(page)
    for untranslated in root.xpath("//*[@translate='no']"):
        untranslated.clear(keep_tail=True)
    for element in root.iter():
        if not isinstance(element.tag, str) or element.tag in ("script", "style", "code", "pre", "option", "textarea"):
            continue
        yield from (element.get(name, "") for name in ("aria-label", "placeholder", "title", "alt", "data-label"))
        yield element.text or ""
        yield from (child.tail or "" for child in element)


def _is_english(text: str) -> bool:
    """Tell whether there are words outside of brackets that are not data."""
    outside = re.sub(r"⟦[^⟦⟧]*⟧", "", text)
    while outside != text:
        text, outside = outside, re.sub(r"⟦[^⟦⟧]*⟧", "", outside)
    return re.search(r"[A-Za-z]", DATA.sub("", outside)) is not None
