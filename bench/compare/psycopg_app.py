"""The bare application over PostGIS: ``/{work}`` with parameters is its statement; the database makes the JSON."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qsl

from psycopg_pool import AsyncConnectionPool

from bench.compare.sql import POSTGIS

_Send = Callable[[dict[str, Any]], Awaitable[None]]
_CONNECTIONS = 8
_FRACTIONS = frozenset({"latitude", "longitude", "km", "south", "west", "north", "east"})
_INTEGERS = frozenset({"top", "skip"})
_HEADERS = [(b"content-type", b"application/json; charset=utf-8")]

_pool: list[AsyncConnectionPool] = []


async def app(scope: dict[str, Any], _receive: Callable[[], Awaitable[dict[str, Any]]], send: _Send) -> None:
    """Answer with the rows of a statement."""
    if scope["type"] != "http":
        return
    statement = POSTGIS.get(scope["path"][1:])
    body = b"{}" if statement is None else await _rows(statement, _parameters(scope["query_string"]))
    headers = [*_HEADERS, (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _parameters(query_string: bytes) -> dict[str, str | float | int]:
    return {name: _typed(name, value) for name, value in parse_qsl(query_string.decode())}


def _typed(name: str, value: str) -> str | float | int:
    if name in _FRACTIONS:
        return float(value)
    return int(value) if name in _INTEGERS else value


async def _rows(statement: str, parameters: dict[str, str | float | int]) -> bytes:
    if not _pool:
        _pool.append(AsyncConnectionPool(os.environ["BENCH_POSTGRES"], min_size=_CONNECTIONS, open=False))
        await _pool[0].open(wait=True)
    async with _pool[0].connection() as connection:
        cursor = await connection.execute(statement, parameters)
        row = await cursor.fetchone()
    assert row is not None
    return bytes(row[0].encode())
