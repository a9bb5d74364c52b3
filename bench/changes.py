"""Measures changes of a data source, from the request to ``Completed``, beside what the disk alone takes.

===================  =================================================================================
an incremental load  copying the files of the version that it changes, each synced
publish, rollback    one synced commit of a SQLite database with the settings of the catalog
a download           copying its output, synced
===================  =================================================================================

``python -m bench.changes [--entities 200000] [--changes 1000] [--runs 5]``; each is measured beside its floor, so that
a noisy machine disturbs both. The worker looks for new jobs every 20 ms.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sqlite3
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.places import write_changes, write_places
from bench.servers import Installation, data_source_path, geostead, load, order, wait_until_completed

_NAME = "Places"
_PAUSE_S = 0.002
"""Between two questions for the status: what is measured may take a few milliseconds."""


def main() -> None:
    """Measure every kind of change some times and print it beside its floor."""
    options = _options()
    with tempfile.TemporaryDirectory() as folder:
        upload = Path(folder, "places.csv")
        write_places(upload, options.entities)
        data_dir = Path(folder, "data")
        with geostead(data_dir) as running:
            first = wait_until_completed(running, load(running, _NAME, upload))
            bench = _Bench(running, data_dir, data_source_path(first), str(first["id"]))
            for seed in range(options.runs):
                write_changes(upload, options.changes, options.entities, seed)
                bench.run(upload)
    _print(options, bench.seconds, bench.floors)


@dataclass
class _Bench:
    """One data source, and what was measured so far."""

    running: Installation
    data_dir: Path
    path: str
    published: str
    """Id of the load job of the published version."""
    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    floors: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    def run(self, changes: Path) -> None:
        """Measure everything once."""
        before = self.published
        (snapshot,) = (self.data_dir / "snapshots").glob(f"{before}-*")
        self.floors["incremental load"].append(_copy_seconds(snapshot, self.data_dir / "copy"))
        self._measure("incremental load", lambda: load(self.running, _NAME, changes, operation="incremental"))
        self.floors["rollback"].append(_commit_seconds(self.data_dir / "commits.sqlite3"))
        rollback = f"/REST/v1/Dataflows/DataSourceRollback/{before}/{_NAME}"
        self._measure("rollback", lambda: order(self.running, rollback))
        staged = load(self.running, _NAME, changes, operation="incrementalStaging")
        self.published = str(wait_until_completed(self.running, staged)["id"])
        self.floors["publish"].append(_commit_seconds(self.data_dir / "commits.sqlite3"))
        self._measure("publish", lambda: order(self.running, f"{self.path}/$commit"))
        download = f"/REST/v1/Dataflows/DataSourceDownload{self.path.removeprefix('/REST/v1/data')}"
        downloaded = self._measure("download", lambda: order(self.running, download))
        output = self.data_dir / "blobs" / "downloads" / downloaded
        self.floors["download"].append(_copy_seconds(output, self.data_dir / "copy"))

    def _measure(self, name: str, start: Callable[[], str]) -> str:
        """Start a job and wait for it; return its id."""
        began = time.perf_counter()
        resource = wait_until_completed(self.running, start(), pause_s=_PAUSE_S)
        self.seconds[name].append(time.perf_counter() - began)
        return str(resource["id"])


def _copy_seconds(source: Path, target: Path) -> float:
    """Copy a file, or the files of a folder, and sync each; return the seconds."""
    target.mkdir()
    began = time.perf_counter()
    for path in source.iterdir() if source.is_dir() else [source]:
        with path.open("rb") as original, (target / path.name).open("wb") as copy:
            shutil.copyfileobj(original, copy, 2**20)
            copy.flush()
            os.fsync(copy.fileno())
    seconds = time.perf_counter() - began
    shutil.rmtree(target)
    return seconds


def _commit_seconds(path: Path) -> float:
    """Return the seconds of one commit."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("CREATE TABLE IF NOT EXISTS pointers (published TEXT)")
        began = time.perf_counter()
        connection.execute("INSERT INTO pointers VALUES ('a')")
        connection.commit()
        return time.perf_counter() - began


def _print(options: argparse.Namespace, seconds: dict[str, list[float]], floors: dict[str, list[float]]) -> None:
    title = f"{options.entities:,} entities with 25 properties, {options.changes:,} changes; milliseconds, median of "
    table = Table(
        "", "request to Completed", "from … to", "floor", "from … to", "ratio", title=f"{title}{options.runs}"
    )
    for name, measured in seconds.items():
        ratio = statistics.median(measured) / statistics.median(floors[name])
        table.add_row(name, *_figures(measured), *_figures(floors[name]), f"{ratio:.1f}")
    Console(width=120).print(table)


def _figures(seconds: list[float]) -> tuple[str, str]:
    return f"{1000 * statistics.median(seconds):.0f}", f"{1000 * min(seconds):.0f} … {1000 * max(seconds):.0f}"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--entities", type=int, default=200_000)
    parser.add_argument("--changes", type=int, default=1_000)
    parser.add_argument("--runs", type=int, default=5)
    return parser.parse_args()


if __name__ == "__main__":
    main()
