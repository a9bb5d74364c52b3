"""The HTTP server in its worker processes: the one place that knows which server library it is."""

from __future__ import annotations

import gc
import http.client
import multiprocessing
import socket
import ssl
from functools import partial
from pathlib import Path

from granian import Granian
from granian.constants import Interfaces, Loops, SSLProtocols
from granian.log import LogLevels
from starlette.types import ASGIApp

from geostead.cli.drain import Drain
from geostead.cli.processes import STOP_S, end_with_parent
from geostead.errors import GeosteadError
from geostead.log_lines import logging_config
from geostead.settings import InvalidSetting, Settings

CONNECTIONS_PER_PROCESS = 2048
"""Open connections, idle ones included, that one process accepts; more wait in the backlog."""


class PortTaken(GeosteadError):
    """Another process listens there."""


def run_http_server(settings: Settings, drain: Drain, node: Path) -> None:
    """Serve until SIGTERM or SIGINT; then accept nothing more, finish the requests that are running and return.

    What is counted goes into the folder ``node``.
    """
    end_with_parent()
    # A fresh interpreter for each process: forking would duplicate this one's threads halfway through what they do.
    multiprocessing.set_start_method("spawn", force=True)
    server = Granian(
        target="geostead.wiring.processes:http_app",
        address=settings.host,
        port=settings.port,
        interface=Interfaces.ASGI,
        workers=settings.workers,
        loop=Loops.uvloop,
        websockets=False,
        backlog=1024,
        backpressure=CONNECTIONS_PER_PROCESS,
        log_level=LogLevels.warning,
        log_dictconfig=logging_config(settings.log_level),
        log_access=False,
        ssl_cert=settings.tls_cert,
        ssl_key=settings.tls_key,
        ssl_protocol_min=SSLProtocols.tls12,  # the clients that moved here are old
        respawn_failed_workers=True,
        workers_kill_timeout=int(STOP_S) - 5,
    )
    server.serve(target_loader=partial(_load_app, settings, drain, node), wrap_loader=False)


def _load_app(settings: Settings, drain: Drain, node: Path) -> ASGIApp:
    from geostead.wiring.processes import build_http_app  # not for the process between, which only keeps others alive

    end_with_parent()
    app = build_http_app(settings, drain.is_on, node)
    # What is there now stays: the collector need not look through it again and again while requests wait.
    gc.collect()
    gc.freeze()
    return app


def check_certificate(settings: Settings) -> None:
    """Raise InvalidSetting if there is a certificate and it cannot be used."""
    if settings.tls_cert is None or settings.tls_key is None:
        return
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(settings.tls_cert, settings.tls_key)
    except OSError as error:
        found = f"{settings.tls_cert} with {settings.tls_key}"
        raise InvalidSetting("TLS certificate", found, f"two PEM files that belong together ({error})") from error


def free_port(host: str, port: int, setting: str = "--port") -> int:
    """Return ``port``, or a free one for 0. Raises PortTaken where somebody listens already.

    The server library would share the port with whoever has it, so this has to be found out before. ``setting`` is
    what the message asks to be changed.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
            return int(probe.getsockname()[1])
    except OSError as error:
        raise PortTaken(f"Cannot listen on {host} port {port}: {error.strerror}. Choose another {setting}.") from error


def is_ready(settings: Settings) -> bool:
    """Ask the server whether it answers requests."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)  # noqa: S104  nothing is bound here
    connection: http.client.HTTPConnection
    if settings.tls_cert is None:
        connection = http.client.HTTPConnection(host, settings.port, timeout=2)
    else:
        # Our own process at an address, not a name: there is nothing that the certificate could prove here.
        connection = http.client.HTTPSConnection(
            host,
            settings.port,
            timeout=2,
            context=ssl._create_unverified_context(),  # noqa: S323
        )
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
