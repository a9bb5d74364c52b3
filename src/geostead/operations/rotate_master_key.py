"""Move the role of the master key to another key, everywhere at once (http-api.md, section 2, "Rotation")."""

from __future__ import annotations

from geostead.model.data_source import DataSource
from geostead.operations.find_account import find_account
from geostead.operations.services import Services


def rotate_master_key(services: Services, account_name: str, from_name: str, to_name: str) -> list[DataSource]:
    """Make one key the master key of all data sources of which another one is; return them, by name.

    A query key that is the new master key is no more. The old key opens what any key of the account opens, until it is
    revoked. Raises NotFound (account, keys), InvalidParameter (``key``) where the key to move to is revoked or expired,
    or is the same one.
    """
    account = find_account(services, account_name)
    return services.catalog.move_masters(account.id, from_name, to_name, services.now())
