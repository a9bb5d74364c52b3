"""The time that Geostead itself takes for a query: within the process, through the ASGI application, no sockets."""

from __future__ import annotations

import asyncio
import statistics
import time
from pathlib import Path
from typing import Any

from starlette.types import ASGIApp

from bench.compare.ours import data_dir_of
from bench.compare.questions import FILTERED
from bench.compare.system import Material, System
from geostead.settings import Settings
from geostead.wiring.processes import build_http_app

_WARM_UP = 20
_MEASURED = 300


def measure_server_ms(material: Material, system: System) -> float:
    """Return the median in milliseconds for queries nearby 1000 km with a filter, each different, one at a time."""
    questions = FILTERED.questions(material.entities)
    paths = [path for question in questions if (path := system.path(question)) is not None]
    taken = asyncio.run(_seconds_each(data_dir_of(material), paths))
    return 1000 * statistics.median(taken[_WARM_UP:])


async def _seconds_each(data_dir: Path, paths: list[str]) -> list[float]:
    app = build_http_app(Settings(data_dir=data_dir))
    return [await _seconds(app, path) for path in paths[: _WARM_UP + _MEASURED]]


async def _seconds(app: ASGIApp, target: str) -> float:
    path, _, query = target.partition("?")
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(b"host", b"127.0.0.1")],
        "client": ("127.0.0.1", 0),
        "server": ("127.0.0.1", 80),
    }
    statuses: list[int] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    began = time.perf_counter()
    await app(scope, receive, send)
    taken = time.perf_counter() - began
    if statuses != [200]:
        raise RuntimeError(f"{target}: {statuses}")
    return taken
