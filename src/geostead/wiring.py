"""The composition root: the only module that names concrete classes."""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from starlette.types import ASGIApp

from geostead.blobs.fetch import HttpFiles
from geostead.blobs.folder import FolderBlobs
from geostead.catalog.sql_catalog import SqlCatalog
from geostead.durable import make_folder
from geostead.http.app import create_app
from geostead.http.options import HttpOptions
from geostead.jobs.worker import Worker
from geostead.model.ids import new_id
from geostead.operations.expire import expire
from geostead.operations.services import Services
from geostead.settings import Settings, load_settings
from geostead.snapshots.store import FolderSnapshots
from geostead.wire.entities_json import render_fragments


def build_services(settings: Settings) -> Services:
    """Build what operations work with. The catalog must have been migrated (:func:`prepared_services`)."""
    return Services(
        catalog=SqlCatalog(settings.catalog_url, now=_utc_now),
        snapshots=FolderSnapshots(settings.data_dir / "snapshots", render_fragments),
        blobs=FolderBlobs(settings.data_dir / "blobs"),
        remote=HttpFiles(settings.allowed_fetch_hosts),
        now=_utc_now,
        new_id=new_id,
    )


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


def build_http_app(settings: Settings) -> ASGIApp:
    """Build the application of one HTTP server process."""
    options = HttpOptions(
        public_url=settings.public_url,
        trusted_proxies=settings.trusted_proxies,
        strict_loads=settings.strict_loads,
        max_page_size=settings.max_page_size,
    )
    return create_app(build_services(settings), options)


def http_app() -> ASGIApp:
    """Build the application from ``GEOSTEAD_*`` variables, for those who run a server of their own."""
    return build_http_app(load_settings(os.environ))


def build_worker(settings: Settings, *, with_chores: bool) -> Worker:
    """Build the worker of one process; one of them should do the hourly chores of the installation."""
    services = build_services(settings)
    name = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
    return Worker(services, name, chores=partial(expire, services) if with_chores else None)


def _make_private_folder(folder: Path) -> None:
    if not folder.exists():
        make_folder(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)
    make_folder(folder)


def _utc_now() -> datetime:
    return datetime.now(UTC)
