"""Reads uploads that are given as bytes."""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow as pa

from geostead.formats.base import EntityReader, OpenUpload, RowIssue
from geostead.formats.registry import open_reader
from geostead.model.columns import arrow_schema
from geostead.model.job import InputFormat
from geostead.model.limits import PROFILES

SAMPLES = Path(__file__).parent / "samples"
LIMITS = PROFILES["self-hosted"]
NAME = "MountainHuts"
"""Of the data source that uploads are for."""
CSV, TAB, PIPE, XML = InputFormat.CSV, InputFormat.TAB, InputFormat.PIPE, InputFormat.XML
KML, SHP = InputFormat.KML, InputFormat.SHP
GEOJSON, GEOPARQUET = InputFormat.GEOJSON, InputFormat.GEOPARQUET

LINE_1 = "Bing Spatial Data Services, 1.0, Shops\n"
LINE_2 = "ID(Edm.String,primaryKey),Name(Edm.String),Latitude(Edm.Double),Longitude(Edm.Double)\n"


@dataclass(frozen=True)
class Loaded:
    """All that a reader gave."""

    reader: EntityReader
    entities: pa.Table
    rows: list[int]
    row_count: int
    issues: list[RowIssue]
    deletions: list[tuple[int, str]]

    @property
    def errors(self) -> list[tuple[int, str, str, str]]:
        """Row, property, what was found and what was expected, of each error."""
        return [(i.row, i.property, i.found, i.expected) for i in self.issues if i.is_error]

    @property
    def notes(self) -> list[tuple[int, str, str, str]]:
        """The same of each note."""
        return [(i.row, i.property, i.found, i.expected) for i in self.issues if not i.is_error]

    @property
    def ids(self) -> list[str]:
        """The entity ids."""
        found: list[str] = self.entities.column(self.reader.entity_type.key_name).to_pylist()
        return found


def uploaded(data: bytes) -> OpenUpload:
    """Return what opens these bytes as an upload."""
    return lambda: io.BytesIO(data)


def opened(data: bytes, input_format: InputFormat = CSV, **limits: int) -> EntityReader:
    """Open an upload, with some limits lowered."""
    return open_reader(input_format, uploaded(data), replace(LIMITS, **limits), NAME)


def load(data: bytes | str, input_format: InputFormat = CSV, **limits: int) -> Loaded:
    """Read an upload to its end."""
    reader = opened(data.encode() if isinstance(data, str) else data, input_format, **limits)
    batches = list(reader.batches())
    schema = arrow_schema(reader.entity_type)
    return Loaded(
        reader,
        pa.Table.from_batches([batch.entities for batch in batches], schema),
        [row for batch in batches for row in batch.rows.tolist()],
        sum(batch.row_count for batch in batches),
        [issue for batch in batches for issue in batch.issues],
        [(deletion.row, deletion.entity_id) for batch in batches for deletion in batch.deletions],
    )


def load_rows(*rows: str) -> Loaded:
    """Read rows of ID, Name, Latitude and Longitude."""
    return load(LINE_1 + LINE_2 + "\n".join(rows) + "\n")
