"""What happens to an ordinary file from its bytes to entities, as the console has it done."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from geostead.formats.base import RowIssue
from geostead.formats.ordinary.file_kind import find_kind
from geostead.formats.ordinary.proposal import propose, take_sample
from geostead.formats.registry import open_reader
from geostead.model.job import InputFormat
from geostead.model.limits import PROFILES, Limits
from geostead.model.table_reading import TableReading, Use

LIMITS = PROFILES["self-hosted"]


@dataclass
class Read:
    """The entities of a file."""

    rows: list[dict[str, Any]]
    issues: list[RowIssue]
    places: dict[int, str]


def proposed(content: bytes, name: str = "places.csv", limits: Limits = LIMITS) -> TableReading:
    """Return how a file is proposed to be read."""
    kind = find_kind(lambda: io.BytesIO(content), limits)
    assert not isinstance(kind, InputFormat), kind
    return propose(take_sample(lambda: io.BytesIO(content), limits, kind), name, can_look_up=True)


def uses(reading: TableReading) -> dict[str, Use]:
    """Return what becomes of the columns, by their names in the file."""
    return {column.source: column.use for column in reading.columns}


def read(content: bytes, reading: TableReading, limits: Limits = LIMITS) -> Read:
    """Read a file."""
    opened: Callable[[], io.BytesIO] = lambda: io.BytesIO(content)  # noqa: E731  its type is the point
    reader = open_reader(reading, opened, limits, "Places")
    rows: list[dict[str, Any]] = []
    issues: list[RowIssue] = []
    for batch in reader.batches():
        rows += batch.entities.to_pylist()
        issues += batch.issues
    return Read(rows, issues, reader.locate([issue.row for issue in issues]))
