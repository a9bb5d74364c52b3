"""Find an account that an operator names."""

from __future__ import annotations

from geostead.errors import NotFound
from geostead.model.access import Account
from geostead.operations.services import Services


def find_account(services: Services, name: str) -> Account:
    """Return the account of that name. Raises NotFound."""
    account = services.catalog.find_account(name)
    if account is None:
        raise NotFound(f"There is no account of the name {name}.")
    return account
