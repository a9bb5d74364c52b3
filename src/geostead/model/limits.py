"""The limits of an account (http-api.md, section 5). None means no limit."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from geostead.errors import InvalidParameter, LimitReached

MAX_PROPERTIES = 350
MAX_STRING_LENGTH = 2560
MAX_ENTITY_ID_LENGTH = 50
MAX_NAME_LENGTH = 50
DEFAULT_PAGE_SIZE = 25
MAX_PAGE_SIZE = 250
MAX_ROWS = 10
"""Rows of an upload for each entity that the account may have."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one account may do. Every number may be overridden for one account."""

    jobs_in_process: int | None
    """Jobs pending at once."""
    jobs_per_day: int | None
    """Jobs accepted within 24 hours, aborted ones included."""
    data_sources: int | None
    """Data sources of the account."""
    entities: int
    """Entities in one data source."""
    upload_bytes: int
    """Bytes of one upload, uncompressed."""
    shapes_per_file: int
    """Polygons in one KML or shapefile."""
    points_per_shape: int
    """Points in one geography."""
    query_points: int
    """Points in a query geometry."""

    def override(self, **numbers: int | None) -> Limits:
        """Return these limits with some numbers replaced.

        Raises InvalidParameter (the name of the limit) for a number that it may not be, KeyError for an unknown name.
        """
        for name, number in numbers.items():
            if not RANGES[name].allows(number):
                raise InvalidParameter(name, str(number), RANGES[name].expected)
        return replace(self, **numbers)  # type: ignore[arg-type]  # every name is a field of its type

    def changes(self, profile: Limits) -> dict[str, int | None]:
        """Return the numbers that are not those of ``profile``, by name."""
        other = profile.to_dict()
        return {name: number for name, number in self.to_dict().items() if number != other[name]}

    def check_rows(self, count: int) -> None:
        """Raise LimitReached for too many rows of one upload, bad ones included: each costs time, however short it is.

        There may be :data:`MAX_ROWS` times as many as entities.
        """
        if count > MAX_ROWS * self.entities:
            raise LimitReached("rows, bad ones included,", count, MAX_ROWS * self.entities)

    def to_dict(self) -> dict[str, Any]:
        """Return the limits as plain data, for the catalog."""
        return asdict(self)

    @staticmethod
    def from_dict(data: dict[str, Any]) -> Limits:
        """Read what :meth:`to_dict` wrote; numbers that are missing there are those of ``self-hosted``."""
        known = {field.name for field in fields(Limits)}
        return replace(PROFILES["self-hosted"], **{name: value for name, value in data.items() if name in known})


@dataclass(frozen=True, slots=True)
class Usage:
    """How much an account has of what its :class:`Limits` of the same names count."""

    jobs_in_process: int
    jobs_per_day: int
    data_sources: int

    def to_dict(self) -> dict[str, int]:
        """Return the counts by the name of the limit."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class LimitRange:
    """What one number of the limits may be."""

    minimum: int
    maximum: int
    may_be_none: bool = False

    def allows(self, number: int | None) -> bool:
        """Tell whether the limit may be this number; None is no limit."""
        return self.may_be_none if number is None else self.minimum <= number <= self.maximum

    @property
    def expected(self) -> str:
        """What to say about a number that the limit may not be."""
        return f"a whole number from {self.minimum:,} to {self.maximum:,}" + (" or none" if self.may_be_none else "")

    def parse(self, text: str) -> int | None:
        """Read a number, or ``none`` in any case. Raises ValueError, whose message is what was expected."""
        number = int(text) if re.fullmatch("[0-9]{1,18}", text) else None
        if (number is None and text.lower() != "none") or not self.allows(number):
            raise ValueError(self.expected)
        return number


_MANY = 2**31 - 1
"""As many rows as the packed trees of snapshots can number, and more than anything else here makes sense with."""

RANGES: dict[str, LimitRange] = {
    "jobs_in_process": LimitRange(0, _MANY, may_be_none=True),
    "jobs_per_day": LimitRange(0, _MANY, may_be_none=True),
    "data_sources": LimitRange(0, _MANY, may_be_none=True),
    "entities": LimitRange(1, _MANY),
    "upload_bytes": LimitRange(1, 2**50),
    "shapes_per_file": LimitRange(1, _MANY),
    "points_per_shape": LimitRange(1, _MANY),
    "query_points": LimitRange(1, _MANY),
}
"""What an operator may set each number to; 0 of what an account may have stops it without deleting anything."""


PROFILES: dict[str, Limits] = {
    "basic": Limits(
        jobs_in_process=2,
        jobs_per_day=50,
        data_sources=5,
        entities=2_500,
        upload_bytes=300 * 2**20,
        shapes_per_file=50,
        points_per_shape=250,
        query_points=250,
    ),
    "enterprise": Limits(
        jobs_in_process=10,
        jobs_per_day=50,
        data_sources=25,
        entities=200_000,
        upload_bytes=300 * 2**20,
        shapes_per_file=200_000,
        points_per_shape=100_000,
        query_points=250,
    ),
    "self-hosted": Limits(
        jobs_in_process=100,
        jobs_per_day=None,
        data_sources=None,
        entities=5_000_000,
        upload_bytes=4 * 2**30,
        shapes_per_file=5_000_000,
        points_per_shape=100_000,
        query_points=10_000,
    ),
}
"""The three profiles of the limits table; ``self-hosted`` is the default."""


def nearest_profile(limits: Limits) -> str:
    """Return the name of the profile from which the fewest numbers differ."""
    return min(PROFILES, key=lambda name: len(limits.changes(PROFILES[name])))
