"""The results of a comparison, as they are kept in a file between the run and the report."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import orjson


@dataclass(frozen=True, slots=True)
class Cell:
    """What one system did with one kind of work."""

    entities: int
    workers: int
    work: str
    system: str
    requests_per_s: float | None = None
    """None: it was not measured."""
    p50_ms: float | None = None
    p99_ms: float | None = None
    errors: int = 0
    """Replies with another status than 200, and requests without a reply."""
    size: int | None = None
    """Mean size of a reply in bytes."""
    few: int | None = None
    """How many answers this rests on where one takes too long to ask for many; they came one after the other."""
    problem: str | None = None
    """Why it was not measured, or how its answers differ from those of Geostead."""


@dataclass(slots=True)
class Results:
    """One run."""

    machine: str
    versions: dict[str, str]
    seconds: int
    """How long each cell was measured."""
    cells: list[Cell] = field(default_factory=list)
    server_ms: dict[str, float] = field(default_factory=dict)
    """Median time within the process by number of entities: nearby 1000 km with a filter."""

    def write(self, path: Path) -> None:
        """Write them as JSON."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(orjson.dumps(asdict(self), option=orjson.OPT_INDENT_2))

    def cell(self, entities: int, workers: int, work: str, system: str) -> Cell | None:
        """Return a cell; None if there is none."""
        wanted = (entities, workers, work, system)
        return next((c for c in self.cells if (c.entities, c.workers, c.work, c.system) == wanted), None)

    def sizes(self) -> list[int]:
        """Return the numbers of entities, ascending."""
        return sorted({cell.entities for cell in self.cells})

    def worker_counts(self) -> list[int]:
        """Return the numbers of worker processes, ascending."""
        return sorted({cell.workers for cell in self.cells})

    def measured(self, system: str) -> Iterator[Cell]:
        """Return the cells of a system that have figures."""
        return (cell for cell in self.cells if cell.system == system and cell.requests_per_s is not None)


def read_results(path: Path) -> Results:
    """Read what :meth:`Results.write` wrote."""
    document: dict[str, Any] = orjson.loads(path.read_bytes())
    cells = [Cell(**cell) for cell in document.pop("cells")]
    return Results(**document, cells=cells)
