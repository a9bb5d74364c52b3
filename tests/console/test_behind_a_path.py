"""The console below a path of another site, on a map of the operator's, and switched off."""

from __future__ import annotations

import re
from pathlib import Path

import anyio
import httpx
import pytest

from geostead.console.app import create_console
from geostead.console.headers import content_security_policy
from geostead.console.options import ConsoleOptions
from geostead.http.app import create_app
from geostead.http.base_urls import BaseUrls
from geostead.http.options import HttpOptions
from geostead.operations.services import Services
from geostead.settings import load_settings
from geostead.wiring.processes import build_http_app

PLACES = HttpOptions(public_url="https://example.com/places")


def test_all_that_a_page_leads_to_is_below_the_path_of_the_public_url(services: Services) -> None:
    mounted = {"/console": create_console(services, ConsoleOptions(), BaseUrls(PLACES))}
    app = create_app(services, PLACES, mounted=mounted)

    async def ask() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://inside") as client:
            return await client.get("/console/sign-in")

    reply = anyio.run(ask)
    links = re.findall(r'(?:href|src|action)="([^"#][^"]*)"', reply.text)
    assert len(links) > 4
    assert [link for link in links if not link.startswith("/places/console/")] == []
    assert "Secure" in reply.headers["set-cookie"]
    assert "Path=/places/console" in reply.headers["set-cookie"]


@pytest.mark.parametrize(
    "options",
    [
        ConsoleOptions(map_style_url="https://maps.example.com/style.json?token=1"),
        ConsoleOptions(map_tiles_url="https://maps.example.com/{z}/{x}/{y}.png"),
    ],
)
def test_the_host_of_the_operators_map_is_allowed_for_pictures_and_data_and_for_nothing_else(
    options: ConsoleOptions,
) -> None:
    policy = dict(part.split(" ", 1) for part in content_security_policy(options).split("; "))
    opened = {name for name, sources in policy.items() if "maps.example.com" in sources}
    assert opened == {"img-src", "connect-src"}
    assert "https://maps.example.com" in policy["img-src"].split()


def test_without_a_map_of_the_operators_no_other_host_is_allowed() -> None:
    assert "http" not in content_security_policy(ConsoleOptions())


def test_a_console_that_is_switched_off_is_not_there(services: Services, tmp_path: Path) -> None:
    services.close()
    settings = load_settings({"GEOSTEAD_CONSOLE": "false", "GEOSTEAD_DATA_DIR": str(tmp_path)})
    app = build_http_app(settings)

    async def ask() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://inside") as client:
            return await client.get("/console")

    assert anyio.run(ask).status_code == 404
