"""The clock of leases: one that the catalog was given, or the one of the database.

Workers on several machines have clocks that differ; a lease that one of them takes and another finds run out has to be
timed by one clock, and what they share is the database.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import BigInteger, ColumnElement, bindparam, literal_column

from geostead.catalog.column_types import InstantColumn


class LeaseClock(Hashable, Protocol):
    """Tells statements what time it is while they run."""

    @property
    def now(self) -> ColumnElement[datetime]:
        """The time, for statements that are given :meth:`parameters`."""

    def parameters(self) -> Mapping[str, datetime]:
        """Return what statements with :attr:`now` in them are to be given."""

    def after(self, seconds: float) -> datetime | ColumnElement[int]:
        """Return a value for a column: the time so many seconds from now."""


@dataclass(frozen=True, eq=False)
class GivenClock:
    """Implements :class:`LeaseClock` with a function."""

    read: Callable[[], datetime]

    @property
    def now(self) -> ColumnElement[datetime]:
        """The time, for statements that are given :meth:`parameters`."""
        return bindparam("now", type_=InstantColumn())

    def parameters(self) -> Mapping[str, datetime]:
        """Return the time."""
        return {"now": self.read()}

    def after(self, seconds: float) -> datetime:
        """Return the time so many seconds from now."""
        return self.read() + timedelta(seconds=seconds)


@dataclass(frozen=True)
class DatabaseClock:
    """Implements :class:`LeaseClock` with the clock of the database."""

    microseconds: str
    """SQL for the microseconds since 1970."""

    @property
    def now(self) -> ColumnElement[datetime]:
        """The time."""
        return literal_column(self.microseconds, InstantColumn())

    def parameters(self) -> Mapping[str, datetime]:
        """Return nothing: the database knows."""
        return {}

    def after(self, seconds: float) -> ColumnElement[int]:
        """Return the time so many seconds from now."""
        return literal_column(self.microseconds, BigInteger()) + round(seconds * 1_000_000)
