"""Draws the results of a comparison."""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from bench.compare.questions import WORK
from bench.compare.results import Results
from bench.compare.tables import SYSTEMS

_LOOKS = {
    "geostead": ("#d62728", "o", "Geostead"),
    "canned": ("#999999", "|", "ceiling (canned body)"),
    "sqlite": ("#2ca02c", "s", "bare app, SQLite"),
    "psycopg": ("#1f77b4", "D", "bare app, PostGIS"),
    "datasette": ("#9467bd", "^", "datasette"),
    "tipg": ("#ff7f0e", "v", "tipg"),
    "pygeoapi": ("#8c564b", "P", "pygeoapi"),
}


def draw(results: Results, path: Path) -> None:
    """Write an SVG file: requests per second with one worker, a panel for each number of entities."""
    mpl.rcParams.update({"svg.hashsalt": "geostead", "font.size": 10})  # the same file for the same results
    workers = results.worker_counts()[0]
    sizes = results.sizes()
    figure = Figure(figsize=(6.2 * len(sizes) + 1.5, 6.6), layout="constrained")
    panels = figure.subplots(1, len(sizes), sharex=True, sharey=True, squeeze=False)[0]
    for panel, entities in zip(panels, sizes, strict=True):
        _draw_panel(panel, results, entities, workers)
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(
        handles, labels, loc="outside lower center", ncols=len(labels) if len(sizes) > 1 else 4, frameon=False
    )
    figure.savefig(path, metadata={"Date": None})


def _draw_panel(panel: Axes, results: Results, entities: int, workers: int) -> None:
    for system in SYSTEMS:
        cells = [results.cell(entities, workers, work.slug, system) for work in WORK]
        points = [(cell.requests_per_s, row) for row, cell in enumerate(cells) if cell and cell.requests_per_s]
        if points:
            colour, marker, label = _LOOKS[system]
            size = 110 if system in ("geostead", "canned") else 45
            front = 3 if system == "geostead" else 2
            panel.scatter(*zip(*points, strict=True), c=colour, marker=marker, s=size, label=label, zorder=front)
    panel.set_xscale("log")
    panel.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    panel.set_yticks(range(len(WORK)), [work.title for work in WORK])
    panel.set_ylim(len(WORK) - 0.5, -0.5)
    panel.grid(axis="both", color="#e5e5e5", linewidth=0.8)
    panel.set_axisbelow(True)
    panel.spines[["top", "right"]].set_visible(False)
    panel.set_title(f"{entities:,} entities", loc="left")
    panel.set_xlabel(f"requests per second, {workers} worker{'' if workers == 1 else 's'} (log scale)")
