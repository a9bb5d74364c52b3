"""List the keys of an account."""

from __future__ import annotations

from geostead.model.access import Key
from geostead.operations.find_account import find_account
from geostead.operations.services import Services


def list_keys(services: Services, account_name: str) -> list[Key]:
    """Return the keys of an account, oldest first, revoked and expired ones included. Raises NotFound."""
    return services.catalog.list_keys(find_account(services, account_name).id)
