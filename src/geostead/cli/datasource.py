"""``geostead datasource``: what is done over HTTP, and what only an operator does, on this machine."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from geostead.cli.datasource_changes import delete, public, publish, rollback
from geostead.cli.datasource_download import download
from geostead.cli.datasource_load import load
from geostead.cli.datasource_query import query
from geostead.cli.datasource_show import list_, show
from geostead.cli.options import AccountName, DataDir, services_of
from geostead.model.engine import EntityEngine
from geostead.operations.reserve_data_source import reserve_data_source
from geostead.operations.set_engine import set_engine
from geostead.operations.set_master_key import set_master_key

app = typer.Typer(
    rich_markup_mode=None,
    help="Data sources. reserve, set-master-key, engine and list ACCOUNT work on the installation of this machine; "
    "everything else speaks HTTP to any Geostead.",
    no_args_is_help=True,
)
app.command(name="list")(list_)
app.command()(show)
app.command()(load)
app.command()(publish)
app.command()(rollback)
app.command()(public)
app.command()(download)
app.command()(delete)
app.command()(query)


class EngineChoice(StrEnum):
    """An engine, or whatever the installation says."""

    SNAPSHOTS = EntityEngine.SNAPSHOTS.value
    POSTGIS = EntityEngine.POSTGIS.value
    DEFAULT = "default"


DataSourceName = Annotated[str, typer.Argument(metavar="NAME", help="Name of the data source.")]


@app.command()
def reserve(
    account: Annotated[str, typer.Argument(metavar="ACCOUNT", help="Name of the account that will own it.")],
    name: DataSourceName,
    access_id: Annotated[str, typer.Option(metavar="HEX", help="Access id: 32 hex digits, as in existing URLs.")],
    data_dir: DataDir = None,
) -> None:
    """Fix the access id of a data source before its first load, so that existing query URLs go on working."""
    with services_of(data_dir) as services:
        reserved = reserve_data_source(services, account, name, access_id)
    typer.echo(f"Reserved the data source {reserved.name} with the access id {reserved.access_id}.")


@app.command(name="set-master-key")
def set_master_key_(
    account: AccountName,
    name: DataSourceName,
    key: Annotated[str, typer.Argument(metavar="KEY", help="Name of the key, not its value.")],
    data_dir: DataDir = None,
) -> None:
    """Make another key of the account the master key: from now on only that one may change the data source."""
    with services_of(data_dir) as services:
        new = set_master_key(services, account, name, key)
    typer.echo(f"The master key of the data source {new.data_source.name} is now {new.key.name}.")
    if new.key.expires_at is not None:
        until = f"{new.key.expires_at:%Y-%m-%d}"
        typer.echo(f"It expires on {until}: then nobody can change the data source until another one is set.", err=True)


@app.command(name="engine")
def engine_(
    account: AccountName,
    name: DataSourceName,
    engine: Annotated[EngineChoice, typer.Argument(metavar="ENGINE", help="snapshots, postgis or default.")],
    data_dir: DataDir = None,
) -> None:
    """Choose what keeps the entities from the next load on: files, PostGIS, or what GEOSTEAD_ENTITIES says."""
    chosen = None if engine is EngineChoice.DEFAULT else EntityEngine(engine.value)
    with services_of(data_dir) as services:
        found = set_engine(services, account, name, chosen)
        engine_now = found.engine or services.engines[0]
    typer.echo(f"The next load of the data source {found.name} goes to {engine_now}; versions stay where they are.")
