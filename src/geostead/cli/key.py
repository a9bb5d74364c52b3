"""``geostead key``: the keys of an account."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import typer

from geostead.cli.options import AccountName, AsJson, DataDir, print_json, services_of
from geostead.cli.tables import print_table
from geostead.model.access import Key
from geostead.operations.create_key import create_key
from geostead.operations.describe_account import AccountDescription, describe_account
from geostead.operations.revoke_key import revoke_key

app = typer.Typer(rich_markup_mode=None, help="Keys of an account.", no_args_is_help=True)


@app.command()
def create(
    account: AccountName,
    name: Annotated[str | None, typer.Option(help="Name of the key, unique in the account.")] = None,
    expires_days: Annotated[
        int | None, typer.Option(min=1, max=36_500, help="Days after which the key opens nothing. [default: never]")
    ] = None,
    value_from_stdin: Annotated[
        bool, typer.Option("--value-from-stdin", help="Bring an existing key along: its value is read from stdin.")
    ] = False,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Create a key. Its value is shown now and never again."""
    expires_at = None if expires_days is None else datetime.now(UTC) + timedelta(days=expires_days)
    value = sys.stdin.readline().strip() if value_from_stdin else None
    with services_of(data_dir) as services:
        created = create_key(services, account, name, expires_at=expires_at, value=value)
    if as_json:
        print_json({"account": account, "keys": [{"name": created.key.name, "key": created.value}]})
    elif value_from_stdin:
        typer.echo(f"Imported the key {created.key.name} of the account {account}.")
    else:
        typer.echo(f"Created the key {created.key.name} of the account {account}. It is shown only now:")
        typer.echo(f"  {created.value}")


@app.command(name="list")
def list_(account: AccountName, data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """List the keys of an account, oldest first, without their values."""
    with services_of(data_dir) as services:
        description, now = describe_account(services, account), services.now()
    if as_json:
        print_json({"account": account, "keys": [described_key(description, key, now) for key in description.keys]})
    else:
        print_keys(description, now)


@app.command()
def revoke(
    account: AccountName,
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name of the key.")],
    data_dir: DataDir = None,
) -> None:
    """Revoke a key: from now on it opens nothing. The master key of a data source cannot be revoked."""
    with services_of(data_dir) as services:
        revoke_key(services, account, name)
    typer.echo(f"Revoked the key {name} of the account {account}.")


def print_keys(description: AccountDescription, now: datetime) -> None:
    """Print the keys of an account as a table."""
    rows = (
        (
            key.name,
            f"{key.created_at:%Y-%m-%d}",
            "never" if key.expires_at is None else f"{key.expires_at:%Y-%m-%d}",
            _state(key, now),
            ", ".join(description.mastered_by(key)),
        )
        for key in description.keys
    )
    print_table(("key", "created", "expires", "state", "master key of"), rows)


def described_key(description: AccountDescription, key: Key, now: datetime) -> dict[str, Any]:
    """Return a key for a JSON document; dates that do not apply are absent."""
    dates = {"createdAt": key.created_at, "expiresAt": key.expires_at, "revokedAt": key.revoked_at}
    known = {name: at.isoformat() for name, at in dates.items() if at is not None}
    return {"name": key.name, "state": _state(key, now), "masterOf": description.mastered_by(key), **known}


def _state(key: Key, now: datetime) -> str:
    if key.revoked_at is not None:
        return "revoked"
    return "live" if key.is_live(now) else "expired"
