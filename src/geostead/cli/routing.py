"""``geostead routing``: what nearRoute finds its way with."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from geostead.cli.options import AsJson, DataDir, print_json, settings_of
from geostead.cli.tables import print_table
from geostead.model.travel import TravelMode
from geostead.routing.base import Followed, RoutingGraph, RoutingServer
from geostead.routing.graphs import FOLDER_NAME
from geostead.routing.osrm_build import build_graph, find_tools
from geostead.wiring.installation import existing_data_folder
from geostead.wiring.lookups import build_router

app = typer.Typer(rich_markup_mode=None, help="Routing: what nearRoute finds its way with.", no_args_is_help=True)

_GREAT_CIRCLE = "great circle"


class Profile(StrEnum):
    """What graphs are built for."""

    DRIVING = "driving"
    WALKING = "walking"
    BOTH = "both"


@app.command()
def build(
    source: Annotated[Path, typer.Argument(metavar="FILE", help="OpenStreetMap file of the region, region.osm.pbf.")],
    profile: Annotated[Profile, typer.Option(help="What the graph is for.")] = Profile.BOTH,
    data_dir: DataDir = None,
) -> None:
    """Build the graphs that routes follow, in place of former ones. Running servers take them at once."""
    folder = existing_data_folder(settings_of(data_dir=data_dir)) / FOLDER_NAME
    find_tools()  # before anything is made
    for mode in TravelMode:
        if profile in (Profile.BOTH, Profile(mode)):
            _build(source, folder, mode)


def _build(source: Path, folder: Path, mode: TravelMode) -> None:
    began_s = time.monotonic()
    graph = build_graph(source, folder, mode, datetime.now(UTC), lambda step: typer.echo(f"{mode}: {step} …", err=True))
    size_mb, took_s = graph.size_bytes() / 2**20, time.monotonic() - began_s
    typer.echo(f"Built the graph for {mode} from {source.name}: {size_mb:,.1f} MB in {took_s:,.0f} s.")


@app.command()
def show(data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """Show for each mode of travel what routes follow."""
    settings = settings_of(data_dir=data_dir)
    existing_data_folder(settings)
    router = build_router(settings)
    found = [(mode, router.followed(mode)) for mode in TravelMode]
    if as_json:
        print_json([{"mode": mode, **_document(followed)} for mode, followed in found])
        return
    columns = ("mode", "engine", "server", "source", "built", "size")
    print_table(columns, ((mode, *_words(followed)) for mode, followed in found))


def _document(followed: Followed) -> dict[str, Any]:
    match followed:
        case None:
            return {"engine": _GREAT_CIRCLE}
        case RoutingServer(engine, url):
            return {"engine": engine, "server": url}
        case RoutingGraph(source, built_at, size_bytes, is_usable):
            return {
                "engine": "graph",
                "source": source,
                "builtAt": built_at.isoformat(),
                "sizeBytes": size_bytes,
                "isUsable": is_usable,
            }


def _words(followed: Followed) -> tuple[str, str, str, str, str]:
    """Return engine, server, source, time and size, as far as there are any."""
    match followed:
        case None:
            return _GREAT_CIRCLE, "", "", "", ""
        case RoutingServer(engine, url):
            return engine, url, "", "", ""
        case RoutingGraph(source, built_at, size_bytes, is_usable):
            engine = "graph" if is_usable else f"{_GREAT_CIRCLE}: osrm-bindings is not installed"
            return engine, "", source, f"{built_at:%Y-%m-%dT%H:%M}", f"{size_bytes / 2**20:,.1f} MB"
