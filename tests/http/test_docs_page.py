from dataclasses import replace
from urllib.parse import urljoin

import pytest
from lxml import html

from geostead.http.docs_page import FILES
from geostead.http.options import HttpOptions
from geostead.operations.services import Services
from tests.http.door import Door


def test_the_root_leads_to_the_page(door: Door) -> None:
    reply = door.get("//places.test/")
    assert reply.status_code == 307
    assert urljoin("http://places.test/", reply.headers["Location"]) == "http://places.test/docs"


@pytest.mark.parametrize("url", ["//places.test/docs", "//places.test/docs/", "//places.test/DOCS"])
def test_everything_that_the_page_needs_is_below_it(door: Door, url: str) -> None:
    page = html.fromstring(door.get(url).text)
    needed = [*page.xpath("//@src"), *page.xpath("//link/@href")]
    assert {path.removeprefix("/docs/") for path in needed} == FILES.keys()
    for path in needed:
        reply = door.get(f"//places.test{path}")
        assert reply.status_code == 200
        assert reply.headers["Content-Type"].partition(";")[0] == FILES[path.removeprefix("/docs/")].media_type


def test_the_policy_of_the_page_allows_nothing_from_elsewhere_and_nothing_inline(door: Door) -> None:
    reply = door.get("//places.test/docs")
    policy = dict(directive.strip().split(" ", 1) for directive in reply.headers["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert {source for sources in policy.values() for source in sources.split()} == {"'none'", "'self'", "data:"}
    page = html.fromstring(reply.text)
    assert not page.xpath("//style | //@style | //script[not(@src)] | //script/text()")


def test_below_a_public_url_with_a_path_the_page_finds_its_files(services: Services) -> None:
    door = Door(services, replace(HttpOptions(), public_url="https://example.com/places/"))
    page = html.fromstring(door.get("//places.test/docs").text)
    assert all(path.startswith("/places/docs/") for path in [*page.xpath("//@src"), *page.xpath("//link/@href")])


@pytest.mark.parametrize("name", ["index.html", "swagger-initializer.js", "..%2Fapp.py", "%2e%2e/app.py"])
def test_no_other_file_is_handed_out(door: Door, name: str) -> None:
    assert door.get(f"//places.test/docs/{name}").status_code == 404


@pytest.mark.parametrize("path", ["openapi.json", "docs", "docs/swagger-ui.css"])
def test_what_a_cache_has_already_is_304(door: Door, path: str) -> None:
    first = door.get(f"//places.test/{path}")
    again = door.get(f"//places.test/{path}", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert first.headers["Cache-Control"] == again.headers["Cache-Control"] == "no-cache"
