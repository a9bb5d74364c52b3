"""The part of the catalog that knows how much an account and its keys are used. It is written in batches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Protocol

from geostead.model.usage_count import UsageCount


class Uses(Protocol):
    """Counts of requests, and when keys were used."""

    def add_uses(self, counts: Sequence[UsageCount], key_uses: Mapping[str, datetime]) -> None:
        """Add to the counts, and move the last uses of keys (by id) forward, in one transaction.

        What belongs to an account or key that is not there any more is left out.
        """

    def usage_counts(self, account_id: str, since: date) -> list[UsageCount]:
        """Return the counts of an account from a day on, by day, data source and operation."""

    def key_uses(self, account_id: str) -> dict[str, datetime]:
        """Return by key id when each key of an account was last used; keys that never were are missing."""
