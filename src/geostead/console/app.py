"""The console: every page on one screen, with the role that it takes."""

from __future__ import annotations

from starlette.routing import Mount, Router
from starlette.types import ASGIApp

from geostead.console import home, nowhere
from geostead.console.headers import SafeHeaders
from geostead.console.options import ConsoleOptions
from geostead.console.page import Needs, Office, Page
from geostead.console.rendering import make_environment
from geostead.console.sessions import Sessions
from geostead.console.sign_in import SignIn
from geostead.console.static import MOUNT, built_files
from geostead.http.base_urls import BaseUrls
from geostead.operations.services import Services


def create_console(services: Services, options: ConsoleOptions, base_urls: BaseUrls) -> ASGIApp:
    """Build the application that is mounted at ``/console``."""
    office = Office(services, options, base_urls, make_environment(), Sessions(services))
    routes = [Mount(MOUNT, built_files()), *pages(office)]
    return SafeHeaders(Router(routes, redirect_slashes=False), options)


def pages(office: Office) -> list[Page]:
    """Return every page. Reading takes the role viewer and acting editor where nothing else is said."""
    entrance = SignIn(office.sessions)
    return [
        Page("", office, home.show),
        Page("/", office, home.show),
        Page("/sign-in", office, entrance.show, entrance.enter, Needs(to_read=None, to_act=None)),
        Page("/sign-out", office, acts=entrance.leave, needs=Needs(to_read=None, to_act=None)),
        # What is asked for last: whatever no page above is.
        Page("/{rest:path}", office, nowhere.show, needs=Needs(to_read=None)),
    ]
