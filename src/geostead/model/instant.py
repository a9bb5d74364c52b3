"""Edm.DateTime as one integer: 100-nanosecond ticks since 0001-01-01T00:00:00 UTC, exact for the years 1 to 9999."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

TICKS_PER_SECOND = 10_000_000
TICKS_PER_MS = 10_000
UNIX_EPOCH_TICKS = 621_355_968_000_000_000
MAX_TICKS = 3_155_378_975_999_999_999

_FIRST_INSTANT = datetime(1, 1, 1, tzinfo=UTC)

_ISO = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)"
    r"(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,7})0*)?)?)?"
    r"\s*(Z|z|[+-]\d\d:?\d\d)?\Z",
    re.ASCII,
)


def parse_ticks(text: str) -> int | None:
    """Read an ISO 8601 date or date and time; without an offset it is UTC. None if it is not one.

    Up to 7 fraction digits count (more only if they are zeros); the result is within years 1 to 9999, in UTC.
    ``24:00:00`` and leap seconds are not accepted.
    """
    found = _ISO.match(text.strip())
    if found is None:
        return None
    year, month, day, hour, minute, second = (int(part or 0) for part in found.groups()[:6])
    try:
        days = date(year, month, day).toordinal() - 1
    except ValueError:
        return None
    if hour > 23 or minute > 59 or second > 59:
        return None
    fraction = int((found[7] or "").ljust(7, "0"))
    ticks = ((days * 24 + hour) * 60 + minute) * 60 * TICKS_PER_SECOND + second * TICKS_PER_SECOND + fraction
    ticks -= _offset_minutes(found[8]) * 60 * TICKS_PER_SECOND
    return ticks if 0 <= ticks <= MAX_TICKS else None


def iso_text(ticks: int) -> str:
    """Write ticks as ``2010-11-03T23:31:37``, with as many fraction digits as needed and no offset (it is UTC)."""
    seconds, fraction = divmod(ticks, TICKS_PER_SECOND)
    text = (_FIRST_INSTANT + timedelta(seconds=seconds)).isoformat()[:19]
    return text if not fraction else f"{text}.{fraction:07d}".rstrip("0")


def _offset_minutes(offset: str | None) -> int:
    if offset is None or offset in ("Z", "z"):
        return 0
    minutes = int(offset[1:3]) * 60 + int(offset[-2:])
    return -minutes if offset[0] == "-" else minutes
