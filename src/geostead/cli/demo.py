"""``geostead demo``: the whole way from an empty folder to query results, over HTTP."""

from __future__ import annotations

import importlib.util
import signal
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from geostead.errors import GeosteadError

_EXTRAS = ("airportsdata",)


class DemoNotInstalled(GeosteadError):
    """The packages that only the demo needs are not there."""


def demo(
    once: Annotated[bool, typer.Option("--once", help="Stop after the queries instead of serving on.")] = False,
) -> None:
    """Start a server on a throw-away folder, load the world's airports, query them, and print what to open next."""
    missing = [name for name in _EXTRAS if importlib.util.find_spec(name) is None]
    if missing:
        raise DemoNotInstalled(f"The demo needs {' and '.join(missing)}: pip install 'geostead[demo]'.")
    from geostead.cli.demo_tour import take_tour

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # so that the server and the folder go, as on Ctrl-C
    with tempfile.TemporaryDirectory(prefix="geostead-demo-") as folder:
        take_tour(Path(folder), once=once)
