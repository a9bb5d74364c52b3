"""Revoke a key."""

from __future__ import annotations

from geostead.model.access import Key
from geostead.operations.find_account import find_account
from geostead.operations.services import Services


def revoke_key(services: Services, account_name: str, name: str) -> Key:
    """Revoke a key: from now on it opens nothing. One that is revoked already stays so.

    Raises NotFound (account, key); InvalidParameter (``name``) for the master key of a data source: the role has to
    move to another key first.
    """
    account = find_account(services, account_name)
    return services.catalog.revoke_key(account.id, name, services.now())
