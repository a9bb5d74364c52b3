"""What ``$select`` asks for (query-language.md, section 3)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial

from shapely.geometry.base import BaseGeometry

from geostead.errors import InvalidParameter
from geostead.model.entity_type import DISTANCE, INTERSECTED_GEOM, EntityType
from geostead.query.arguments import Argument
from geostead.query.characters import find_lone_surrogate
from geostead.query.shapes import read_shape

PARAMETER = "$select"

_DISTANCE = DISTANCE.lower()
_INTERSECTED_GEOM = INTERSECTED_GEOM.lower()
_INTERSECTION = re.compile(r"(?:^|,)\s*+(intersection\s*+)\(", re.IGNORECASE)
_QUOTED = re.compile(r"\s*+'[^']*+'\s*+(?=\))")
_PARENTHESIS = re.compile("[()]")
_ITEM_END = re.compile(r"\s*+(?=,|\Z)")


@dataclass(frozen=True, slots=True)
class Selection:
    """What ``$select`` comes to."""

    names: tuple[str, ...] | None = None
    """In reply order, spelled as declared, ``__IntersectedGeom`` among them; None for all and nothing else."""
    distance: bool = False
    """Whether ``__Distance`` is listed."""
    unknown_names: tuple[str, ...] = ()
    intersection: BaseGeometry | None = None
    """What ``__IntersectedGeom`` is the intersection with; None where it is not selected."""


ALL_PROPERTIES = Selection()


def bind_select(text: str, entity_type: EntityType, max_points: int) -> Selection:
    """Read ``$select``.

    Raises InvalidParameter if not one name is known, and for ``intersection(…)`` of what is no shape; LimitExceeded for
    a shape of more points than ``max_points`` allows.
    """
    surrogate = find_lone_surrogate(text)
    if surrogate is not None:
        raise InvalidParameter(PARAMETER, text[surrogate - 1], "Unicode characters", position=surrogate)
    found = _INTERSECTION.search(text) if "(" in text else None
    if found is None:
        return _bind_names(text, entity_type)
    written, end = _cut_argument(text, found.end())
    _check_after(text, end)
    shape = read_shape(written, max_points, partial(InvalidParameter, PARAMETER))
    return _bind_names(f"{text[: found.start(1)]}{INTERSECTED_GEOM}{text[end:]}", entity_type, shape)


def _bind_names(text: str, entity_type: EntityType, shape: BaseGeometry | None = None) -> Selection:
    """Bind a list of names, in which ``__IntersectedGeom`` is one where there is a shape for it."""
    known: dict[str, None] = {}
    unknown: dict[str, None] = {}
    every = distance = False
    for item in text.split(","):
        name = item.strip()
        if name == "*":
            every = True
        elif name.lower() == _DISTANCE:
            distance = True
        elif (declared := entity_type.find(name)) is not None:
            known[declared.name] = None
        elif shape is not None and name.lower() == _INTERSECTED_GEOM:
            known[INTERSECTED_GEOM] = None
        elif name:
            unknown[name] = None
    if not (every or distance or known):
        expected = f"*, __Distance or at least one property of the entity type {entity_type.name}"
        raise InvalidParameter(PARAMETER, text, expected)
    if not every:
        return Selection(tuple(known), distance, tuple(unknown), shape)
    names = None if shape is None else (*entity_type.names, INTERSECTED_GEOM)
    return Selection(names, distance, tuple(unknown), shape)


def _cut_argument(text: str, start: int) -> tuple[Argument, int]:
    """Return what stands in the parenthesis that ends before ``start``, and where its own end is."""
    end = _closing(text, start)
    if end is None:
        raise InvalidParameter(PARAMETER, "the end", ") after the shape", position=len(text) + 1)
    return Argument(text[start:end], start + 1, quoted=False), end + 1


def _closing(text: str, start: int) -> int | None:
    """Return where the parenthesis that is open at ``start`` is closed."""
    quoted = _QUOTED.match(text, start)
    if quoted is not None:
        return quoted.end()
    depth = 1
    for mark in _PARENTHESIS.finditer(text, start):
        depth += 1 if mark[0] == "(" else -1
        if depth == 0:
            return mark.start()
    return None


def _check_after(text: str, end: int) -> None:
    """Raise InvalidParameter unless the list goes on properly behind its intersection, without another one."""
    if not _ITEM_END.match(text, end):
        rest = text[end:].lstrip()
        raise InvalidParameter(PARAMETER, rest, "a comma or the end", position=len(text) - len(rest) + 1)
    second = _INTERSECTION.search(text, end)
    if second is not None:
        raise InvalidParameter(PARAMETER, second[1].strip(), "one intersection(…)", position=second.start(1) + 1)
