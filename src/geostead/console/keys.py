"""Keys: which there are, how they are made, changed and revoked, and how the role of a master key moves."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta

from starlette.responses import Response

from geostead.console.faults import at_input
from geostead.console.visit import Visit, whole_number
from geostead.errors import InvalidParameter, RequestError
from geostead.http.errors import answer_to
from geostead.operations.change_key import change_key
from geostead.operations.create_key import create_key
from geostead.operations.describe_account import describe_account
from geostead.operations.new_key import CreatedKey
from geostead.operations.revoke_key import revoke_key
from geostead.operations.rotate_master_key import rotate_master_key

ALL = "/accounts/{account}/keys"
MAX_DAYS = 36_500
"""How long a key may last."""


def show(visit: Visit) -> Response:
    """List the keys of the account; owners also make and change them."""
    return _page(visit)


def create(visit: Visit) -> Response:
    """Make a key. Its value is in this reply and nowhere else."""
    typed = {name: visit.text(name) for name in ("name", "days", "referrers")}
    try:
        created = create_key(
            visit.services,
            visit.account.name,
            typed["name"].strip() or None,
            expires_at=_expiry(visit, typed["days"]),
            referrers=_hosts(typed["referrers"]),
        )
    except InvalidParameter as error:
        return _page(visit, 422, typed=typed, faults={error.parameter: at_input(error)})
    return _page(visit, created=created)


def show_one(visit: Visit) -> Response:
    """Show what can be changed about one key."""
    return _one(visit)


def change(visit: Visit) -> Response:
    """Give a key another name, or other referrers."""
    typed = {"name": visit.text("name"), "referrers": visit.text("referrers")}
    try:
        change_key(
            visit.services,
            visit.account.name,
            visit.path["key"],
            new_name=typed["name"].strip(),
            referrers=_hosts(typed["referrers"]),
        )
    except InvalidParameter as error:
        return _one(visit, 422, typed=typed, faults={error.parameter: at_input(error)})
    return visit.to(ALL)


def revoke(visit: Visit) -> Response:
    """Revoke a key, unless it is a master key."""
    try:
        revoke_key(visit.services, visit.account.name, visit.path["key"])
    except RequestError as error:
        return _one(visit, answer_to(error).status, faults={"revoke": str(error)})
    return visit.to(ALL)


def rotate(visit: Visit) -> Response:
    """Make another key the master key of all data sources of which this one is."""
    try:
        rotate_master_key(visit.services, visit.account.name, visit.path["key"], visit.text("to"))
    except RequestError as error:
        return _one(visit, answer_to(error).status, faults={"to": str(error)})
    return visit.to(ALL)


def _hosts(text: str) -> list[str]:
    return [host for host in re.split(r"[\s,;]+", text) if host]


def _expiry(visit: Visit, days: str) -> datetime | None:
    text = days.strip()
    if not text:
        return None
    number = whole_number(text, 5)
    if number is None or not 0 < number <= MAX_DAYS:
        raise InvalidParameter("expires_at", text, f"a number of days, 1 to {MAX_DAYS:,}, or nothing")
    return visit.services.now() + timedelta(days=number)


def _page(
    visit: Visit,
    status: int = 200,
    *,
    created: CreatedKey | None = None,
    typed: Mapping[str, str] | None = None,
    faults: Mapping[str, str] | None = None,
) -> Response:
    return visit.page(
        "keys.html",
        status,
        account=describe_account(visit.services, visit.account.name),
        now=visit.services.now(),
        created=created,
        typed=typed or {"name": "", "days": "", "referrers": ""},
        faults=faults or {},
    )


def _one(
    visit: Visit,
    status: int = 200,
    *,
    typed: Mapping[str, str] | None = None,
    faults: Mapping[str, str] | None = None,
) -> Response:
    account = describe_account(visit.services, visit.account.name)
    key = account.key_named(visit.path["key"])
    now = visit.services.now()
    return visit.page(
        "key.html",
        status,
        key=key,
        now=now,
        used_at=account.key_uses.get(key.id),
        mastered=account.mastered_by(key),
        others=[other for other in account.keys if other.id != key.id and other.is_live(now)],
        typed=typed or {"name": key.name, "referrers": "\n".join(key.referrers)},
        faults=faults or {},
    )
