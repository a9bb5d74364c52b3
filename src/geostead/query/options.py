"""The options of a query beside its filters (query-language.md, section 3)."""

from __future__ import annotations

import re
from typing import NamedTuple

from geostead.errors import InvalidParameter
from geostead.model.entity_type import DISTANCE, LATITUDE, LONGITUDE, EdmType, EntityType, Property
from geostead.model.limits import DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE
from geostead.query.bound import OrderTerm

MAX_ORDER_TERMS = 3

_WHOLE_NUMBER = re.compile(r"\s*+0*+([0-9]*+)(?<=[0-9])\s*+\Z")
_BEYOND_ANY_COUNT = 10**18
_COORDINATES = frozenset({LATITUDE.lower(), LONGITUDE.lower()})
_DISTANCE = DISTANCE.lower()
_DIRECTIONS = {"asc": False, "desc": True}


class QueryText(NamedTuple):
    """The options of a query as they were sent, decoded; None for one that is absent, empty or bare."""

    filter: str | None = None
    spatial_filter: str | None = None
    select: str | None = None
    orderby: str | None = None
    top: str | None = None
    page_size: str | None = None
    skip: str | None = None
    inlinecount: str | None = None
    max_page_size: int = MAX_PAGE_SIZE
    """How many entities ``$pageSize`` may ask for; not sent, but decided by the operator."""


def is_coordinate(declared: Property) -> bool:
    """Tell whether a property is Latitude or Longitude, which can be selected but not filtered or ordered by."""
    return declared.name.lower() in _COORDINATES


def bind_page(top: str | None, page_size: str | None, max_page_size: int) -> int:
    """Read ``$top`` and ``$pageSize``, our own: how many entities a reply has at most, 25 by default.

    Zero and more than the greatest possible mean the greatest possible: 250 for ``$top``, ``max_page_size`` for
    ``$pageSize``. Of both the smaller counts. Raises InvalidParameter.
    """
    if page_size is None:
        return DEFAULT_PAGE_SIZE if top is None else _bind_size("$top", top, MAX_PAGE_SIZE)
    size = _bind_size("$pageSize", page_size, max_page_size)
    return size if top is None else min(size, _bind_size("$top", top, MAX_PAGE_SIZE))


def bind_skip(text: str | None) -> int:
    """Read ``$skip``: 0 by default; below 2**63. Raises InvalidParameter."""
    return 0 if text is None else _read_whole_number("$skip", text)


def bind_count(text: str | None) -> bool:
    """Read ``$inlinecount``: ``allpages`` or ``none``, the default. Raises InvalidParameter."""
    if text is None:
        return False
    word = text.strip().lower()
    if word not in ("allpages", "none"):
        raise InvalidParameter("$inlinecount", text, "allpages or none")
    return word == "allpages"


def bind_order(text: str, entity_type: EntityType, *, distance_defined: bool) -> tuple[OrderTerm, ...]:
    """Read ``$orderby``. ``distance_defined`` tells whether there is a spatial filter. Raises InvalidParameter."""
    terms: list[OrderTerm] = []
    offset = 0
    for item in text.split(","):
        words = item.split()
        if words:
            position = offset + item.index(words[0]) + 1
            if len(terms) == MAX_ORDER_TERMS:
                raise _wrong_order(item.strip(), f"at most {MAX_ORDER_TERMS} properties", position)
            terms.append(_bind_term(words, entity_type, position, distance_defined))
        offset += len(item) + 1
    if not terms:
        raise _wrong_order(text, f"at least one {_property_of(entity_type)}", 1)
    return tuple(terms)


def _bind_term(words: list[str], entity_type: EntityType, position: int, distance_defined: bool) -> OrderTerm:
    descending = _DIRECTIONS.get(words[1].lower()) if len(words) == 2 else False
    if descending is None or len(words) > 2:
        raise _wrong_order(" ".join(words), "asc, desc or a comma after the name", position)
    name = words[0]
    if name.lower() == _DISTANCE:
        if not distance_defined:
            raise _wrong_order(name, "a spatialFilter, without which there is no __Distance to order by", position)
        return OrderTerm(None, descending)
    declared = entity_type.find(name)
    if declared is None:
        raise _wrong_order(name, f"a {_property_of(entity_type)}", position)
    if is_coordinate(declared) or declared.type is EdmType.GEOGRAPHY:
        raise _wrong_order(name, "a property that is neither Latitude, Longitude nor a geography", position)
    return OrderTerm(declared, descending)


def _bind_size(parameter: str, text: str, maximum: int) -> int:
    return min(_read_whole_number(parameter, text), maximum) or maximum


def _read_whole_number(parameter: str, text: str) -> int:
    found = _WHOLE_NUMBER.match(text)
    if found is None:
        raise InvalidParameter(parameter, text, "a whole number, 0 or more")
    digits = found[1]
    return int(digits or 0) if len(digits) <= 18 else _BEYOND_ANY_COUNT


def _property_of(entity_type: EntityType) -> str:
    return f"property of the entity type {entity_type.name}"


def _wrong_order(found: str, expected: str, position: int) -> InvalidParameter:
    return InvalidParameter("$orderby", found, expected, position=position)
