"""Compares Geostead with other ways to answer the same queries from the same points.

``python -m bench.compare [--entities 200000 2000000] [--workers 1 2] [--seconds 2] [--systems …] [--work …]`` writes
its results to a file, from which ``python -m bench.report`` writes docs/explanation/performance.md.
"""

from __future__ import annotations

import argparse
import os
import platform
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import psutil

from bench.compare.bare import start_psycopg, start_sqlite
from bench.compare.datasette_system import start_datasette
from bench.compare.environments import installed_version
from bench.compare.material import prepared
from bench.compare.measure import Round, measure_repeated, measure_work
from bench.compare.ours import start_geostead
from bench.compare.pygeoapi_system import start_pygeoapi
from bench.compare.questions import TITLES, WORK
from bench.compare.results import Cell, Results
from bench.compare.server_time import measure_server_ms
from bench.compare.system import Material, Start
from bench.compare.tipg_system import start_tipg
from bench.servers import ceiling

SYSTEMS: dict[str, Start] = {
    "geostead": start_geostead,
    "sqlite": start_sqlite,
    "psycopg": start_psycopg,
    "datasette": start_datasette,
    "tipg": start_tipg,
    "pygeoapi": start_pygeoapi,
}
"""Geostead first: the answers of the others are held against its own."""
_ON_POSTGRES = {"psycopg", "tipg", "pygeoapi"}
_IN_ENVIRONMENTS = {"datasette", "tipg", "pygeoapi"}
_REPEATED = {"nearby-10", "nearby-1000", "city-box"}
_TIMEOUT_S = 60


def main() -> None:
    """Measure everything that the options name and write the results after every number of entities and workers."""
    options = _options()
    tools = options.tools.resolve()
    with ExitStack() as stack:
        folder = options.folder or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        client = stack.enter_context(httpx.Client(timeout=_TIMEOUT_S))
        results = Results(_machine(), {}, options.seconds)
        for entities in options.entities:
            with_postgres = not _ON_POSTGRES.isdisjoint(options.systems)
            with prepared(folder.resolve(), entities, tools, with_postgres=with_postgres) as material:
                for workers in options.workers:
                    _compare(options, material, Round(client, entities, workers, options.seconds), results)
                    results.write(options.json)
        results.versions.update(_versions(options.systems, tools))
        results.write(options.json)
    print(f"Results are in {options.json}; write the page with: python -m bench.report {options.json}")


def _compare(options: argparse.Namespace, material: Material, round_: Round, results: Results) -> None:
    """Measure one number of entities with one number of workers."""
    print(f"{round_.entities:,} entities, {round_.workers} worker(s)", flush=True)
    with ExitStack() as stack:
        top = stack.enter_context(ceiling(workers=round_.workers))
        systems = [stack.enter_context(start(material, round_.workers)) for start in _chosen(options.systems)]
        for work in WORK:
            if work.slug in options.work:
                results.cells += _told(measure_work(round_, work, systems, top))
        if systems[0].name == "geostead":
            repeated = [work for work in WORK if work.slug in _REPEATED & {*options.work}]
            results.cells += _told(measure_repeated(round_, work, systems[0]) for work in repeated)
            results.server_ms[str(round_.entities)] = measure_server_ms(material, systems[0])


def _versions(systems: list[str], tools: Path) -> dict[str, str]:
    return {name: installed_version(name, tools) for name in systems if name in _IN_ENVIRONMENTS}


def _chosen(names: list[str]) -> list[Start]:
    return [start for name, start in SYSTEMS.items() if name in names]


def _told(cells: Iterator[Cell]) -> Iterator[Cell]:
    """Say what was found as soon as it was found."""
    for cell in cells:
        figures = "-" if cell.requests_per_s is None else f"{cell.requests_per_s:,.1f}/s  p50 {cell.p50_ms:,.2f} ms"
        remarks = [cell.problem or "", f"{cell.errors} errors" if cell.errors else "", "few" if cell.few else ""]
        print(f"  {cell.work:16} {cell.system:10} {figures:32} {'; '.join(filter(None, remarks))[:300]}", flush=True)
        yield cell


def _machine() -> str:
    memory = psutil.virtual_memory().total / 2**30
    model = next((line.split(":")[1].strip() for line in _cpu_lines() if line.startswith("model name")), "")
    return f"{os.cpu_count()} processors ({model}), {memory:.0f} GiB, {platform.system()} {platform.release()}"


def _cpu_lines() -> list[str]:
    return Path("/proc/cpuinfo").read_text().splitlines()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--entities", type=int, nargs="+", default=[200_000, 2_000_000])
    parser.add_argument("--workers", type=int, nargs="+", default=[1, os.cpu_count() or 2])
    parser.add_argument("--seconds", type=int, default=2, help="for each cell")
    parser.add_argument("--systems", nargs="+", choices=SYSTEMS, default=[*SYSTEMS])
    parser.add_argument("--work", nargs="+", choices=TITLES, default=[*TITLES])
    parser.add_argument("--json", type=Path, default=Path("bench/results/compare.json"), help="file for the results")
    parser.add_argument("--tools", type=Path, default=Path(".tools"), help="folder for environments of other systems")
    parser.add_argument("--folder", type=Path, help="for data; what is there from an earlier run is used again")
    return parser.parse_args()


if __name__ == "__main__":
    main()
