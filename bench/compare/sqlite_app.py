"""The bare application over SQLite: ``/{work}`` with parameters is its statement; rows are JSON already."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Awaitable, Callable
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl

import numpy as np
import shapely

from bench.compare.sql import SQLITE_CANDIDATES, sqlite_statements

_Send = Callable[[dict[str, Any]], Awaitable[None]]
_STATEMENTS = sqlite_statements("body", "bodies")
_HEADERS = [(b"content-type", b"application/json; charset=utf-8")]
_BODIES = "SELECT body FROM bodies WHERE row IN (SELECT value FROM json_each(?)) ORDER BY row"


async def app(scope: dict[str, Any], _receive: Callable[[], Awaitable[dict[str, Any]]], send: _Send) -> None:
    """Answer with the rows of a statement."""
    if scope["type"] != "http":
        return
    body = _answer(scope["path"][1:], dict(parse_qsl(scope["query_string"].decode()))).encode()
    headers = [*_HEADERS, (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _answer(work: str, parameters: dict[str, str]) -> str:
    if work == "polygon":
        return _as_array(_in_polygon(parameters))
    if work not in _STATEMENTS:
        return "{}"
    rows = _connection().execute(_STATEMENTS[work], parameters).fetchall()
    if work == "country-box":
        return f'{{"count":{rows[0][1] if rows else 0},"results":{_as_array(rows)}}}'
    return _as_array(rows)


def _as_array(rows: list[tuple[str, ...]]) -> str:
    return f"[{','.join(row[0] for row in rows)}]"


def _in_polygon(parameters: dict[str, str]) -> list[tuple[str, ...]]:
    """Look at the points of the box around the polygon with shapely, which is much faster than a statement."""
    candidates = _connection().execute(SQLITE_CANDIDATES, parameters).fetchall()
    if not candidates:
        return []
    rows, longitudes, latitudes = np.array(candidates).T
    polygon = shapely.Polygon(json.loads(parameters["ring"]))
    shapely.prepare(polygon)
    inside = rows[shapely.intersects_xy(polygon, longitudes, latitudes)][: int(parameters["top"])]
    return _connection().execute(_BODIES, (json.dumps(inside.tolist()),)).fetchall()


@lru_cache
def _connection() -> sqlite3.Connection:
    """Open the file for good: every request is answered on the one thread of the event loop."""
    connection = sqlite3.connect(f"file:{os.environ['BENCH_SQLITE']}?immutable=1", uri=True, check_same_thread=False)
    connection.execute(f"PRAGMA mmap_size = {2**36}")
    return connection
