"""The names of blobs: ``folder/id`` out of letters, digits and hyphens."""

from __future__ import annotations

import re

_BLOB_NAME = re.compile(r"[a-z]{1,20}/[A-Za-z0-9-]{1,80}\Z")


def is_blob_name(name: str) -> bool:
    """Tell whether a blob may have this name."""
    return _BLOB_NAME.match(name) is not None


def check_blob_name(name: str) -> str:
    """Return the name. Raises ValueError where no blob may have it."""
    if not is_blob_name(name):
        raise ValueError(f"'{name}' is not the name of a blob.")
    return name
