"""Names that the service makes up: ids of jobs, accounts and data sources, and key values."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable

IdMaker = Callable[[], str]

HEX_ID = re.compile(r"[0-9a-f]{32}\Z")


def new_id() -> str:
    """Make a 128-bit random id, 32 lower-case hex digits."""
    return secrets.token_hex(16)  # a third of the time of uuid4: every request gets an id


def new_key_value() -> str:
    """Make the value of a key: 64 characters out of letters, digits, ``-`` and ``_`` (384 random bits)."""
    return secrets.token_urlsafe(48)


def is_hex_id(text: str) -> bool:
    """Tell whether ``text`` is 32 hex digits, in either case."""
    return HEX_ID.match(text.lower()) is not None
