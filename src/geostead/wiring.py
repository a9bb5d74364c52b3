"""The composition root: the only module that names concrete classes."""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from starlette.types import ASGIApp

from geostead import __version__
from geostead.blobs.fetch import HttpFiles
from geostead.blobs.folder import FolderBlobs
from geostead.catalog.base import Catalog
from geostead.catalog.sql_catalog import SqlCatalog
from geostead.durable import make_folder
from geostead.errors import GeosteadError
from geostead.geocoding.base import Geocoder
from geostead.geocoding.places import Places
from geostead.http.app import create_app
from geostead.http.options import HttpOptions
from geostead.jobs.chores import Chores
from geostead.jobs.worker import Worker
from geostead.model.ids import new_id
from geostead.operations.expire import expire
from geostead.operations.services import Services
from geostead.routing.base import DescribedRouter
from geostead.routing.by_mode import ByMode
from geostead.routing.engine_server import EngineServer
from geostead.routing.engine_url import Engine, parse_engine_url
from geostead.routing.graphs import FOLDER_NAME
from geostead.routing.osrm_embedded import EmbeddedOsrm
from geostead.routing.osrm_http import OsrmServer
from geostead.routing.valhalla_http import ValhallaServer
from geostead.settings import CATALOG_FILE, Settings, load_settings
from geostead.snapshots.store import FolderSnapshots
from geostead.wire.entities_json import render_fragments


def build_services(settings: Settings) -> Services:
    """Build what operations work with. The catalog must have been migrated (:func:`prepared_services`)."""
    return Services(
        catalog=SqlCatalog(settings.catalog_url, now=_utc_now),
        snapshots=FolderSnapshots(settings.data_dir / "snapshots", render_fragments),
        blobs=FolderBlobs(settings.data_dir / "blobs"),
        remote=HttpFiles(settings.allowed_fetch_hosts),
        router=build_router(settings),
        geocoder=_geocoder(settings),
        now=_utc_now,
        new_id=new_id,
    )


def _geocoder(settings: Settings) -> Geocoder | None:
    match settings.geocoder:
        case "none":
            return None
        case "places":
            return Places(settings.places_dir or settings.data_dir / "places")
        case service:
            return _geocoding_service(service, settings)


def _geocoding_service(name: str, settings: Settings) -> Geocoder:
    from geostead.geocoding.remote import ServiceSettings, ask_service  # takes 0.2 s that most can do without

    return ask_service(
        ServiceSettings(
            name=name,
            url=settings.geocoder_url,
            key=settings.geocoder_key,
            rate=settings.geocoder_rate,
            user_agent=f"Geostead/{__version__} ({settings.public_url or 'self-hosted'})",
            turns_file=settings.data_dir / "geocoder-turns",
        )
    )


def build_router(settings: Settings) -> DescribedRouter:
    """Build the servers that the settings name; a mode without one has the graphs of the data folder."""
    urls = settings.routing_urls
    servers = {url: _routing_server(url, settings.routing_timeout_s) for url in urls.values()}
    return ByMode({mode: servers[url] for mode, url in urls.items()}, EmbeddedOsrm(settings.data_dir / FOLDER_NAME))


def _routing_server(text: str, timeout_s: float) -> DescribedRouter:
    url = parse_engine_url(text)
    server = EngineServer(url, timeout_s)
    match url.engine:
        case Engine.OSRM:
            return OsrmServer(server)
        case Engine.VALHALLA:
            return ValhallaServer(server)


class NoInstallation(GeosteadError):
    """A command that works on an installation was pointed at a folder that holds none."""


@contextmanager
def existing_services(settings: Settings) -> Iterator[Services]:
    """Open an installation that is there, as :func:`prepared_services` does. Raises NoInstallation."""
    existing_data_folder(settings)
    with prepared_services(settings) as services:
        yield services


def existing_data_folder(settings: Settings) -> Path:
    """Return the data folder of an installation that is there. Raises NoInstallation."""
    catalog = settings.data_dir / CATALOG_FILE
    if not settings.data_dir.is_dir() or (settings.database_url is None and not catalog.is_file()):
        raise NoInstallation(
            f"There is no installation in {settings.data_dir.absolute()}. "
            "Name another folder with --data-dir; 'geostead account create' makes a new installation."
        )
    return settings.data_dir


@contextmanager
def scratch_catalog() -> Iterator[Catalog]:
    """Make an empty catalog for a moment, to read a copy of another one."""
    with TemporaryDirectory(prefix="geostead-") as folder:
        catalog = SqlCatalog(f"sqlite:///{Path(folder) / CATALOG_FILE}", now=_utc_now)
        try:
            catalog.migrate()
            yield catalog
        finally:
            catalog.close()


@contextmanager
def prepared_services(settings: Settings) -> Iterator[Services]:
    """Create the data folder and migrate the catalog where that is due; close it in the end.

    A new data folder is for this account of the machine alone; who else may read one that exists is the operator's
    decision.
    """
    _make_private_folder(settings.data_dir)
    services = build_services(settings)
    try:
        services.catalog.migrate()
        yield services
    finally:
        services.catalog.close()


def build_http_app(settings: Settings, is_draining: Callable[[], bool] = lambda: False) -> ASGIApp:
    """Build the application of one HTTP server process; ``is_draining`` tells whether it is about to stop."""
    options = HttpOptions(
        public_url=settings.public_url,
        trusted_proxies=settings.trusted_proxies,
        strict_loads=settings.strict_loads,
        max_page_size=settings.max_page_size,
    )
    return create_app(build_services(settings), options, is_draining)


def http_app() -> ASGIApp:
    """Build the application from ``GEOSTEAD_*`` variables, for those who run a server of their own."""
    return build_http_app(load_settings(os.environ))


def build_worker(settings: Settings) -> Worker:
    """Build the worker of one process."""
    return Worker(build_services(settings), f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}")


def build_chores(settings: Settings) -> Chores:
    """Build the hourly chores of an installation: for one process of each command that goes on running."""
    return Chores(partial(_expire, settings))


def _expire(settings: Settings) -> Mapping[str, int]:
    with prepared_services(settings) as services:
        return expire(services).counts


def _make_private_folder(folder: Path) -> None:
    if not folder.exists():
        make_folder(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)
    make_folder(folder)


def _utc_now() -> datetime:
    return datetime.now(UTC)
