"""The console over HTTP in the process of the test, with its clock, and people without a browser who visit it."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import unescape
from typing import Any

import httpx
import uvicorn
from starlette.types import ASGIApp

from geostead.console.app import create_console
from geostead.console.openid import OpenIdOptions
from geostead.console.options import ConsoleOptions
from geostead.http.app import create_app
from geostead.http.base_urls import BaseUrls
from geostead.http.options import HttpOptions
from geostead.operations.services import Services

TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


@contextmanager
def serving(app: ASGIApp) -> Iterator[str]:
    """Serve an application in a thread until the block is left; give the URL of the server."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="critical", lifespan="off", proxy_headers=False))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive()
            time.sleep(0.005)
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


def console_of(services: Services, openid: OpenIdOptions | None = None, **options: Any) -> ASGIApp:
    """Return the whole service with its console; ``options`` are those of the door."""
    door = HttpOptions(**options)
    console = create_console(services, ConsoleOptions(openid=openid, access_log=door.access_log), BaseUrls(door))
    return create_app(services, door, mounted={"/console": console})


def _client() -> httpx.Client:
    """Return a client that keeps no connection open: nobody has to close it."""
    return httpx.Client(timeout=30, limits=httpx.Limits(max_keepalive_connections=0))


@dataclass
class Visitor:
    """Somebody who reads pages and sends forms as a browser does; redirects are shown, not followed."""

    url: str
    client: httpx.Client = field(default_factory=_client)

    def read(self, path: str) -> httpx.Response:
        return self.client.get(self.url + path)

    def token(self, path: str) -> str:
        """Return the token of a form of a page."""
        found = TOKEN.search(self.read(path).text)
        assert found is not None, path
        return unescape(found[1])

    def send(
        self, path: str, form: Mapping[str, str], at: str | None = None, headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        """Send a form of the page ``at`` (by default the one that is sent to), with its token."""
        form = {"csrf_token": self.token(at or path), **form}
        return self.client.post(self.url + path, data=form, headers=headers)

    def sign_in(self, email: str, password: str, wanted: str = "", **headers: str) -> httpx.Response:
        form = {"email": email, "password": password, "next": wanted}
        page = "/console/me" if self.cookie() else "/console/sign-in"  # who has signed in is not shown the form
        return self.send("/console/sign-in", form, at=page, headers=headers)

    @property
    def is_in(self) -> bool:
        """Whether pages that need a session are shown."""
        return self.read("/console/me").status_code == 200

    def cookie(self, name: str = "geostead_session") -> str | None:
        return self.client.cookies.get(name)
