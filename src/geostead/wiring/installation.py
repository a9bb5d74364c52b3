"""An installation, opened: what commands and processes work on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from geostead.blobs.fetch import HttpFiles
from geostead.catalog.base import Catalog
from geostead.catalog.sql_catalog import SqlCatalog
from geostead.durable import make_folder
from geostead.errors import GeosteadError
from geostead.model.ids import new_id
from geostead.operations.own_places import own_places
from geostead.operations.services import Services
from geostead.settings import CATALOG_FILE, Settings
from geostead.telemetry.meters import NO_METERS, Meters
from geostead.telemetry.tracing import NO_TRACING, Tracing
from geostead.wiring.lookups import build_geocoder, build_router
from geostead.wiring.stores import build_blobs, build_entities, build_places


def build_services(settings: Settings, meters: Meters = NO_METERS, tracing: Tracing = NO_TRACING) -> Services:
    """Build what operations work with. The catalog must have been migrated (:func:`prepared_services`)."""
    return Services(
        catalog=SqlCatalog(settings.catalog_url),
        snapshots=build_entities(settings, meters),
        blobs=build_blobs(settings),
        remote=HttpFiles(settings.allowed_fetch_hosts),
        router=build_router(settings),
        geocoder=build_geocoder(settings),
        now=utc_now,
        new_id=new_id,
        meters=meters,
        tracing=tracing,
        engines=settings.engines,
    )


class NoInstallation(GeosteadError):
    """A command that works on an installation was pointed at a folder that holds none."""


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
        catalog = SqlCatalog(f"sqlite:///{Path(folder) / CATALOG_FILE}", now=utc_now)
        try:
            catalog.migrate()
            yield catalog
        finally:
            catalog.close()


def _make_private_folder(folder: Path) -> None:
    if not folder.exists():
        make_folder(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)
    make_folder(folder)


def utc_now() -> datetime:
    """Return the time by the clock of this machine."""
    return datetime.now(UTC)
