"""What the processes of an installation run."""

from __future__ import annotations

import os
import secrets
import shlex
import socket
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.types import ASGIApp

from geostead.catalog.sql_catalog import SqlCatalog
from geostead.http.app import create_app
from geostead.http.base_urls import BaseUrls
from geostead.http.options import HttpOptions
from geostead.jobs.chores import Chores
from geostead.jobs.warm_up import WarmUp
from geostead.jobs.worker import Worker
from geostead.operations.expire import expire
from geostead.operations.measure import Measuring
from geostead.operations.recorded_uses import RecordedUses
from geostead.operations.warm_up import warm_up
from geostead.settings import Settings, load_settings
from geostead.snapshots.store import FolderSnapshots
from geostead.telemetry.node_meters import NodeMeters
from geostead.telemetry.own_process import Role
from geostead.wiring.installation import build_services, owned_services
from geostead.wiring.stores import build_snapshots
from geostead.wiring.tracing import build_tracing

if TYPE_CHECKING:
    from geostead.console.openid import OpenIdOptions
    from geostead.operations.services import Services


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
    built = build_services(settings, NodeMeters(Role.HTTP_SERVER, node), build_tracing(settings))
    services = replace(built, uses=RecordedUses(built.catalog, built.now))
    mounted = {"/console": _build_console(settings, services, options)} if settings.console else {}
    return create_app(services, options, is_draining, mounted)


def _build_console(settings: Settings, services: Services, options: HttpOptions) -> ASGIApp:
    from geostead.console.app import create_console
    from geostead.console.options import ConsoleOptions

    chosen = ConsoleOptions(
        cli_options=data_dir_option(settings),
        access_log=settings.access_log,
        openid=_openid(settings),
        map_style_url=settings.map_style_url,
        map_tiles_url=settings.map_tiles_url,
        map_attribution=settings.map_attribution or "",
    )
    return create_console(services, chosen, BaseUrls(options))


def _openid(settings: Settings) -> OpenIdOptions | None:
    from geostead.console.openid import OpenIdOptions

    if settings.oidc_issuer is None or settings.oidc_client_id is None:
        return None
    return OpenIdOptions(
        issuer=settings.oidc_issuer,
        client_id=settings.oidc_client_id,
        client_secret=settings.openid_secret,
        name=settings.oidc_name,
    )


def data_dir_option(settings: Settings) -> str:
    """Return what makes a command work on this installation, wherever it is typed."""
    return f" --data-dir {shlex.quote(str(settings.data_dir.absolute()))}"


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
