"""Describe an account: what it may have, and what it has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from geostead.errors import NotFound
from geostead.model.access import Account, Key
from geostead.model.data_source import DataSourceVersions
from geostead.model.limits import Usage
from geostead.operations.find_account import find_account
from geostead.operations.services import Services


@dataclass(frozen=True, slots=True)
class AccountDescription:
    """An account and all that belongs to it."""

    account: Account
    keys: tuple[Key, ...]
    """Oldest first, revoked and expired ones included."""
    data_sources: tuple[DataSourceVersions, ...]
    """By name, reserved ones included; what is being deleted is left out, although it still counts."""
    usage: Usage
    key_uses: Mapping[str, datetime]
    """When each key was last used, by its id; up to a minute late. Keys that never were are missing."""

    def key_name(self, key_id: str | None) -> str | None:
        """Return the name of a key of the account; None for None."""
        return next((key.name for key in self.keys if key.id == key_id), None)

    def key_named(self, name: str) -> Key:
        """Return the key of that name. Raises NotFound."""
        found = next((key for key in self.keys if key.name == name), None)
        if found is None:
            raise NotFound(f"The account has no key of the name {name}.")
        return found

    def mastered_by(self, key: Key) -> list[str]:
        """Return the names of the data sources of which a key is the master key."""
        return [found.data_source.name for found in self.data_sources if found.data_source.master_key_id == key.id]


def describe_account(services: Services, name: str) -> AccountDescription:
    """Return what there is to say about the account of that name, as of now. Raises NotFound."""
    account = find_account(services, name)
    return AccountDescription(
        account,
        tuple(services.catalog.list_keys(account.id)),
        tuple(services.catalog.list_every(account.id)),
        services.catalog.usage(account.id, services.now()),
        services.catalog.key_uses(account.id),
    )
