"""``geostead datasource query``: entities, as a table or for programs."""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Iterable, Iterator
from enum import StrEnum
from itertools import chain
from typing import TYPE_CHECKING, Annotated, assert_never

import orjson
import typer

from geostead.cli.options import AsJson, print_json
from geostead.cli.remote import DEFAULT_URL, KeyFile, KeyValue, Name, Url, connected
from geostead.cli.tables import print_table

if TYPE_CHECKING:
    from geostead.client import Entities, Entity, Value

_DEFAULT_TOP = 25


class EntityFormat(StrEnum):
    """How entities are printed."""

    TABLE = "table"
    JSON = "json"
    GEOJSON = "geojson"
    CSV = "csv"


def query(  # noqa: PLR0913, PLR0917  each argument is an option of the command line
    name: Name,
    filter_: Annotated[str | None, typer.Option("--filter", help='$filter, such as "Seats gt 20".')] = None,
    spatial_filter: Annotated[str | None, typer.Option(help='spatialFilter, such as "nearby(53.55,9.99,5)".')] = None,
    select: Annotated[str | None, typer.Option(help='$select, such as "Name,__Distance".')] = None,
    order_by: Annotated[str | None, typer.Option(help='$orderby, such as "Seats desc".')] = None,
    top: Annotated[int, typer.Option(min=1, help="How many entities at most.")] = _DEFAULT_TOP,
    all_: Annotated[bool, typer.Option("--all", help="All entities, on however many pages; before --top.")] = False,
    count: Annotated[bool, typer.Option("--count", help="Print only how many entities match.")] = False,
    staged: Annotated[bool, typer.Option("--staged", help="Query the staged version.")] = False,
    format_: Annotated[EntityFormat, typer.Option("--format", help="How to print them.")] = EntityFormat.TABLE,
    url: Url = DEFAULT_URL,
    key: KeyValue = None,
    key_file: KeyFile = None,
    as_json: AsJson = False,
) -> None:
    """Query a data source. What the server remarks, such as what it took an address for, goes to stderr."""
    with connected(url, key, key_file) as geostead:
        found = geostead.query(
            name,
            filter=filter_,
            spatial_filter=spatial_filter,
            select=select,
            order_by=order_by,
            top=None if all_ else top,
            staged=staged,
        )
        if count:
            _print_count(found.count(), as_json=as_json)
            return
        _print(found, EntityFormat.JSON if as_json else format_)
        for remark in found.remarks:
            typer.echo(f"geostead: note: {remark}", err=True)


def _print_count(count: int, *, as_json: bool) -> None:
    if as_json:
        print_json({"count": count})
    else:
        typer.echo(str(count))


def _print(found: Entities, wanted: EntityFormat) -> None:
    match wanted:
        case EntityFormat.TABLE:
            _print_table(list(found))
        case EntityFormat.CSV:
            _print_csv(found)
        case EntityFormat.JSON:
            _print_array('{"entities":[', map(_members, found))
        case EntityFormat.GEOJSON:
            _print_array('{"type":"FeatureCollection","features":[', (e.__geo_interface__ for e in found))
        case _:
            assert_never(wanted)


def _print_array(opening: str, members: Iterable[dict[str, object]]) -> None:
    """Print a document with one array, whose members are written as they come; nothing where none can be had."""
    before = opening
    for member in members:
        typer.echo(before + orjson.dumps(member).decode(), nl=False)
        before = ","
    typer.echo("]}" if before == "," else f"{opening}]}}")


def _print_csv(found: Iterable[Entity]) -> None:
    """Print entities as CSV (RFC 4180) with a heading; nothing if there are none."""
    entities = iter(found)
    first = next(entities, None)
    if first is None:
        return
    for line in chain([list(first)], map(_cells, chain([first], entities))):
        text = io.StringIO(newline="")
        csv.writer(text).writerow(line)
        sys.stdout.write(text.getvalue())


def _print_table(found: list[Entity]) -> None:
    if found:
        print_table(list(found[0]), map(_cells, found))
    else:
        typer.echo("Nothing matches.")


def _members(entity: Entity) -> dict[str, object]:
    from geostead.client.entities import plain

    return {name: plain(value) for name, value in entity.items()}


def _cells(entity: Entity) -> list[str]:
    return list(_texts(entity.values()))


def _texts(values: Iterable[Value]) -> Iterator[str]:
    from geostead.client.entities import plain

    for value in values:
        shown = plain(value)
        yield "" if shown is None else str(shown).lower() if isinstance(shown, bool) else str(shown)
