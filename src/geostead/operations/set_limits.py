"""Change the limits of an account (http-api.md, section 5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from geostead.model.access import Account
from geostead.model.limits import Limits
from geostead.operations.find_account import find_account
from geostead.operations.services import Services


def set_limits(
    services: Services, account_name: str, profile: Limits | None, numbers: Mapping[str, int | None]
) -> Account:
    """Replace single numbers of an account's limits; with a profile, all others become those of the profile.

    What the account has beyond its new limits stays. Raises NotFound (the account), InvalidParameter (the name of the
    limit) for a number that it may not be.
    """
    account = find_account(services, account_name)
    limits = (profile or account.limits).override(**numbers)
    services.catalog.set_limits(account.id, limits)
    return replace(account, limits=limits)
