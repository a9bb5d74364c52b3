"""The limits of the account: the numbers, what is used of them, and how owners change them."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.responses import Response

from geostead.console.faults import at_input
from geostead.console.visit import Visit
from geostead.errors import InvalidParameter
from geostead.model.limits import PROFILES, RANGES, LimitRange, Limits, nearest_profile
from geostead.operations.describe_account import describe_account
from geostead.operations.set_limits import set_limits

ALL = "/accounts/{account}/limits"


def show(visit: Visit) -> Response:
    """Show the limits with what is used of them."""
    return _page(visit)


def use_profile(visit: Visit) -> Response:
    """Give the account all numbers of a profile."""
    name = visit.text("profile")
    if name not in PROFILES:
        return _page(visit, 422, faults={"profile": at_input(InvalidParameter("profile", name, ", ".join(PROFILES)))})
    set_limits(visit.services, visit.account.name, PROFILES[name], {})
    return visit.to(ALL)


def change(visit: Visit) -> Response:
    """Give the account the numbers that were typed."""
    typed = {name: visit.text(name).strip() for name in RANGES}
    numbers, faults = _read(typed)
    if faults:
        return _page(visit, 422, typed=typed, faults=faults)
    set_limits(visit.services, visit.account.name, None, numbers)
    return visit.to(ALL)


def _read(typed: Mapping[str, str]) -> tuple[dict[str, int | None], dict[str, str]]:
    """Return the numbers, and by name what is wrong with the others."""
    numbers: dict[str, int | None] = {}
    faults: dict[str, str] = {}
    for name, text in typed.items():
        try:
            numbers[name] = RANGES[name].parse(text.replace(",", ""))
        except ValueError as error:
            faults[name] = at_input(InvalidParameter(name, text, str(error)))
    return numbers, faults


def _page(
    visit: Visit,
    status: int = 200,
    *,
    typed: Mapping[str, str] | None = None,
    faults: Mapping[str, str] | None = None,
) -> Response:
    account = describe_account(visit.services, visit.account.name)
    limits = account.account.limits
    profile = nearest_profile(limits)
    return visit.page(
        "limits.html",
        status,
        numbers=limits.to_dict(),
        used=account.usage.to_dict(),
        profile=profile,
        profiles=list(PROFILES),
        standard=PROFILES[profile].to_dict(),
        changed=limits.changes(PROFILES[profile]),
        hints={name: _hint(visit, allowed) for name, allowed in RANGES.items()},
        typed=typed or _typed(limits),
        faults=faults or {},
    )


def _typed(limits: Limits) -> dict[str, str]:
    return {name: "none" if number is None else str(number) for name, number in limits.to_dict().items()}


def _hint(visit: Visit, allowed: LimitRange) -> str:
    numbers = {"least": f"{allowed.minimum:,}", "most": f"{allowed.maximum:,}"}
    if allowed.may_be_none:
        return visit._("A whole number from %(least)s to %(most)s, or none.", **numbers)
    return visit._("A whole number from %(least)s to %(most)s.", **numbers)
