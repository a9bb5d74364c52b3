"""Instants as replies write them; fractions of a second are left out."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import format_datetime


def http_date(instant: datetime) -> str:
    """Write an aware datetime as ``Fri, 12 Nov 2010 20:03:56 GMT``."""
    return format_datetime(instant.astimezone(UTC), usegmt=True)


def iso_date(instant: datetime) -> str:
    """Write an aware datetime as ``2010-11-12T20:03:56Z``."""
    return instant.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"
