"""Create an account."""

from __future__ import annotations

from dataclasses import dataclass

from geostead.model.access import Account
from geostead.model.limits import Limits
from geostead.operations.new_key import CreatedKey, check_label, make_key
from geostead.operations.services import Services

FIRST_KEYS = ("master", "query")


@dataclass(frozen=True, slots=True)
class CreatedAccount:
    """An account with its first keys, "master" and "query"; the only difference between them is what for."""

    account: Account
    keys: tuple[CreatedKey, ...]


def create_account(services: Services, name: str, limits: Limits) -> CreatedAccount:
    """Record an account and two keys. Raises InvalidParameter (``name``), also for a name that is taken."""
    check_label(name)
    account = Account(services.new_id(), name, limits, services.now())
    keys = tuple(make_key(services, account.id, key_name) for key_name in FIRST_KEYS)
    services.catalog.add_account(account, [created.key for created in keys])
    return CreatedAccount(account, keys)
