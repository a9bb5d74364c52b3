"""How much an account is used."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class UsageCount:
    """How many requests one operation of one data source had on one day, UTC."""

    account_id: str
    day: date
    data_source_name: str
    """'' for requests that are about none."""
    operation: str
    """As :mod:`geostead.http.operation_names` has it."""
    requests: int
