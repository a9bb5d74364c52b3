"""``geostead key``: the keys of an account."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import typer

from geostead.cli.options import AccountName, AsJson, DataDir, print_json, services_of
from geostead.cli.tables import print_table
from geostead.errors import InvalidParameter
from geostead.model.access import Key
from geostead.operations.change_key import change_key
from geostead.operations.create_key import create_key
from geostead.operations.describe_account import AccountDescription, describe_account
from geostead.operations.revoke_key import revoke_key
from geostead.operations.rotate_master_key import rotate_master_key

app = typer.Typer(rich_markup_mode=None, help="Keys of an account.", no_args_is_help=True)


Referrers = Annotated[
    list[str] | None,
    typer.Option(metavar="HOST", help="Host whose pages may use the key, or *.suffix; again for more. [default: any]"),
]
KeyName = Annotated[str, typer.Argument(metavar="NAME", help="Name of the key.")]


@app.command()
def create(  # noqa: PLR0913, PLR0917  each argument is an option of the command line
    account: AccountName,
    name: Annotated[str | None, typer.Option(help="Name of the key, unique in the account.")] = None,
    expires_days: Annotated[
        int | None, typer.Option(min=1, max=36_500, help="Days after which the key opens nothing. [default: never]")
    ] = None,
    value_from_stdin: Annotated[
        bool, typer.Option("--value-from-stdin", help="Bring an existing key along: its value is read from stdin.")
    ] = False,
    referrer: Referrers = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Create a key. Its value is shown now and never again."""
    expires_at = None if expires_days is None else datetime.now(UTC) + timedelta(days=expires_days)
    value = sys.stdin.readline().strip() if value_from_stdin else None
    with services_of(data_dir) as services:
        created = create_key(services, account, name, expires_at=expires_at, value=value, referrers=referrer or ())
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
    name: KeyName,
    data_dir: DataDir = None,
) -> None:
    """Revoke a key: from now on it opens nothing. The master key of a data source cannot be revoked."""
    with services_of(data_dir) as services:
        revoke_key(services, account, name)
    typer.echo(f"Revoked the key {name} of the account {account}.")


@app.command()
def change(
    account: AccountName,
    name: KeyName,
    new_name: Annotated[str | None, typer.Option(help="Another name, unique in the account.")] = None,
    referrer: Referrers = None,
    any_referrer: Annotated[bool, typer.Option("--any-referrer", help="Lift the restriction to hosts.")] = False,
    data_dir: DataDir = None,
) -> None:
    """Give a key another name, or other hosts whose pages may use it."""
    if any_referrer and referrer:
        raise InvalidParameter("--any-referrer", "together with --referrer", "one of them")
    with services_of(data_dir) as services:
        key = change_key(services, account, name, new_name=new_name, referrers=[] if any_referrer else referrer)
    pages = f"pages of {', '.join(key.referrers)} only" if key.referrers else "any page, and from none"
    typer.echo(f"The key {key.name} of the account {account} may be used from {pages}.")


@app.command()
def rotate(
    account: AccountName,
    old: Annotated[str, typer.Argument(metavar="FROM", help="Name of the key that is the master key now.")],
    new: Annotated[str, typer.Argument(metavar="TO", help="Name of the key to become it.")],
    data_dir: DataDir = None,
) -> None:
    """Make another key the master key of all data sources of which a key is. The old key stays until it is revoked."""
    with services_of(data_dir) as services:
        moved = rotate_master_key(services, account, old, new)
    names = ", ".join(data_source.name for data_source in moved) or "no data source: the other one was of none"
    typer.echo(f"The key {new} is now the master key of {names}.")


def print_keys(description: AccountDescription, now: datetime) -> None:
    """Print the keys of an account as a table."""
    rows = (
        (
            key.name,
            f"{key.created_at:%Y-%m-%d}",
            "never" if key.expires_at is None else f"{key.expires_at:%Y-%m-%d}",
            _state(key, now),
            "never" if (used_at := description.key_uses.get(key.id)) is None else f"{used_at:%Y-%m-%d %H:%M}",
            ", ".join(key.referrers),
            ", ".join(description.mastered_by(key)),
        )
        for key in description.keys
    )
    print_table(("key", "created", "expires", "state", "last used", "referrers", "master key of"), rows)


def described_key(description: AccountDescription, key: Key, now: datetime) -> dict[str, Any]:
    """Return a key for a JSON document; dates that do not apply are absent."""
    dates = {
        "createdAt": key.created_at,
        "expiresAt": key.expires_at,
        "revokedAt": key.revoked_at,
        "lastUsedAt": description.key_uses.get(key.id),
    }
    known = {name: at.isoformat() for name, at in dates.items() if at is not None}
    roles = {"masterOf": description.mastered_by(key), "referrers": key.referrers}
    return {"name": key.name, "state": _state(key, now), **roles, **known}


def _state(key: Key, now: datetime) -> str:
    if key.revoked_at is not None:
        return "revoked"
    return "live" if key.is_live(now) else "expired"
