"""Move the role of the master key to another key (http-api.md, section 2, "Rotation")."""

from __future__ import annotations

from dataclasses import dataclass

from geostead.model.access import Key
from geostead.model.data_source import DataSource
from geostead.operations.find_account import find_account
from geostead.operations.services import Services


@dataclass(frozen=True, slots=True)
class NewMaster:
    """A data source and its master key. One that expires is allowed, and worth a warning: nobody can load then."""

    data_source: DataSource
    key: Key


def set_master_key(services: Services, account_name: str, data_source_name: str, key_name: str) -> NewMaster:
    """Make a live key of the account the master key of one of its data sources, reserved ones included.

    A query key that is the same key is no more. Raises NotFound (account, data source, key), InvalidParameter (``key``)
    for a key that is revoked or expired.
    """
    account = find_account(services, account_name)
    changed = services.catalog.set_master_key(account.id, data_source_name, key_name, services.now())
    (key,) = (key for key in services.catalog.list_keys(account.id) if key.id == changed.master_key_id)
    return NewMaster(changed, key)
