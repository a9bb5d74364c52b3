"""List the accounts of an installation."""

from __future__ import annotations

from geostead.model.access import Account
from geostead.operations.services import Services


def list_accounts(services: Services) -> list[Account]:
    """Return all accounts, by name."""
    return services.catalog.list_accounts()
