"""``geostead routing``: what nearRoute finds its way with."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from geostead import wiring
from geostead.cli.options import AsJson, DataDir, print_json, settings_of
from geostead.cli.tables import print_table
from geostead.model.travel import TravelMode
from geostead.routing.engine_url import parse_engine_url
from geostead.routing.graphs import FOLDER_NAME, graphs
from geostead.routing.osrm_build import build_graph, find_tools
from geostead.routing.osrm_embedded import osrm
from geostead.settings import Settings

app = typer.Typer(rich_markup_mode=None, help="Routing: what nearRoute finds its way with.", no_args_is_help=True)


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
    folder = wiring.existing_data_folder(settings_of(data_dir=data_dir)) / FOLDER_NAME
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
    wiring.existing_data_folder(settings)
    found = [_described(settings, mode) for mode in TravelMode]
    if as_json:
        print_json(found)
        return
    columns = ("mode", "engine", "server", "source", "built", "size")
    print_table(columns, ((*_words(each),) for each in found))


def _described(settings: Settings, mode: TravelMode) -> dict[str, Any]:
    """Return what a mode's routes follow; a server's query string may hold a key and is left out."""
    if text := settings.routing_urls.get(mode):
        url = parse_engine_url(text)
        return {"mode": mode, "engine": url.engine, "server": str(url)}
    built = graphs(settings.data_dir / FOLDER_NAME, mode)
    if not built:
        return {"mode": mode, "engine": "great circle"}
    graph = built[-1]
    return {
        "mode": mode,
        "engine": "graph",
        "source": graph.source_name(),
        "builtAt": graph.built_at.isoformat(),
        "sizeBytes": graph.size_bytes(),
        "isUsable": osrm() is not None,
    }


def _words(described: dict[str, Any]) -> list[str]:
    size_bytes = described.get("sizeBytes")
    engine = described["engine"] if described.get("isUsable", True) else "great circle: osrm-bindings is not installed"
    size = "" if size_bytes is None else f"{size_bytes / 2**20:,.1f} MB"
    return [
        described["mode"],
        engine,
        described.get("server", ""),
        described.get("source", ""),
        described.get("builtAt", "")[:16],
        size,
    ]
