"""``geostead datasource list`` and ``show``: what data sources there are."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from geostead.cli.job_words import minutes
from geostead.cli.local_data_sources import print_local
from geostead.cli.options import AsJson, DataDir, print_json
from geostead.cli.remote import DEFAULT_URL, KeyFile, KeyValue, Name, Url, connected
from geostead.cli.tables import print_table

if TYPE_CHECKING:
    from geostead.client import DataSource, DataSourceDescription, Version


def list_(  # noqa: PLR0913, PLR0917  each argument is an option of the command line
    context: typer.Context,
    account: Annotated[
        str | None,
        typer.Argument(
            metavar="ACCOUNT",
            help="Name of an account: then the installation on this machine is read, as with the other --data-dir "
            "commands. Without it the Geostead at --url is asked, and lists the account of the key.",
        ),
    ] = None,
    data_dir: DataDir = None,
    url: Url = DEFAULT_URL,
    key: KeyValue = None,
    key_file: KeyFile = None,
    as_json: AsJson = False,
) -> None:
    """List data sources: of the key's account over HTTP; of ACCOUNT, with keys and versions, from this machine."""
    if account is not None:
        _refuse_those_of_http(context)
        print_local(account, data_dir, as_json=as_json)
        return
    if data_dir is not None:
        raise typer.BadParameter("--data-dir needs the name of an account; without one a server is asked.")
    _print_remote(url, key, key_file, as_json=as_json)


def _refuse_those_of_http(context: typer.Context) -> None:
    for name in ("url", "key", "key_file"):
        source = context.get_parameter_source(name)
        if source is not None and source.name == "COMMANDLINE":
            option = name.replace("_", "-")
            raise typer.BadParameter(
                f"--{option} is for a server; with the name of an account this machine is read: leave one of them out."
            )


def show(
    name: Name, url: Url = DEFAULT_URL, key: KeyValue = None, key_file: KeyFile = None, as_json: AsJson = False
) -> None:
    """Show a data source: where to query it, its versions and its properties."""
    with connected(url, key, key_file) as geostead:
        found = geostead.describe(name)
    if as_json:
        print_json(_described(found))
    else:
        _print(found)


def _print_remote(url: str, key: str | None, key_file: Path | None, *, as_json: bool) -> None:
    with connected(url, key, key_file) as geostead:
        found = geostead.data_sources()
    if as_json:
        print_json({"dataSources": [_members(source) for source in found]})
        return
    if not found:
        typer.echo("There are no data sources yet: geostead datasource load NAME FILE makes one.")
        return
    print_table(
        ("data source", "entity type", "public", "updated", "access id"),
        ((s.name, s.entity_type, "yes" if s.is_public else "no", minutes(s.updated_at), s.access_id) for s in found),
    )


def _print(found: DataSourceDescription) -> None:
    source = found.data_source
    typer.echo(f"{source.name}, {'public' if source.is_public else 'private'}")
    typer.echo(f"access id  {source.access_id}")
    typer.echo(f"query URL  {source.query_url}")
    print_table(
        ("version", "place", "entities", "made"),
        ((v.job_id, _place(v), f"{v.entity_count:,}", minutes(v.created_at)) for v in found.versions),
    )
    print_table(("property", "type", "key"), ((p.name, p.type, "yes" if p.is_key else "") for p in found.properties))


def _members(source: DataSource) -> dict[str, Any]:
    return {
        "dataSource": source.name,
        "accessId": source.access_id,
        "entityType": source.entity_type,
        "isPublic": source.is_public,
        "updatedAt": source.updated_at.isoformat(),
        "queryUrl": source.query_url,
    }


def _described(found: DataSourceDescription) -> dict[str, Any]:
    versions = [
        {
            "jobId": version.job_id,
            "place": _place(version),
            "entityCount": version.entity_count,
            "createdAt": version.created_at.isoformat(),
        }
        for version in found.versions
    ]
    properties = [{"name": p.name, "type": p.type.value, "isKey": p.is_key} for p in found.properties]
    return {**_members(found.data_source), "versions": versions, "properties": properties}


def _place(version: Version) -> str:
    return "published" if version.is_published else "staged" if version.is_staged else "previous"
