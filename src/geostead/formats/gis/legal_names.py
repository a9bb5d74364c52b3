"""Makes names that other formats allow into names that an entity type may have (http-api.md, section 4.4)."""

from __future__ import annotations

import re
from collections.abc import Iterable

from geostead.model.limits import MAX_NAME_LENGTH

_NOT_LEGAL = re.compile(r"[^A-Za-z0-9_]")
_LEADING_UNDERSCORES = re.compile(r"\A__+")


def make_legal(name: str) -> str:
    """Return a name of 1 to 50 ASCII letters, digits and underscores; ``_`` stands for every other character.

    A leading digit gets ``_`` in front; of several leading underscores one stays. A name that is legal stays as it is.
    """
    replaced = _LEADING_UNDERSCORES.sub("_", _NOT_LEGAL.sub("_", name[:MAX_NAME_LENGTH]))
    return ("_" + replaced if replaced[:1].isdigit() else replaced)[:MAX_NAME_LENGTH] or "_"


class LegalNames:
    """Makes names legal, each different from all before it; upper and lower case count as the same letter."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        """``taken`` are names that are in use already."""
        self._taken = {name.lower() for name in taken}

    def add(self, name: str) -> str:
        """Return the name made legal; if that is in use, with ``_2``, ``_3`` … behind it."""
        legal = unique = make_legal(name)
        number = 1
        while unique.lower() in self._taken:
            number += 1
            ending = f"_{number}"
            unique = make_legal(legal[: MAX_NAME_LENGTH - len(ending)] + ending)
        self._taken.add(unique.lower())
        return unique
