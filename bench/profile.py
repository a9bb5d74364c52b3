"""Profiles the slowest queries of Geostead in a real server, every thread of it, and writes what it found as text.

``python -m bench.profile [--entities 200000] [--work deep-skip order …]``; without ``--work`` the three that were the
slowest in the results of ``python -m bench.compare``. It needs ``py-spy`` and the right to trace processes.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bench.compare.material import prepared
from bench.compare.ours import start_geostead
from bench.compare.questions import WORK, Work
from bench.compare.results import Results, read_results
from bench.compare.system import Material, System
from bench.wrk import run_wrk

_SHOWN = 25
_SLOWEST = 3
_PER_S = 250
_WARM_UP_S = 1
_OF_REQUESTS = ("geostead/http/", "granian/_futures")
"""What the stack of a thread that works on a request goes through; all others wait for something."""
_FUNCTION = re.compile(r".+ \(.+:\d+\)")
_ROOT = Path(__file__).parent.parent


def main() -> None:
    """Write a profile of each kind of work and print it."""
    options = _options()
    slugs = options.work or _slowest(read_results(options.results), options.entities)
    options.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.folder or Path(temporary)
        with prepared(folder.resolve(), options.entities, Path(".tools"), with_postgres=False) as material:
            for slug, text in _profiles(material, slugs, options.seconds):
                (options.out / f"{slug}.txt").write_text(text)
                print(text)


def _slowest(results: Results, entities: int) -> list[str]:
    """Return the kinds of work with the lowest rates of Geostead with the fewest workers."""
    workers = results.worker_counts()[0]
    cells = [cell for work in WORK if (cell := results.cell(entities, workers, work.slug, "geostead"))]
    measured = [(cell.requests_per_s, cell.work) for cell in cells if cell.requests_per_s is not None]
    return [slug for _, slug in sorted(measured)[:_SLOWEST]]


def _profiles(material: Material, slugs: list[str], seconds: int) -> Iterator[tuple[str, str]]:
    with start_geostead(material, 1) as system:
        for work in WORK:
            if work.slug in slugs:
                stacks, rate = _sampled(system, work, material.entities, seconds)
                title = f"{work.title}, {material.entities:,} entities, one worker, 8 connections"
                yield work.slug, _as_text(stacks, f"{title}: {rate:,.0f} requests per second while profiled")


def _sampled(system: System, work: Work, entities: int, seconds: int) -> tuple[Counter[str], float]:
    """Return how often each stack was seen, outermost function first, and the requests per second."""
    paths = [path for question in work.questions(entities) if (path := system.path(question)) is not None]
    run_wrk(system.origin, paths, seconds=_WARM_UP_S)
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(1) as pool:
        output = Path(folder, "stacks")
        load = pool.submit(run_wrk, system.origin, paths, seconds=seconds + _WARM_UP_S)
        what = ["--pid", str(system.process_id), "--subprocesses", "--duration", str(seconds), "--rate", str(_PER_S)]
        how = ["--format", "raw", "--function", "--output", str(output)]
        subprocess.run([Path(sys.executable).parent / "py-spy", "record", *what, *how], check=True, capture_output=True)
        lines = [line.rpartition(" ") for line in output.read_text().splitlines()]
        return Counter({stack: int(count) for stack, _, count in lines}), load.result().requests_per_s


def _as_text(stacks: Counter[str], title: str) -> str:
    """Tell where the time goes: in functions themselves, and in them with all that they call."""
    own: Counter[str] = Counter()
    with_callees: Counter[str] = Counter()
    for stack, count in stacks.items():
        functions = [_named(function) for function in stack.split(";") if _FUNCTION.fullmatch(function)]
        if not any(place in stack for place in _OF_REQUESTS):
            continue
        own[functions[-1]] += count
        for function in set(functions):
            with_callees[function] += count
    samples = max(1, own.total())
    parts = [title, f"{samples:,} samples of threads at work on requests", ""]
    for heading, found in (("in the function itself", own), ("with all that it calls", with_callees)):
        rows = [f"{100 * count / samples:5.1f} %  {function}" for function, count in found.most_common(_SHOWN)]
        parts += [heading, *rows, ""]
    return "\n".join(parts)


def _named(function: str) -> str:
    """Leave out of a file's name what differs from one machine to the next."""
    for part in (f"{_ROOT}/", "site-packages/", "lib/"):
        before, found, after = function.partition(part)
        if found:
            function = f"{before.partition('(')[0]}({after}"
    return function


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--entities", type=int, default=200_000)
    parser.add_argument("--work", nargs="+", choices=[work.slug for work in WORK])
    parser.add_argument("--seconds", type=int, default=6)
    parser.add_argument("--results", type=Path, default=Path("bench/results/compare.json"))
    parser.add_argument("--out", type=Path, default=Path("docs/explanation/profiles"), help="folder for the profiles")
    parser.add_argument("--folder", type=Path, help="for data; what is there from an earlier run is used again")
    return parser.parse_args()


if __name__ == "__main__":
    main()
