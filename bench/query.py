"""Measures queries beside the ceiling: the same server, answering with a canned body of the same size.

``python -m bench.query [--entities 200000] [--seconds 3] [--workers 1]`` prints a table; needs ``wrk``.
For each kind of work the ceiling runs directly before it, so that a noisy machine disturbs both.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from pathlib import Path
from threading import Thread

from rich.console import Console
from rich.table import Table

from bench.places import write_places
from bench.queries import WORK, query_paths
from bench.servers import Installation, ceiling, data_source_path, geostead, load, wait_until_completed
from bench.wrk import Measured, run_wrk

_REST_WORK = "nearby 10 km"


def main() -> None:
    """Measure every kind of work, then one of them while a load runs."""
    options = _options()
    table = Table("work", "req/s", "p50 ms", "p99 ms", "bytes", "ceiling req/s", "share", title=_title(options))
    with tempfile.TemporaryDirectory() as folder:
        upload = Path(folder, "places.csv")
        write_places(upload, options.entities)
        with (
            geostead(Path(folder, "data"), workers=options.workers) as running,
            ceiling(workers=options.workers) as top,
        ):
            base = data_source_path(wait_until_completed(running, load(running, "Places", upload)))
            for work in WORK:
                paths = query_paths(work, base, running.key, options.entities)
                table.add_row(*_row(work, running, top, paths, options.seconds))
            console = Console(width=120)
            console.print(table)
            paths = query_paths(_REST_WORK, base, running.key, options.entities)
            _compare_with_load(console, running, paths, upload, options.seconds)


def _row(work: str, running: Installation, top: str, paths: list[str], seconds: int) -> list[str]:
    size = round(statistics.mean(len(running.client.get(running.origin + path).content) for path in paths[:200]))
    run_wrk(running.origin, paths, seconds=1)
    run_wrk(top, [f"/{size}"], seconds=1)
    canned = run_wrk(top, [f"/{size}"], seconds=seconds)
    found = run_wrk(running.origin, paths, seconds=seconds)
    share = found.requests_per_s / canned.requests_per_s
    return [work, *_figures(found), f"{size:,}", f"{canned.requests_per_s:,.0f}", f"{share:.2f}"]


def _figures(found: Measured) -> list[str]:
    return [f"{found.requests_per_s:,.0f}", f"{found.p50_ms:.2f}", f"{found.p99_ms:.2f}"]


def _compare_with_load(console: Console, running: Installation, paths: list[str], upload: Path, seconds: int) -> None:
    """Print the latencies of one kind of work at rest and while loads of the same size run one after the other."""
    rest = run_wrk(running.origin, paths, seconds=seconds)
    stopping: list[bool] = []
    loader = Thread(target=_keep_loading, args=(running, upload, stopping))
    loader.start()
    busy = run_wrk(running.origin, paths, seconds=seconds)
    stopping.append(True)
    loader.join()
    table = Table(_REST_WORK, "req/s", "p50 ms", "p99 ms", title="At rest and while a load runs")
    table.add_row("at rest", *_figures(rest))
    table.add_row("while loading", *_figures(busy))
    table.add_row("ratio", "", f"{busy.p50_ms / rest.p50_ms:.1f}", f"{busy.p99_ms / rest.p99_ms:.1f}")
    console.print(table)


def _keep_loading(running: Installation, upload: Path, stopping: list[bool]) -> None:
    while not stopping:
        wait_until_completed(running, load(running, "Other", upload), pause_s=0.2)


def _title(options: argparse.Namespace) -> str:
    return f"{options.entities:,} entities with 25 properties, {options.workers} HTTP process(es), 8 connections"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--entities", type=int, default=200_000)
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--workers", type=int, default=1)
    return parser.parse_args()


if __name__ == "__main__":
    main()
