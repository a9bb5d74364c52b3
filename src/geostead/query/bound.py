"""The bound query: what is left of a query's text once it has been read and held against the entity type.

Every name is spelled as declared, every literal has the type of its property. Engines (the snapshot search, later SQL,
the oracle of the tests) evaluate this and nothing else.

Semantics that every engine shares (query-language.md, section 2):

* Strings compare by code points; a missing string is ``''``.
* A missing value of any other type satisfies :class:`IsMissing`, ``NE`` and nothing else.
* ``Not`` is plain negation of the truth of its operand.

The two filters that nearly every query has are tuples with names and not dataclasses: they are made faster.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from shapely.geometry.base import BaseGeometry

from geostead.geo.position import Position
from geostead.model.entity_type import Property


class Comparator(StrEnum):
    """The six comparisons."""

    EQ = "eq"
    NE = "ne"
    GT = "gt"
    GE = "ge"
    LT = "lt"
    LE = "le"


class TextTest(StrEnum):
    """The three wildcard functions."""

    STARTS_WITH = "startswith"
    ENDS_WITH = "endswith"
    CONTAINS = "contains"


Literal = str | int | float | bool
"""str for Edm.String, int for Edm.Int64 and (ticks) Edm.DateTime, float for Edm.Double, bool for Edm.Boolean.

For an Edm.Int64 or Edm.DateTime the integer may lie outside of 64 bits: it compares mathematically all the same.
"""


@dataclass(frozen=True, slots=True)
class Compare:
    """``property comparator value``. Booleans order False < True."""

    property: Property
    comparator: Comparator
    value: Literal


@dataclass(frozen=True, slots=True)
class IsIn:
    """The property equals one of ``values``, or is missing and ``missing`` is true."""

    property: Property
    values: frozenset[Literal]
    missing: bool = False


@dataclass(frozen=True, slots=True)
class IsMissing:
    """The property has no value (for a string: is empty)."""

    property: Property


@dataclass(frozen=True, slots=True)
class TestText:
    """A wildcard function over a string property."""

    property: Property
    test: TextTest
    text: str


@dataclass(frozen=True, slots=True)
class Not:
    """Plain negation."""

    operand: Predicate


@dataclass(frozen=True, slots=True)
class And:
    """All operands hold; at least two."""

    operands: tuple[Predicate, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """At least one operand holds; at least two."""

    operands: tuple[Predicate, ...]


@dataclass(frozen=True, slots=True)
class Constant:
    """True or false for every entity: what a comparison comes to that no value of the type can change.

    Example: an Edm.Int64 ``eq 5.5`` is ``Constant(False)``.
    """

    value: bool


Predicate = Compare | IsIn | IsMissing | TestText | Not | And | Or | Constant


class Nearby(NamedTuple):
    """Entities whose coordinates lie within ``radius_km`` of a point by great circle, the edge included."""

    latitude: float
    longitude: float
    radius_km: float


class InBox(NamedTuple):
    """Entities whose coordinates lie in the box or on its edge. ``west > east`` crosses the antimeridian."""

    south: float
    west: float
    north: float
    east: float


@dataclass(frozen=True, slots=True)
class Intersects:
    """Entities whose geography, or without one whose point, has a point in common with a shape."""

    shape: BaseGeometry
    """Two-dimensional, longitude first, as it was written; valid once it is split at the antimeridian; may be empty."""


@dataclass(frozen=True, slots=True)
class NearRoute:
    """Entities whose coordinates lie within ``width_km`` of a line by great circle, the edge included."""

    line: tuple[Position, ...]
    """One place or more; between two of them it follows the great circle."""
    width_km: float = 1.6


SpatialFilter = Nearby | InBox | Intersects | NearRoute


@dataclass(frozen=True, slots=True)
class OrderTerm:
    """One term of ``$orderby``. ``property`` None is ``__Distance``. Missing values are least."""

    property: Property | None
    descending: bool = False


@dataclass(frozen=True, slots=True)
class BoundQuery:
    """A whole query. Rows come in the order of ``order``; ties, and no order at all, by entity id.

    Without ``order``: :class:`Nearby` by distance, then entity id; :class:`NearRoute` by how far along the route its
    nearest place is, then distance, then entity id.
    """

    spatial: SpatialFilter | None = None
    predicate: Predicate | None = None
    order: tuple[OrderTerm, ...] = ()
    top: int = 25
    """How many entities at most; 1 or more."""
    skip: int = 0
    count: bool = False
    """Whether the number of matches before paging is wanted."""
    names: tuple[str, ...] | None = None
    """Selected properties in reply order, spelled as declared, ``__IntersectedGeom`` among them; None for all."""
    distance: bool = False
    """Whether ``__Distance`` is selected and defined (there is a spatial filter)."""
    unknown_names: tuple[str, ...] = ()
    """Names of ``$select`` that the entity type does not have; the reply names them in a Warning."""
    intersection: BaseGeometry | None = None
    """What ``__IntersectedGeom`` is the intersection with, as :attr:`Intersects.shape`; None: it is not selected."""
