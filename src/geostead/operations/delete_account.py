"""Delete an account."""

from __future__ import annotations

from geostead.model.access import Account
from geostead.operations.find_account import find_account
from geostead.operations.services import Services


def delete_account(services: Services, name: str) -> Account:
    """Delete an account with its keys, data sources, versions and jobs; return what it was. Raises NotFound.

    From now on its keys are unknown and its data sources answer 404. Files go with the next ``expire``,
    those of the last account when there is another one.
    """
    account = find_account(services, name)
    services.catalog.delete_account(account.id)
    return account
