"""``geostead account``: who owns keys and data sources."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from geostead.cli.options import AsJson, DataDir, print_json, services_of, settings_of
from geostead.errors import InvalidParameter
from geostead.model.limits import PROFILES, Limits
from geostead.operations.create_account import create_account
from geostead.operations.list_accounts import list_accounts

app = typer.Typer(rich_markup_mode=None, help="Accounts: who owns keys and data sources.", no_args_is_help=True)


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="Name of the new account, unique in this installation.")],
    limits: Annotated[
        str | None, typer.Option(help=f"Limits profile: {', '.join(PROFILES)}. [default: GEOSTEAD_LIMITS]")
    ] = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Create an account with two keys, "master" and "query". Their values are shown now and never again."""
    settings = settings_of(data_dir=data_dir)
    profile = settings.new_account_limits if limits is None else _profile(limits)
    with services_of(data_dir) as services:
        created = create_account(services, name, profile)
    if as_json:
        keys = [{"name": key.key.name, "key": key.value} for key in created.keys]
        print_json({"account": created.account.name, "keys": keys})
        return
    typer.echo(f"Created the account {created.account.name}. These keys are shown only now:")
    for key in created.keys:
        typer.echo(f"  {key.key.name:<8}{key.value}")


@app.command(name="list")
def list_(data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """List the accounts, by name."""
    with services_of(data_dir) as services:
        accounts = list_accounts(services)
    if as_json:
        print_json([{"account": a.name, "createdAt": a.created_at.isoformat(), **a.limits.to_dict()} for a in accounts])
        return
    table = Table("account", "created", "limits")
    for account in accounts:
        table.add_row(account.name, f"{account.created_at:%Y-%m-%d}", _profile_name(account.limits))
    Console().print(table)


def _profile(name: str) -> Limits:
    if name.lower() not in PROFILES:
        raise InvalidParameter("--limits", name, "one of " + ", ".join(PROFILES))
    return PROFILES[name.lower()]


def _profile_name(limits: Limits) -> str:
    return next((name for name, profile in PROFILES.items() if profile == limits), "own numbers")
