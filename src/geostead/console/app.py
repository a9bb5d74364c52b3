"""The console: every page on one screen, with the role that it takes."""

from __future__ import annotations

from starlette.routing import Router
from starlette.types import ASGIApp

from geostead.console import home
from geostead.console.options import ConsoleOptions
from geostead.console.page import Office, Page
from geostead.console.rendering import make_environment
from geostead.console.sessions import Sessions
from geostead.http.base_urls import BaseUrls
from geostead.operations.services import Services


def create_console(services: Services, options: ConsoleOptions, base_urls: BaseUrls) -> ASGIApp:
    """Build the application that is mounted at ``/console``."""
    office = Office(services, options, base_urls, make_environment(), Sessions())
    return Router(pages(office), redirect_slashes=False)


def pages(office: Office) -> list[Page]:
    """Return every page. Reading takes the role viewer and acting editor where nothing else is said."""
    return [
        Page("", office, home.show),
        Page("/", office, home.show),
    ]
