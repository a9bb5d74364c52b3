"""``geostead datasource``: what cannot be done over HTTP."""

from __future__ import annotations

from typing import Annotated

import typer

from geostead.cli.options import DataDir, services_of
from geostead.operations.reserve_data_source import reserve_data_source

app = typer.Typer(rich_markup_mode=None, help="Data sources.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Keep ``reserve`` a command of its own while it is the only one."""


@app.command()
def reserve(
    account: Annotated[str, typer.Argument(metavar="ACCOUNT", help="Name of the account that will own it.")],
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name of the data source.")],
    access_id: Annotated[str, typer.Option(metavar="HEX", help="Access id: 32 hex digits, as in existing URLs.")],
    data_dir: DataDir = None,
) -> None:
    """Fix the access id of a data source before its first load, so that existing query URLs go on working."""
    with services_of(data_dir) as services:
        reserved = reserve_data_source(services, account, name, access_id)
    typer.echo(f"Reserved the data source {reserved.name} with the access id {reserved.access_id}.")
