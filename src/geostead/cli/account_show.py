"""``geostead account show``: an account, what it may have and what it has."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import typer

from geostead.cli.account_limits import number_words, profile_words
from geostead.cli.key import described_key, print_keys
from geostead.cli.options import AccountName, AsJson, DataDir, print_json, services_of
from geostead.cli.tables import print_table
from geostead.model.limits import PROFILES, nearest_profile
from geostead.operations.describe_account import AccountDescription, describe_account


def show(account: AccountName, data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """Show an account: its limits with what is used of them, and its keys."""
    with services_of(data_dir) as services:
        description, now = describe_account(services, account), services.now()
    if as_json:
        print_json(_document(description, now))
        return
    typer.echo(f"Account {description.account.name}, created {description.account.created_at:%Y-%m-%d}.")
    typer.echo(f"Limits of {profile_words(description.account.limits)}.")
    print_table(("limit", "number", "used", "of the profile"), _limit_rows(description))
    print_keys(description, now)


def _limit_rows(description: AccountDescription) -> Iterator[tuple[str, str, str, str]]:
    """Return a row for each limit; that of the profile only where it is another."""
    limits, usage = description.account.limits, description.usage.to_dict()
    profile = PROFILES[nearest_profile(limits)]
    changed, standard = limits.changes(profile), profile.to_dict()
    for name, number in limits.to_dict().items():
        used = f"{usage[name]:,}" if name in usage else ""
        yield name, number_words(number), used, number_words(standard[name]) if name in changed else ""


def _document(description: AccountDescription, now: datetime) -> dict[str, Any]:
    limits = description.account.limits
    profile = nearest_profile(limits)
    return {
        "account": description.account.name,
        "createdAt": description.account.created_at.isoformat(),
        "profile": profile,
        "overrides": limits.changes(PROFILES[profile]),
        "limits": limits.to_dict(),
        "usage": description.usage.to_dict(),
        "keys": [described_key(description, key, now) for key in description.keys],
    }
