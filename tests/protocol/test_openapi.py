"""The description of the API and the page to browse it: our own, outside of the contract."""

from __future__ import annotations

import re

import pytest

from tests.protocol.api import Api

DOCUMENT = "/openapi.json"
FILES = ("swagger-ui-bundle.js", "swagger-ui.css", "favicon-32x32.png", "start.js")


def test_the_description_is_open_to_every_origin_and_needs_no_key(api: Api) -> None:
    reply = api.server.client.get(DOCUMENT)
    assert (reply.status_code, reply.headers["content-type"]) == (200, "application/json")
    assert reply.headers["access-control-allow-origin"] == "*"
    assert reply.json()["openapi"] == "3.1.0"


def test_the_description_is_sent_again_only_when_it_has_changed(api: Api) -> None:
    tag = api.server.client.get(DOCUMENT).headers["etag"]
    again = api.server.client.get(DOCUMENT, headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")


def test_whoever_opens_the_server_in_a_browser_is_led_to_the_page(api: Api) -> None:
    reply = api.server.client.get("/", follow_redirects=True)
    assert (reply.status_code, reply.url.path) == (200, "/docs")
    assert reply.headers["content-type"] == "text/html; charset=utf-8"


def test_the_page_asks_nobody_else_for_anything(api: Api) -> None:
    reply = api.server.client.get("/docs")
    assert "default-src 'none'" in reply.headers["content-security-policy"]
    assert "//" not in reply.text
    assert set(re.findall(r'(?:src|href)="/docs/([^"]+)"', reply.text)) == set(FILES)


@pytest.mark.parametrize("name", FILES)
def test_every_file_of_the_page_is_there_and_no_other(api: Api, name: str) -> None:
    assert api.server.client.get(f"/docs/{name}").status_code == 200
    assert api.server.client.get(f"/docs/{name}x").status_code == 404
