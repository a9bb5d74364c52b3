"""Finds out types from values, for files that declare none (data-formats.md, section 7)."""

from __future__ import annotations

from collections.abc import Mapping

from geostead.errors import LimitReached
from geostead.model.entity_type import DELETE_ENTITY, LATITUDE, LONGITUDE, EdmType
from geostead.model.limits import MAX_PROPERTIES

_MAX_NAMES = MAX_PROPERTIES + len((LATITUDE, LONGITUDE, DELETE_ENTITY))
_INT64 = range(-(2**63), 2**63)
_TYPES = {
    frozenset([bool]): EdmType.BOOLEAN,
    frozenset([int]): EdmType.INT64,
    frozenset([float]): EdmType.DOUBLE,
    frozenset([int, float]): EdmType.DOUBLE,
}
"""Everything else is a string."""


class InferredTypes:
    """What the values of properties turned out to be, so far."""

    def __init__(self) -> None:
        self._types: dict[str, set[type]] = {}

    def add(self, values: Mapping[str, object]) -> None:
        """Look at the values of one entity, as a JSON parser gives them. Raises LimitReached for too many names."""
        types = self._types
        for name, value in values.items():
            if name not in types:
                types[name] = set()
                if len(types) > _MAX_NAMES:
                    raise LimitReached("properties", len(types), MAX_PROPERTIES)
            # A whole number beyond 64 bits is as good as any other number.
            types[name].add(float if type(value) is int and value not in _INT64 else type(value))

    @property
    def columns(self) -> list[tuple[str, EdmType]]:
        """The names, in the order in which they were first seen, and the types that hold all values."""
        return [
            (name, _TYPES.get(frozenset(types - {type(None)}), EdmType.STRING)) for name, types in self._types.items()
        ]
