"""Change what a key is called and from whose pages it may be used."""

from __future__ import annotations

from collections.abc import Iterable

from geostead.model.access import Key
from geostead.model.referrer import read_referrers
from geostead.operations.find_account import find_account
from geostead.operations.new_key import check_label
from geostead.operations.services import Services


def change_key(
    services: Services,
    account_name: str,
    name: str,
    *,
    new_name: str | None = None,
    referrers: Iterable[str] | None = None,
) -> Key:
    """Give a key another name, or other hosts whose pages may use it; None leaves it as it is.

    No host at all lifts the restriction. Counts from the next request on. Raises NotFound (account, key),
    InvalidParameter (``name``, ``referrers``).
    """
    account = find_account(services, account_name)
    hosts = _hosts_of(services, account.id, name) if referrers is None else read_referrers(referrers)
    if new_name is not None:
        check_label(new_name)
    return services.catalog.change_key(account.id, name, new_name=new_name or name, referrers=hosts)


def _hosts_of(services: Services, account_id: str, name: str) -> tuple[str, ...]:
    return next((key.referrers for key in services.catalog.list_keys(account_id) if key.name == name), ())
