"""``geostead datasource``: what cannot be done over HTTP."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

import typer

from geostead.cli.options import AccountName, AsJson, DataDir, print_json, services_of
from geostead.cli.tables import print_table
from geostead.model.data_source import DataSourceVersions, Version
from geostead.model.engine import EntityEngine, engine_of
from geostead.operations.describe_account import AccountDescription, describe_account
from geostead.operations.reserve_data_source import reserve_data_source
from geostead.operations.set_engine import set_engine
from geostead.operations.set_master_key import set_master_key

app = typer.Typer(rich_markup_mode=None, help="Data sources.", no_args_is_help=True)


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


@app.command(name="list")
def list_(account: AccountName, data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """List the data sources of an account, by name: keys, versions, and who may query them."""
    with services_of(data_dir) as services:
        description = describe_account(services, account)
    if as_json:
        found = [_described(description, data_source) for data_source in description.data_sources]
        print_json({"account": account, "dataSources": found})
        return
    print_table(
        ("data source", "access id", "master key", "query key", "public", "engine", "published", "staged", "previous"),
        (_row(description, data_source) for data_source in description.data_sources),
    )


def _row(description: AccountDescription, found: DataSourceVersions) -> tuple[str, ...]:
    data_source = found.data_source
    return (
        data_source.name,
        data_source.access_id,
        description.key_name(data_source.master_key_id) or "",
        description.key_name(data_source.query_key_id) or "",
        "yes" if data_source.is_public else "no",
        _engine_words(found),
        _version_words(found.published),
        _version_words(found.staged),
        str(len(found.previous)),
    )


def _engine_words(found: DataSourceVersions) -> str:
    """Return where the published version is; and where the next ones go, if the operator has said so."""
    now = "" if found.published is None else engine_of(found.published.snapshot_id).value
    chosen = found.data_source.engine
    return now if chosen is None or chosen.value == now else f"{now}, next {chosen}".removeprefix(", ")


def _version_words(version: Version | None) -> str:
    return "" if version is None else f"{version.entity_count:,} entities, {version.created_at:%Y-%m-%d %H:%M}"


def _described(description: AccountDescription, found: DataSourceVersions) -> dict[str, Any]:
    """Return a data source for a JSON document; keys that there are not are absent."""
    data_source = found.data_source
    keys = {
        "masterKey": description.key_name(data_source.master_key_id),
        "queryKey": description.key_name(data_source.query_key_id),
    }
    return {
        "dataSource": data_source.name,
        "accessId": data_source.access_id,
        "isPublic": data_source.is_public,
        "createdAt": data_source.created_at.isoformat(),
        **{name: key for name, key in keys.items() if key is not None},
        "engine": data_source.engine or "default",
        "versions": [_described_version(found, version) for version in found.every],
    }


def _described_version(found: DataSourceVersions, version: Version) -> dict[str, Any]:
    place = "published" if version is found.published else "staged" if version is found.staged else "previous"
    return {
        "jobId": version.job_id,
        "place": place,
        "entityType": version.entity_type.name,
        "engine": engine_of(version.snapshot_id),
        "entityCount": version.entity_count,
        "createdAt": version.created_at.isoformat(),
    }
