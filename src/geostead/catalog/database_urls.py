"""Which database a URL is about, without opening anything."""

from __future__ import annotations

KNOWN_URLS = "sqlite:///path/of/a/file or postgresql://user:password@host/database"
_POSTGRESQL = ("postgresql", "postgres", "postgresql+psycopg")


def is_postgresql(url: str) -> bool:
    """Tell whether a database URL is one of PostgreSQL."""
    return url.partition("://")[0] in _POSTGRESQL


def is_sqlite(url: str) -> bool:
    """Tell whether a database URL is a file of SQLite."""
    return url.startswith("sqlite:///") and url not in ("sqlite:///", "sqlite:///:memory:")
