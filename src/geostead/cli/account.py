"""``geostead account``: who owns keys and data sources."""

from __future__ import annotations

from typing import Annotated

import typer

from geostead.cli.account_limits import profile_of, profile_words, set_limits_
from geostead.cli.account_show import show
from geostead.cli.account_usage import usage
from geostead.cli.options import AsJson, DataDir, new_services_of, print_json, services_of, settings_of
from geostead.cli.tables import print_table
from geostead.errors import GeosteadError
from geostead.model.limits import PROFILES
from geostead.operations.create_account import create_account
from geostead.operations.delete_account import delete_account
from geostead.operations.describe_account import AccountDescription, describe_account
from geostead.operations.list_accounts import list_accounts

app = typer.Typer(rich_markup_mode=None, help="Accounts: who owns keys and data sources.", no_args_is_help=True)
app.command()(show)
app.command(name="set-limits")(set_limits_)
app.command()(usage)


class NotConfirmed(GeosteadError):
    """Whoever was asked did not say yes."""


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
    profile = settings.new_account_limits if limits is None else profile_of("--limits", limits)
    with new_services_of(data_dir) as services:
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
    print_table(
        ("account", "created", "limits"),
        ((a.name, f"{a.created_at:%Y-%m-%d}", profile_words(a.limits)) for a in accounts),
    )


@app.command()
def delete(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name of the account.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    data_dir: DataDir = None,
) -> None:
    """Delete an account with its keys, data sources, versions and jobs. Nothing brings them back but a backup."""
    with services_of(data_dir) as services:
        if not yes:
            _ask(describe_account(services, name))
        deleted = delete_account(services, name)
        is_last = not services.catalog.list_accounts()
    when = "when there is another account" if is_last else "within the hour, or now with 'geostead expire'"
    typer.echo(f"Deleted the account {deleted.name}. Its files go {when}.")


def _ask(description: AccountDescription) -> None:
    name = description.account.name
    data_sources = [found.data_source.name for found in description.data_sources]
    typer.echo(f"With the account {name} go:", err=True)
    typer.echo(f"  keys: {', '.join(key.name for key in description.keys)}", err=True)
    typer.echo(f"  data sources, with all their versions: {', '.join(data_sources) or 'none'}", err=True)
    typer.echo(f"  jobs; pending: {description.usage.jobs_in_process}", err=True)
    if typer.prompt("Type the name of the account to delete it", default="", show_default=False, err=True) != name:
        raise NotConfirmed(f"That is not the name; the account {name} stays as it is.")
