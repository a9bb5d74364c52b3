"""URLs of databases, whose passwords are shown to nobody."""

from __future__ import annotations

import re
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict

from geostead.errors import InvalidParameter

_EXPECTED = "postgresql://user:password@host:5432/database, special characters of the password as %XX"


def read_url(url: str) -> dict[str, Any]:
    """Return the parameters of a URL as PostgreSQL's manual has it ("Connection URIs"); a driver may be named in it.

    Raises InvalidParameter (``database URL``), with nothing of the URL in it or in what it comes from: a password that
    is not percent-encoded may end up in any part.
    """
    scheme, _, rest = url.partition("://")
    found = None if _is_torn(rest) or not scheme else _parsed(rest)
    if found is None or re.fullmatch(r"[\d,]*", str(found.get("port", ""))) is None:
        raise InvalidParameter("database URL", "postgresql://… (hidden)", _EXPECTED)
    return found


def _is_torn(rest: str) -> bool:
    """Tell whether a password that is not percent-encoded seems to end the authority too early."""
    authority, *path = re.split(r"[/?]", rest, maxsplit=1)
    return authority.count("@") > 1 or any("@" in part.partition("?")[0] for part in path)


def _parsed(rest: str) -> dict[str, Any] | None:
    try:
        return conninfo_to_dict(f"postgresql://{rest}")
    except psycopg.ProgrammingError:  # whose message may show what is wrong, and that may be the password
        return None
