"""Show the first rows of a file as they would be loaded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any

import pyarrow as pa

from geostead.errors import UnreadableUpload
from geostead.formats.base import EntityBatch, RowIssue
from geostead.formats.ordinary.proposal import Sample
from geostead.formats.ordinary.reader import TableRows
from geostead.formats.registry import open_reader
from geostead.formats.rows.entity_batches import make_batch
from geostead.formats.rows.text_columns import shown
from geostead.formats.rows.value_texts import value_texts
from geostead.model.access import Account
from geostead.model.entity_type import EntityType
from geostead.model.job import InputFormat
from geostead.model.kept_upload import KeptUpload
from geostead.model.limits import Limits
from geostead.model.table_reading import TableReading
from geostead.operations.services import Services

SHOWN_ROWS = 20
SHOWN_PLACES = 1_000


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """One row."""

    number: int
    """From 1, among the rows of the table."""
    cells: tuple[str, ...]
    """The value of each property as text, of a bad row what stands in the file; shortened."""
    issue: RowIssue | None
    """What is wrong with it, or worth a note."""


@dataclass(frozen=True, slots=True)
class Preview:
    """The first rows of a file, read."""

    entity_type: EntityType
    rows: tuple[PreviewRow, ...]
    """The first :data:`SHOWN_ROWS`, and after them the first ones that are bad."""
    row_count: int
    """Rows that were read for it."""
    is_whole: bool
    """Whether these are all rows of the file."""
    bad_count: int
    unplaced_count: int
    """Good rows without a place."""
    places: Mapping[str, Any]
    """The first :data:`SHOWN_PLACES` places as GeoJSON."""


def preview_table(sample: Sample, reading: TableReading, limits: Limits) -> Preview:
    """Read a sample of a table as the reading says. Raises InvalidSchema, LimitReached."""
    entity_type = reading.entity_type()
    raw = TableRows(reading).raw_rows(sample.rows)
    batch = make_batch(entity_type, raw, limits.points_per_shape)
    return _preview(entity_type, batch, raw.texts, is_whole=sample.is_whole)


def preview_upload(services: Services, account: Account, upload: KeptUpload, input_format: InputFormat) -> Preview:
    """Read the first rows of a file that says itself how it is read. Raises LoadError."""
    open_upload = partial(services.blobs.open, upload.blob)
    reader = open_reader(input_format, open_upload, account.limits, "Places")
    batches = reader.batches()
    first = next(batches, None)
    if first is None:
        raise UnreadableUpload("The file has no rows.")
    return _preview(reader.entity_type, first, {}, is_whole=next(batches, None) is None)


def _preview(
    entity_type: EntityType, batch: EntityBatch, raw: Mapping[str, pa.StringArray], *, is_whole: bool
) -> Preview:
    issues = {issue.row: issue for issue in batch.issues}
    bad = [issue.row for issue in batch.issues if issue.is_error]
    latitudes = batch.entities.column(entity_type.latitude_name)
    chosen = sorted({*range(min(SHOWN_ROWS, batch.row_count)), *bad[:SHOWN_ROWS]})
    places_of_rows = {row: place for place, row in enumerate(batch.rows.tolist())}
    texts = _texts(entity_type, batch, [places_of_rows[row] for row in chosen if row in places_of_rows])
    return Preview(
        entity_type=entity_type,
        rows=tuple(_row(entity_type, row, issues.get(row), texts, raw) for row in chosen),
        row_count=batch.row_count,
        is_whole=is_whole,
        bad_count=len(bad),
        unplaced_count=latitudes.null_count,
        places={"type": "FeatureCollection", "features": list(islice(_places(entity_type, batch), SHOWN_PLACES))},
    )


def _texts(entity_type: EntityType, batch: EntityBatch, places: list[int]) -> dict[int, tuple[str, ...]]:
    """Return the texts of the values of some entities, by their rows."""
    some = batch.entities.take(pa.array(places, pa.int64()))
    columns = [value_texts(some.column(p.name), p.type).to_pylist() for p in entity_type.properties]
    rows = batch.rows[places].tolist()
    return {
        row: tuple(shown(cell) for cell in cells) for row, cells in zip(rows, zip(*columns, strict=True), strict=True)
    }


def _row(
    entity_type: EntityType,
    row: int,
    issue: RowIssue | None,
    texts: Mapping[int, tuple[str, ...]],
    raw: Mapping[str, pa.StringArray],
) -> PreviewRow:
    if row in texts:
        return PreviewRow(row + 1, texts[row], issue)
    cells = (shown(raw[name][row].as_py()) if name in raw else _of_issue(issue, name) for name in entity_type.names)
    return PreviewRow(row + 1, tuple(cells), issue)


def _of_issue(issue: RowIssue | None, name: str) -> str:
    return issue.found if issue is not None and issue.property == name else ""


def _places(entity_type: EntityType, batch: EntityBatch) -> Iterator[dict[str, Any]]:
    names = (entity_type.key_name, entity_type.latitude_name, entity_type.longitude_name)
    for entity_id, latitude, longitude in zip(*(batch.entities.column(name) for name in names), strict=True):
        if latitude.is_valid and longitude.is_valid:
            point = {"type": "Point", "coordinates": [longitude.as_py(), latitude.as_py()]}
            yield {"type": "Feature", "properties": {"id": entity_id.as_py()}, "geometry": point}
