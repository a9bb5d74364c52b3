"""Makes what benchmarks ask: for each kind of work many URLs, each a little different, the same for the same seed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote

import numpy as np

from bench.places import CITIES, ENTITY_TYPE, cities


@dataclass(frozen=True, slots=True)
class _Asked:
    """What differs from one query to the next."""

    latitude: float
    longitude: float
    number: int


def _by_id(asked: _Asked) -> str:
    return f"('P{asked.number}')?$format=json"


def _near(km: int, more: str = "") -> Callable[[_Asked], str]:
    def options(asked: _Asked) -> str:
        return f"?$format=json&$top=25&spatialFilter=nearby({asked.latitude:.5f},{asked.longitude:.5f},{km}){more}"

    return options


def _city_box(asked: _Asked) -> str:
    south, west = asked.latitude - 0.1, asked.longitude - 0.15
    box = f"{south:.5f},{west:.5f},{south + 0.2:.5f},{west + 0.3:.5f}"
    return f"?$format=json&$top=25&spatialFilter=bbox({box})"


def _filter_count(asked: _Asked) -> str:
    text = quote(f"Operator eq 'Operator {asked.number % 500}'")
    return f"?$format=json&$top=25&$inlinecount=allpages&$filter={text}"


WORK: dict[str, Callable[[_Asked], str]] = {
    "by id": _by_id,
    "nearby 10 km": _near(10),
    "nearby 1000 km": _near(1000),
    "bbox of a city": _city_box,
    "filter + nearby 50 km": _near(50, "&$filter=" + quote("Category eq 'cafe'")),
    "filter with count": _filter_count,
}
"""Kinds of work, by the name that the tables of results use."""


def query_paths(work: str, base: str, key: str, entities: int, *, count: int = 2000, seed: int = 7) -> list[str]:
    """Return ``count`` paths with query below ``base``, the path of a data source with ``entities`` places."""
    random = np.random.default_rng(seed)
    centres = cities()
    paths = []
    for _ in range(count):
        latitude, longitude = centres[random.integers(0, CITIES)] + random.normal(0, 0.1, 2)
        asked = _Asked(latitude, longitude, int(random.integers(0, entities)))
        paths.append(f"{base}/{ENTITY_TYPE}{WORK[work](asked)}&key={key}")
    return paths
