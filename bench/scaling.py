"""Measures queries with one and two HTTP servers, and loads with one and two workers, on PostgreSQL and S3.

``python -m bench.scaling [--entities 50000] [--seconds 8] [--loads 6] [--share 0.25]`` prints a table; needs ``wrk``,
PostgreSQL, SeaweedFS, HAProxy, and root on Linux. One machine cannot be two: so each server and each worker may use a
share of one processor, small enough that what they use together with database, store, proxy and ``wrk`` is less than
there is. What then grows with their number would grow with machines, as long as database and store keep up: what
those use for one query and for one load is told, too.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil
from rich.console import Console
from rich.table import Table

from bench.places import write_places
from bench.queries import query_paths
from bench.servers import Installation, data_source_path, load, wait_until_completed
from bench.shares import cpu_seconds, share_of_a_processor
from bench.wrk import run_wrk
from tests.backing_servers import Backing, make_backing
from tests.clusters import HOST, free_ports, node_command, running_proxy, worker_command
from tests.postgres import running_postgres
from tests.processes import Running, geostead, started
from tests.s3 import running_s3

_WORK = "nearby 10 km"
_WARM_UP_S = 2


@dataclass(frozen=True)
class Figures:
    """What was measured with a number of processes."""

    what: str
    count: int
    per_s: float
    own_ms: float
    """What the servers or workers used of a processor for each, in milliseconds."""
    database_ms: float
    """What the database used of a processor for each."""


def main() -> None:
    """Measure queries, then loads."""
    options = _options()
    with tempfile.TemporaryDirectory() as text, running_postgres() as database, running_s3(Path(text, "s3")) as store:
        folder = Path(text)
        backing = make_backing(database, store, with_entities=False)
        upload = folder / "places.csv"
        write_places(upload, options.entities)
        key = _create_account(folder, backing)
        figures = [*_queries(folder, backing, key, upload, options), *_loads(folder, backing, key, upload, options)]
    Console(width=120).print(_table(figures, options))


def _queries(folder: Path, backing: Backing, key: str, upload: Path, options: argparse.Namespace) -> Iterator[Figures]:
    with _nodes(folder, backing, 1) as (origins, _), _workers(folder, backing.variables, 1):
        base = _loaded(origins[0], key, upload, "Places")
    paths = query_paths(_WORK, base, key, options.entities)
    for count in (1, 2):
        with _nodes(folder, backing, count, options.share) as (origins, nodes):
            yield _asked("queries/s, each server asked directly", origins, nodes, backing, paths, options.seconds)
            port = free_ports(1)[0]
            with running_proxy(folder / f"proxy-{count}", port, [httpx.URL(origin).port or 0 for origin in origins]):
                proxied = [f"http://{HOST}:{port}"]
                yield _asked("queries/s through HAProxy", proxied, nodes, backing, paths, options.seconds)


def _asked(
    what: str, origins: list[str], nodes: list[Running], backing: Backing, paths: list[str], seconds: int
) -> Figures:
    """Ask all origins at once for a while."""
    with ThreadPoolExecutor(len(origins)) as pool:
        list(pool.map(lambda origin: run_wrk(origin, paths, seconds=_WARM_UP_S), origins))
        before = _used(nodes, backing)
        measured = list(pool.map(lambda origin: run_wrk(origin, paths, seconds=seconds), origins))
    own_s, database_s = (now - then for now, then in zip(_used(nodes, backing), before, strict=True))
    per_s = sum(each.requests_per_s for each in measured)
    total = per_s * seconds
    return Figures(what, len(nodes), per_s, 1000 * own_s / total, 1000 * database_s / total)


def _loads(folder: Path, backing: Backing, key: str, upload: Path, options: argparse.Namespace) -> Iterator[Figures]:
    with _nodes(folder, backing, 1) as (origins, _), httpx.Client(timeout=120) as client:
        installation = Installation(origins[0], key, 0, client)
        for count in (1, 2):
            with _workers(folder, backing.variables, count, options.share) as workers:
                wait_until_completed(installation, load(installation, "Warm", upload))
                before = _used(workers, backing)
                began_s = time.monotonic()
                names = [f"Loaded{count}x{number}" for number in range(options.loads)]
                accepted = [load(installation, name, upload) for name in names]
                for url in accepted:
                    wait_until_completed(installation, url, pause_s=0.1)
                seconds = time.monotonic() - began_s
                own_s, database_s = (now - then for now, then in zip(_used(workers, backing), before, strict=True))
            total = len(accepted)
            yield Figures("loads/s", count, total / seconds, 1000 * own_s / total, 1000 * database_s / total)


@contextmanager
def _nodes(
    folder: Path, backing: Backing, count: int, share: float | None = None
) -> Iterator[tuple[list[str], list[Running]]]:
    """Run HTTP servers, each with a share of a processor if one is given; hand out their origins and processes."""
    ports = free_ports(count)
    commands = [node_command(folder / f"node-{number}", port) for number, port in enumerate(ports)]
    with _shared(commands, folder / "nodes.log", backing.variables, "node", share) as running:
        yield [f"http://{HOST}:{port}" for port in ports], running


@contextmanager
def _workers(
    folder: Path, variables: Mapping[str, str], count: int, share: float | None = None
) -> Iterator[list[Running]]:
    commands = [worker_command(folder / f"worker-{number}") for number in range(count)]
    with _shared(commands, folder / "workers.log", variables, "worker", share) as running:
        yield running


@contextmanager
def _shared(
    commands: list[list[str]], log: Path, variables: Mapping[str, str], name: str, share: float | None
) -> Iterator[list[Running]]:
    with ExitStack() as stack:
        groups = []
        if share is not None:
            groups = [
                stack.enter_context(share_of_a_processor(f"{name}-{number}", share)) for number in range(len(commands))
            ]
        running = stack.enter_context(started(commands, log, variables))
        for group, one in zip(groups, running, strict=False):
            group.add(one.tree())
        yield running


def _used(running: list[Running], backing: Backing) -> tuple[float, float]:
    """Return what processes and the database have used of a processor until now, in seconds."""
    pid = int((backing.database.folder / "postmaster.pid").read_text().split()[0])
    database = psutil.Process(pid)
    own = [process for one in running for process in one.tree()]
    return cpu_seconds(own), cpu_seconds([database, *database.children()])


def _loaded(origin: str, key: str, upload: Path, name: str) -> str:
    """Load a data source and return the path of its queries."""
    with httpx.Client(timeout=120) as client:
        installation = Installation(origin, key, 0, client)
        return data_source_path(wait_until_completed(installation, load(installation, name, upload)))


def _create_account(folder: Path, backing: Backing) -> str:
    command = geostead("account", "create", "bench", "--json", "--data-dir", str(folder / "cli"))
    environment = {**os.environ, **backing.variables}
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    return str(json.loads(done.stdout)["keys"][0]["key"])


def _table(figures: list[Figures], options: argparse.Namespace) -> Table:
    title = (
        f"{options.entities:,} entities, {_WORK}; each server or worker has {options.share:.0%} of one processor of "
        f"{os.cpu_count()}"
    )
    table = Table(
        "what", "processes", "per second", "times one", "own CPU ms each", "database CPU ms each", title=title
    )
    ones = {each.what: each.per_s for each in figures if each.count == 1}
    for each in sorted(figures, key=lambda each: (each.what, each.count)):
        times = f"{each.per_s / ones[each.what]:.2f}"
        used = f"{each.own_ms:,.2f}", f"{each.database_ms:,.2f}"
        table.add_row(each.what, str(each.count), f"{each.per_s:,.2f}", times, *used)
    return table


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entities", type=int, default=50_000)
    parser.add_argument("--seconds", type=int, default=8)
    parser.add_argument("--loads", type=int, default=6)
    parser.add_argument("--share", type=float, default=0.25)
    return parser.parse_args()


if __name__ == "__main__":
    main()
