"""The results of a comparison as Markdown."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from bench.compare.aims import AIMS, Aim, Reached
from bench.compare.measure import REPEATED
from bench.compare.questions import WORK
from bench.compare.results import Cell, Results

SYSTEMS = ("geostead", "canned", "sqlite", "psycopg", "datasette", "tipg", "pygeoapi")
_NOTHING = "\N{EN DASH}"
_FAILED = "\N{MULTIPLICATION SIGN}"
_SIGNS = f"""\
{_NOTHING}: the system cannot be asked this. {_FAILED}: it did not answer; the reason is below. ≈: it was asked what
resembles the work most. ~: from a few answers one after the other, because one takes so long. !: not all requests were
answered, or the answers differ from those of Geostead; see below."""


def as_markdown(results: Results) -> str:
    """Return everything that the results say."""
    versions = "; ".join(f"{name} {version}" for name, version in results.versions.items())
    parts = [f"{results.machine}. {results.seconds} s for each figure, 8 connections. {versions}.", *_aims(results)]
    for entities in results.sizes():
        for workers in results.worker_counts():
            parts += _tables(results, entities, workers)
    return "\n\n".join([*parts, *_problems(results)])


def _aims(results: Results) -> Iterator[str]:
    yield "### Aims"
    columns = [(entities, workers) for entities in results.sizes() for workers in results.worker_counts()]
    heads = [f"{entities:,}, {_workers(workers)}" for entities, workers in columns]
    rows = [[aim.title, *(_verdict(aim, [*aim.reached(results, *column)]) for column in columns)] for aim in AIMS]
    yield _table(["aim", *heads], rows)


def _verdict(aim: Aim, reached: list[Reached]) -> str:
    """Say whether an aim is met, with the worst figure; where it is missed, with every figure that misses it."""
    if not reached:
        return ""
    ordered = sorted(reached, key=lambda one: one.figure, reverse=not aim.is_least)
    missed = [one for one in ordered if not one.is_met]
    shown = "; ".join(f"{_figure(one.figure)}{aim.unit} ({one.work})" for one in missed or ordered[:1])
    return f"**missed**: {shown}" if missed else f"met: {shown}"


def _tables(results: Results, entities: int, workers: int) -> Iterator[str]:
    cells = [cell for cell in results.cells if (cell.entities, cell.workers) == (entities, workers)]
    if not cells:
        return
    yield f"### {entities:,} entities, {_workers(workers)}"
    yield "Requests per second, and Geostead's share of the ceiling:"
    rates = _rows(cells, lambda cell: _figure(cell.requests_per_s))
    for row, work in zip(rates, _asked(cells), strict=True):
        row.append(_share(results, entities, workers, work))
    yield _table(["work", *_present(cells), "share"], rates)
    yield "Latency, 50th and 99th percentile in milliseconds:"
    yield _table(
        ["work", *_present(cells)], _rows(cells, lambda cell: f"{_figure(cell.p50_ms)} / {_figure(cell.p99_ms)}")
    )
    yield from _repeated(cells)


def _rows(cells: list[Cell], figure: Callable[[Cell], str]) -> list[list[str]]:
    by_name = {(cell.work, cell.system): cell for cell in cells}
    titles = {work.slug: work.title for work in WORK}
    return [
        [titles[work], *(_shown(by_name.get((work, system)), figure) for system in _present(cells))]
        for work in _asked(cells)
    ]


def _shown(cell: Cell | None, figure: Callable[[Cell], str]) -> str:
    if cell is None or cell.problem == "cannot be asked":
        return _NOTHING
    if cell.requests_per_s is None:
        return _FAILED
    signs = [
        "≈" if cell.problem == "approximated" else "",
        "~" if cell.few else "",
        "!" if cell.errors or (cell.problem or "").startswith("answers differ") else "",
    ]
    return "".join(signs) + figure(cell)


def _share(results: Results, entities: int, workers: int, work: str) -> str:
    ours, top = (results.cell(entities, workers, work, system) for system in ("geostead", "canned"))
    if ours and top and ours.requests_per_s and top.requests_per_s:
        return f"{ours.requests_per_s / top.requests_per_s:.2f}"
    return _NOTHING


def _repeated(cells: list[Cell]) -> Iterator[str]:
    """Say what becomes of queries that a cache of replies would know."""
    by_work = {cell.work: cell for cell in cells if cell.system == "geostead"}
    figures = [
        f"{work.title} {again.requests_per_s:,.0f} instead of {different.requests_per_s:,.0f}"
        for work in WORK
        if (again := by_work.get(work.slug + REPEATED)) and (different := by_work.get(work.slug))
        if again.requests_per_s and different.requests_per_s
    ]
    if figures:
        yield f"Geostead, the same query again and again, requests per second: {'; '.join(figures)}."


def _problems(results: Results) -> Iterator[str]:
    told = [
        f"- {cell.entities:,}, {_workers(cell.workers)}, {cell.work}, {cell.system}: "
        + "; ".join(filter(None, [cell.problem, f"{cell.errors} errors" if cell.errors else ""])).replace("\n", " ")
        for cell in results.cells
        if cell.errors or (cell.problem not in (None, "cannot be asked", "approximated"))
    ]
    yield _SIGNS
    if told:
        yield "\n".join(told)


def _asked(cells: list[Cell]) -> list[str]:
    found = {cell.work for cell in cells}
    return [work.slug for work in WORK if work.slug in found]


def _present(cells: list[Cell]) -> list[str]:
    found = {cell.system for cell in cells}
    return [system for system in SYSTEMS if system in found]


def _table(heads: list[str], rows: list[list[str]]) -> str:
    lines = [heads, ["---", *["---:"] * (len(heads) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _workers(count: int) -> str:
    return "1 worker" if count == 1 else f"{count} workers"


def _figure(value: float | None) -> str:
    assert value is not None  # only cells with figures are shown
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
