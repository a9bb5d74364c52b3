"""Measures a load from POST to ``Completed`` beside its floor.

The floor reads the same file with ``pyarrow.csv``, writes it as Arrow IPC and builds an R-tree over its points, with
none of what a load must do besides: no HTTP, no checks, no sorting, no syncing, no replies prepared.

``python -m bench.load [--entities 200000] [--runs 3]``; the two are measured in turn.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
import pyarrow as pa
import pyarrow.csv
from geoindex_rs import rtree
from rich.console import Console
from rich.table import Table

from bench.places import write_places
from bench.servers import Installation, geostead, load, wait_until_completed


def main() -> None:
    """Measure load and floor in turn and print both."""
    options = _options()
    if options.floor is not None:
        print(_floor(options.floor))
        return
    loads, floors = [], []
    with tempfile.TemporaryDirectory() as folder:
        upload = Path(folder, "places.csv")
        write_places(upload, options.entities)
        with geostead(Path(folder, "data")) as running:
            before = _worker_peak_mib(running)
            for _ in range(options.runs):
                floors.append(_floor_in_fresh_process(upload))
                loads.append(_seconds_to_completed(running, upload))
            _print(options.entities, upload.stat().st_size, loads, floors, (before, _worker_peak_mib(running)))


def _seconds_to_completed(running: Installation, upload: Path) -> float:
    began = time.perf_counter()
    wait_until_completed(running, load(running, "Places", upload))
    return time.perf_counter() - began


def _floor_in_fresh_process(upload: Path) -> float:
    command = [sys.executable, "-m", "bench.load", "--floor", str(upload)]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def _floor(upload: Path) -> float:
    """Return the seconds that the bare work takes; loading the libraries is not counted."""
    with upload.open() as file:
        declared = file.readlines(2000)[1].replace(",primaryKey", "").split(",")
    names = [column.split("(")[0] for column in declared]
    began = time.perf_counter()
    table = pyarrow.csv.read_csv(upload, pyarrow.csv.ReadOptions(skip_rows=2, column_names=names))
    with pa.OSFile(f"{upload}.arrow", "wb") as file, pa.ipc.new_file(file, table.schema) as writer:
        writer.write_table(table)
    x, y = (table.column(name).to_numpy() for name in ("Longitude", "Latitude"))
    builder = rtree.RTreeBuilder(len(x))
    builder.add(x, y, x, y)
    builder.finish()
    return time.perf_counter() - began


def _worker_peak_mib(running: Installation) -> float:
    """Return the highest resident memory, so far, of any process of the installation."""
    processes = psutil.Process(running.process_id).children(recursive=True)
    return max(_peak_kib(process.pid) for process in processes) / 1024


def _peak_kib(process_id: int) -> int:
    status = Path(f"/proc/{process_id}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))


def _print(entities: int, size: int, loads: list[float], floors: list[float], peaks: tuple[float, float]) -> None:
    table = Table("", "seconds, median", "seconds, each", title=f"{entities:,} entities, csv of {size / 1e6:.0f} MB")
    for name, seconds in (("POST to Completed", loads), ("floor", floors)):
        table.add_row(name, f"{statistics.median(seconds):.2f}", "  ".join(f"{s:.2f}" for s in seconds))
    table.add_row("ratio", f"{statistics.median(loads) / statistics.median(floors):.1f}", "")
    console = Console(width=100)
    console.print(table)
    console.print(f"Peak memory of the largest process: {peaks[1]:.0f} MiB ({peaks[0]:.0f} MiB before the first load)")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--entities", type=int, default=200_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--floor", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
