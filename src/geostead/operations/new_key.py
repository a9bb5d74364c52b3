"""Keys in the making: the only moment in which the value of a key is known."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from geostead.errors import InvalidParameter
from geostead.model.access import Key, digest_of
from geostead.model.ids import new_key_value
from geostead.model.referrer import read_referrers
from geostead.operations.services import Services

MIN_IMPORTED_LENGTH = 8
MAX_IMPORTED_LENGTH = 512
MAX_LABEL_LENGTH = 100


@dataclass(frozen=True, slots=True)
class CreatedKey:
    """A key and its value, which is shown once and kept nowhere."""

    key: Key
    value: str = field(repr=False)


def make_key(
    services: Services,
    account_id: str,
    name: str,
    *,
    expires_at: datetime | None = None,
    value: str | None = None,
    referrers: Iterable[str] = (),
) -> CreatedKey:
    """Make a key that is not recorded yet; ``value`` is one brought along, None makes a new one.

    ``referrers`` are hosts whose pages may use it; none: it is not restricted. Raises InvalidParameter (``name``,
    ``value``, ``expires_at``, ``referrers``).
    """
    check_label(name)
    now = services.now()
    if expires_at is not None and expires_at <= now:
        raise InvalidParameter("expires_at", expires_at.isoformat(), "a time in the future")
    chosen = new_key_value() if value is None else _imported(value)
    key = Key(services.new_id(), account_id, name, digest_of(chosen), now, expires_at, None, read_referrers(referrers))
    return CreatedKey(key, chosen)


def check_label(name: str) -> None:
    """Raise InvalidParameter (``name``) for what cannot be shown in one line as the name of a key or an account."""
    if not (0 < len(name) <= MAX_LABEL_LENGTH and name.isprintable() and name == name.strip()):
        raise InvalidParameter(
            "name", name, f"1 to {MAX_LABEL_LENGTH} printable characters, the first and the last not a space"
        )


def _imported(value: str) -> str:
    """Return a key value as it is kept. The message for one that is not possible does not repeat it."""
    trimmed = value.strip()
    possible = MIN_IMPORTED_LENGTH <= len(trimmed) <= MAX_IMPORTED_LENGTH
    if not (possible and trimmed.isprintable() and " " not in trimmed):
        raise InvalidParameter(
            "value",
            f"(hidden, {len(trimmed)} characters)",
            f"{MIN_IMPORTED_LENGTH} to {MAX_IMPORTED_LENGTH} printable characters without spaces",
        )
    return trimmed
