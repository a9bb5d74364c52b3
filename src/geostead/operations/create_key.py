"""Create a key, or bring one along."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from itertools import count

from geostead.operations.find_account import find_account
from geostead.operations.new_key import CreatedKey, make_key
from geostead.operations.services import Services


def create_key(
    services: Services,
    account_name: str,
    name: str | None = None,
    *,
    expires_at: datetime | None = None,
    value: str | None = None,
    referrers: Iterable[str] = (),
) -> CreatedKey:
    """Record a key of an account.

    ``name`` None finds one like ``key-3``; ``expires_at`` None is never; ``value`` is the value of an existing key that
    moves in, None makes a new one; ``referrers`` are hosts whose pages may use it, none: it is not restricted. Raises
    NotFound (the account), InvalidParameter (``name``, ``value``, ``expires_at``, ``referrers``).
    """
    account = find_account(services, account_name)
    chosen = _free_name(services, account.id) if name is None else name
    created = make_key(services, account.id, chosen, expires_at=expires_at, value=value, referrers=referrers)
    services.catalog.add_key(created.key)
    return created


def _free_name(services: Services, account_id: str) -> str:
    taken = {key.name for key in services.catalog.list_keys(account_id)}
    return next(name for n in count(len(taken) + 1) if (name := f"key-{n}") not in taken)
