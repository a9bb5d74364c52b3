"""The aims of the comparison, held against its results."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bench.compare.questions import TITLES
from bench.compare.results import Results

FIRST_SIX = ("nearby-10", "nearby-50", "nearby-400", "nearby-1000", "city-box", "country-box")
_QUICKEST = ("by-id", "nearby-10", "city-box")
_CITY_SIZED = ("nearby-10", "nearby-50", "city-box", "filter-nearby", "polygon")
_SERVER_MS = 5.0
_SERVER_ENTITIES = 200_000
_GROWTH = 1.5


@dataclass(frozen=True, slots=True)
class Reached:
    """What was reached with one kind of work."""

    work: str
    """Title of the work."""
    figure: float
    is_met: bool


@dataclass(frozen=True, slots=True)
class Aim:
    """One aim."""

    title: str
    reached: Callable[[Results, int, int], Iterator[Reached]]
    """From the results, a number of entities and a number of workers; nothing where the aim is about another one."""
    unit: str
    """After every figure."""
    is_least: bool = True
    """Whether more is better."""


def _times(system: str, works: tuple[str, ...], least: float) -> Callable[[Results, int, int], Iterator[Reached]]:
    """Compare requests per second with those of another system."""

    def reached(results: Results, entities: int, workers: int) -> Iterator[Reached]:
        for work in works:
            ours = results.cell(entities, workers, work, "geostead")
            theirs = results.cell(entities, workers, work, system)
            if ours and theirs and ours.requests_per_s and theirs.requests_per_s:
                ratio = ours.requests_per_s / theirs.requests_per_s
                yield Reached(TITLES[work], ratio, ratio >= least)

    return reached


def _growth(results: Results, entities: int, workers: int) -> Iterator[Reached]:
    """Compare the median latency with that of the fewest entities."""
    fewest = results.sizes()[0]
    for work in _CITY_SIZED if entities != fewest else ():
        few, many = (results.cell(size, workers, work, "geostead") for size in (fewest, entities))
        if few and many and few.p50_ms and many.p50_ms:
            ratio = many.p50_ms / few.p50_ms
            yield Reached(TITLES[work], ratio, ratio <= _GROWTH)


def _server_time(results: Results, entities: int, workers: int) -> Iterator[Reached]:
    taken = results.server_ms.get(str(entities))
    if taken is not None and entities == _SERVER_ENTITIES and workers == results.worker_counts()[0]:
        yield Reached("filter + nearby 1000 km", taken, taken < _SERVER_MS)


AIMS = (
    Aim("at least 10 times the requests/s of tipg", _times("tipg", FIRST_SIX, 10), " times"),
    Aim("at least 10 times the requests/s of pygeoapi", _times("pygeoapi", FIRST_SIX, 10), " times"),
    Aim("at least 5 times the requests/s of datasette", _times("datasette", FIRST_SIX, 5), " times"),
    Aim("no slower than the bare SQLite app", _times("sqlite", FIRST_SIX, 1), " times"),
    Aim("at least 0.7 of the ceiling", _times("canned", _QUICKEST, 0.7), ""),
    Aim("pages of 250 in JSON: at least 0.5 of the ceiling", _times("canned", ("page-json",), 0.5), ""),
    Aim("city-sized work: p50 at most 1.5 times that of the fewest entities", _growth, " times", is_least=False),
    Aim("nearby 1000 km with a filter: under 5 ms in the server", _server_time, " ms", is_least=False),
)
"""The first four are about the first six kinds of work."""
