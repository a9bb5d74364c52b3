"""Data sources of this machine, as ``geostead datasource list ACCOUNT`` prints them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import typer

from geostead.cli.options import print_json, services_of
from geostead.cli.tables import print_table
from geostead.model.data_source import DataSourceVersions, Version
from geostead.model.engine import engine_of
from geostead.operations.describe_account import AccountDescription, describe_account


def print_local(account: str, data_dir: Path | None, *, as_json: bool) -> None:
    """List the data sources of an account, by name: keys, versions, and who may query them."""
    with services_of(data_dir) as services:
        description = describe_account(services, account)
    if as_json:
        found = [_described(description, data_source) for data_source in description.data_sources]
        print_json({"account": account, "dataSources": found})
        return
    if not description.data_sources:
        typer.echo(f"{account} has no data sources.")
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
