"""Which database a URL is about, without opening anything."""

from __future__ import annotations

_POSTGRESQL = ("postgresql", "postgres", "postgresql+psycopg")


def is_postgresql(url: str) -> bool:
    """Tell whether a database URL is one of PostgreSQL."""
    return url.partition("://")[0] in _POSTGRESQL
