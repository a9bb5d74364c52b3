"""The composition root: the only module that names concrete classes."""

from __future__ import annotations

import hashlib
import os
import secrets
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from datetime import UTC, datetime
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from starlette.types import ASGIApp

from geostead import __version__
from geostead.blobs.base import BlobStore
from geostead.blobs.fetch import HttpFiles
from geostead.blobs.folder import FolderBlobs
from geostead.blobs.objects import ObjectBlobs
from geostead.catalog.base import Catalog
from geostead.catalog.sql_catalog import SqlCatalog
from geostead.durable import make_folder
from geostead.errors import GeosteadError
from geostead.geocoding.base import Geocoder
from geostead.geocoding.places import Places
from geostead.http.app import create_app
from geostead.http.options import HttpOptions
from geostead.jobs.chores import Chores
from geostead.jobs.warm_up import WarmUp
from geostead.jobs.worker import Worker
from geostead.model.engine import EntityEngine
from geostead.model.ids import new_id
from geostead.operations.expire import expire
from geostead.operations.measure import Measuring
from geostead.operations.own_places import own_places
from geostead.operations.services import Services
from geostead.operations.warm_up import warm_up
from geostead.ownership.base import Place
from geostead.ownership.folder import FolderPlace
from geostead.ownership.objects import ObjectPlace
from geostead.routing.base import DescribedRouter
from geostead.routing.by_mode import ByMode
from geostead.routing.engine_server import EngineServer
from geostead.routing.engine_url import Engine, parse_engine_url
from geostead.routing.graphs import FOLDER_NAME
from geostead.routing.osrm_embedded import EmbeddedOsrm
from geostead.routing.osrm_http import OsrmServer
from geostead.routing.valhalla_http import ValhallaServer
from geostead.settings import CATALOG_FILE, OTLP_VARIABLE, Settings, load_settings, variable_of
from geostead.snapshots.base import SnapshotStore
from geostead.snapshots.store import FolderSnapshots
from geostead.telemetry.meters import NO_METERS, Meters
from geostead.telemetry.node_meters import NodeMeters
from geostead.telemetry.own_process import Role
from geostead.telemetry.tracing import NO_TRACING, Tracing
from geostead.wire.entities_json import render_fragments

if TYPE_CHECKING:
    from geostead.objects.cloud import CloudObjects
    from geostead.snapshots.objects import ObjectSnapshots


def build_services(settings: Settings, meters: Meters = NO_METERS, tracing: Tracing = NO_TRACING) -> Services:
    """Build what operations work with. The catalog must have been migrated (:func:`prepared_services`)."""
    return Services(
        catalog=SqlCatalog(settings.catalog_url),
        snapshots=_entities(settings, meters),
        blobs=_blobs(settings),
        remote=HttpFiles(settings.allowed_fetch_hosts),
        router=build_router(settings),
        geocoder=_geocoder(settings),
        now=_utc_now,
        new_id=new_id,
        meters=meters,
        tracing=tracing,
        engines=settings.engines,
    )


def build_tracing(settings: Settings) -> Tracing:
    """Build what records traces, where a collector is configured. Raises MissingExtra."""
    if settings.otlp_endpoint is None:
        return NO_TRACING
    check_tracing(settings)
    from geostead.telemetry.otlp import OtlpTracing

    return OtlpTracing(settings.otlp_endpoint)


class MissingExtra(GeosteadError):
    """The settings ask for what this environment has not got installed."""


def check_tracing(settings: Settings) -> None:
    """Raise MissingExtra where traces are wanted and cannot be sent."""
    if settings.otlp_endpoint is not None and not _is_installed("opentelemetry.exporter.otlp.proto.http"):
        raise MissingExtra(
            f"{OTLP_VARIABLE} or {variable_of('otlp_endpoint')} is set, but what sends traces is not installed. "
            "Install it with: pip install 'geostead[telemetry]'"
        )


def _is_installed(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:  # already what it belongs to is missing
        return False


def build_snapshots(settings: Settings, meters: Meters = NO_METERS) -> FolderSnapshots | ObjectSnapshots:
    """Build the store of snapshots: a folder, or an object store with a cache on this node."""
    folder = settings.store_folder
    if folder is not None:
        return FolderSnapshots(folder / "snapshots", render_fragments, meters)
    from geostead.snapshots.node_cache import NodeCache
    from geostead.snapshots.objects import ObjectSnapshots

    assert settings.store_url is not None
    # A folder for each store: installations that share a machine must not take each other's snapshots for needless.
    name = hashlib.sha256(settings.store_url.encode()).hexdigest()[:16]
    cache = NodeCache((settings.cache_dir or settings.data_dir / "cache") / name, settings.cache_bytes, meters)
    return ObjectSnapshots(build_objects(settings), cache, render_fragments, meters)


def tidy_cache(settings: Settings) -> None:
    """Remove what killed processes of this node left in its cache. Raises OSError where that is not possible."""
    snapshots = build_snapshots(settings)
    if not isinstance(snapshots, FolderSnapshots):
        snapshots.sweep()


def _entities(settings: Settings, meters: Meters) -> SnapshotStore:
    """Build the store of snapshots; with PostGIS beside it where there is a database for entities."""
    files = build_snapshots(settings, meters)
    if settings.postgis_url is None:
        return files
    from geostead.snapshots.by_engine import ByEngine
    from geostead.snapshots.postgis.store import PostgisSnapshots

    return ByEngine(files, PostgisSnapshots(settings.postgis_url, render_fragments, settings.entities_replica_url))


def _blobs(settings: Settings) -> BlobStore:
    folder = settings.store_folder
    if folder is not None:
        return FolderBlobs(folder / "blobs")
    return ObjectBlobs(build_objects(settings), settings.data_dir / "spool")


def build_objects(settings: Settings) -> CloudObjects:
    """Build the client of the object store that the settings name. Raises UnfitStore."""
    from geostead.objects.cloud import CloudObjects  # most installations can do without

    assert settings.store_url is not None
    return CloudObjects(settings.store_url)


def check_store(settings: Settings) -> None:
    """Return if the object store, where the settings name one, can be used. Raises Unavailable, or UnfitStore."""
    if settings.store_folder is None:
        build_objects(settings).check()


def check_entities(settings: Settings) -> None:
    """Return if the database for entities, where one is asked for, can be used. Raises Unavailable, or Unfit."""
    if settings.postgis_url is None or (settings.entities_url is None and settings.entities != EntityEngine.POSTGIS):
        return
    from geostead.snapshots.postgis.store import PostgisSnapshots

    with closing(PostgisSnapshots(settings.postgis_url, render_fragments)) as store:
        store.try_out()


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


def build_places(settings: Settings) -> list[Place]:
    """Build the places that files of the installation are kept in: each belongs to one installation."""
    places = [_store_place(settings)]
    if settings.postgis_url is not None:
        from geostead.snapshots.postgis.place import PostgisPlace

        places.append(PostgisPlace(settings.postgis_url))
    return places


def _store_place(settings: Settings) -> Place:
    folder = settings.store_folder
    if folder is None:
        objects = build_objects(settings)
        from geostead.snapshots.stored_files import stored_ids

        return ObjectPlace(objects, objects.url, partial(stored_ids, objects))
    if settings.database_url is None and folder == settings.data_dir:
        return FolderPlace(folder, tuple)  # whatever is in it has come with the catalog, which is in it too
    return FolderPlace(folder, FolderSnapshots(folder / "snapshots", render_fragments).ids)


@contextmanager
def owned_services(settings: Settings) -> Iterator[Services]:
    """Open an installation as :func:`prepared_services` does, to work on its files. Raises PlaceOfAnother."""
    with prepared_services(settings) as services:
        own_places(services.catalog, build_places(settings))
        yield services


@contextmanager
def existing_services(settings: Settings) -> Iterator[Services]:
    """Open an installation that is there, as :func:`prepared_services` does. Raises NoInstallation."""
    existing_data_folder(settings)
    with prepared_services(settings) as services:
        yield services


def existing_data_folder(settings: Settings) -> Path:
    """Return the data folder of an installation that is there. Raises NoInstallation.

    Where database and store are elsewhere, nothing that belongs to the installation is in it, so that it is made here
    where it is missing.
    """
    catalog = settings.data_dir / CATALOG_FILE
    if settings.database_url is not None and settings.store_folder is None:
        _make_private_folder(settings.data_dir)
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
        services.close()


def build_http_app(
    settings: Settings, is_draining: Callable[[], bool] = lambda: False, node: Path | None = None
) -> ASGIApp:
    """Build the application of one HTTP server process; ``is_draining`` tells whether it is about to stop.

    ``node`` is the folder in which the processes of this node write what they count; None: this process is all of it.
    """
    options = HttpOptions(
        public_url=settings.public_url,
        trusted_proxies=settings.trusted_proxies,
        strict_loads=settings.strict_loads,
        max_page_size=settings.max_page_size,
        metrics_allowed=settings.metrics_allowed if settings.metrics_port is None else (),
        access_log=settings.access_log,
    )
    services = build_services(settings, NodeMeters(Role.HTTP_SERVER, node), build_tracing(settings))
    return create_app(services, options, is_draining)


def http_app() -> ASGIApp:
    """Build the application from ``GEOSTEAD_*`` variables, for those who run a server of their own."""
    return build_http_app(load_settings(os.environ))


def build_worker(settings: Settings, node: Path | None = None) -> Worker:
    """Build the worker of one process; ``node`` as in :func:`build_http_app`."""
    services = build_services(settings, NodeMeters(Role.JOB_WORKER, node), build_tracing(settings))
    return Worker(services, f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}")


def build_measuring(settings: Settings, node: Path) -> Measuring:
    """Build what measures a node for the process that supervises the others."""
    return Measuring(build_services(settings, NodeMeters(Role.SUPERVISOR, node)))


def build_chores(settings: Settings) -> Chores:
    """Build the hourly chores of an installation: for one process of each command that goes on running."""
    return Chores(partial(_expire, settings))


def build_warm_up(settings: Settings) -> AbstractContextManager[object]:
    """Build what keeps the cache of a node warm: for one process of each server. A folder needs none."""
    if settings.store_folder is not None:
        return nullcontext()
    catalog = SqlCatalog(settings.catalog_url)
    node = build_snapshots(settings)
    assert not isinstance(node, FolderSnapshots)
    return WarmUp(catalog.revision, partial(warm_up, catalog, node))


def _expire(settings: Settings) -> Mapping[str, int]:
    with owned_services(settings) as services:
        return expire(services).counts


def _make_private_folder(folder: Path) -> None:
    if not folder.exists():
        make_folder(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)
    make_folder(folder)


def _utc_now() -> datetime:
    return datetime.now(UTC)
