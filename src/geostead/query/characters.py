"""What is no character."""

from __future__ import annotations

import re

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


def find_lone_surrogate(text: str) -> int | None:
    """Return the 1-based position of the first lone surrogate, or None.

    Half a character can neither be stored nor be sent back, so no query may hold one.
    """
    found = None if text.isascii() else _LONE_SURROGATE.search(text)
    return None if found is None else found.start() + 1
