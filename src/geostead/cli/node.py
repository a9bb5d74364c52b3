"""What the processes of one run of ``serve`` or ``worker`` share to be measured as one node."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from geostead.cli.http_server import free_port
from geostead.settings import Settings, variable_of
from geostead.telemetry.numbers import Numbers
from geostead.wiring.processes import build_measuring
from geostead.wiring.tracing import check_tracing


@contextmanager
def measured_node(settings: Settings) -> Iterator[Path]:
    """Make the folder in which processes write what they count, and serve ``/metrics`` where that has its own port.

    The folder is of this run alone, so that it begins at nothing. Raises PortTaken where the port is, MissingExtra
    where traces are wanted and cannot be sent.
    """
    check_tracing(settings)
    if settings.metrics_port is not None:
        free_port(settings.host, settings.metrics_port, variable_of("metrics_port"))
    with TemporaryDirectory(prefix="geostead-node-") as folder:
        node = Path(folder)
        if settings.metrics_port is None:
            yield node
        else:
            with _served(settings, settings.metrics_port, node):
                yield node


@contextmanager
def _served(settings: Settings, port: int, node: Path) -> Iterator[None]:
    from prometheus_client import start_http_server

    from geostead.wire.metrics_text import all_numbers, registry_of

    measuring = build_measuring(settings, node)

    def measure() -> Numbers:
        measured = measuring.measure()
        return all_numbers(measured.node, measured.installation)

    server, thread = start_http_server(port, settings.host, registry_of(measure))
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        measuring.close()
