"""Tell how much an account was used, by day, data source and operation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from geostead.model.usage_count import UsageCount
from geostead.operations.services import Services

RANGES_DAYS = (7, 30, 90)
"""How far back a reader may look."""


class UsageBy(StrEnum):
    """What requests are told apart by."""

    DATA_SOURCE = "data-source"
    OPERATION = "operation"


@dataclass(frozen=True, slots=True)
class AccountUsage:
    """The requests of an account on some days in a row, today the last one."""

    days: tuple[date, ...]
    """Oldest first, UTC."""
    counts: tuple[UsageCount, ...]
    """By day, data source and operation; what there was none of is missing."""

    @property
    def total(self) -> int:
        """All requests."""
        return sum(count.requests for count in self.counts)

    def by(self, by: UsageBy) -> list[tuple[str, tuple[int, ...]]]:
        """Return the requests of each day by data source ('' for none) or operation, those used most first."""
        of: Callable[[UsageCount], str] = _data_source_of if by is UsageBy.DATA_SOURCE else _operation_of
        found: dict[str, Counter[date]] = {}
        for count in self.counts:
            found.setdefault(of(count), Counter())[count.day] += count.requests
        most_first = sorted(found.items(), key=lambda series: (-series[1].total(), series[0]))
        return [(name, tuple(series[day] for day in self.days)) for name, series in most_first]


def describe_usage(services: Services, account_id: str, days: int) -> AccountUsage:
    """Return the requests with keys that were answered, of the last ``days`` days, today included.

    Counted are those to data sources of the account with whatever key, and others with its own keys; the last half
    minute may still be missing. Names of data sources that there still are have their own spelling.
    """
    today = services.now().date()
    shown = tuple(today - timedelta(days=back) for back in reversed(range(days)))
    spelling = {
        found.data_source.name.lower(): found.data_source.name for found in services.catalog.list_every(account_id)
    }
    summed: Counter[tuple[date, str, str]] = Counter()
    for count in services.catalog.usage_counts(account_id, shown[0]):
        name = spelling.get(count.data_source_name.lower(), count.data_source_name)
        summed[count.day, name, count.operation] += count.requests
    counts = (UsageCount(account_id, *which, requests) for which, requests in sorted(summed.items()))
    return AccountUsage(shown, tuple(counts))


def _data_source_of(count: UsageCount) -> str:
    return count.data_source_name


def _operation_of(count: UsageCount) -> str:
    return count.operation
