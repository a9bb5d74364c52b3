"""Reads an ordinary table as a reading says (data-formats.md, section 9)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import assert_never

import numpy as np
import pyarrow as pa
import shapely

from geostead.ahead import THREADS, map_ahead
from geostead.formats.base import EntityBatch, OpenUpload
from geostead.formats.gis.point_places import find_no_points, place_points
from geostead.formats.ordinary.feature_table import GEOMETRY, FeatureTable
from geostead.formats.ordinary.plain_values import plain_texts
from geostead.formats.ordinary.table import Table, TableBlock
from geostead.formats.ordinary.text_table import TextTable
from geostead.formats.ordinary.workbook import Workbook
from geostead.formats.rows.entity_batches import Fault, RawRows, make_batch
from geostead.formats.rows.text_columns import shown
from geostead.model.limits import Limits
from geostead.model.table_reading import NUMBERED_KEY, TableFormat, TableReading


class OrdinaryReader:
    """One upload of an ordinary table."""

    def __init__(self, open_upload: OpenUpload, limits: Limits, reading: TableReading) -> None:
        """Open the table. Raises LoadError."""
        self.entity_type = reading.entity_type()
        self._rows = TableRows(reading)
        self._max_points = limits.points_per_shape
        self._table = _open_table(open_upload, limits, reading)

    def batches(self) -> Iterator[EntityBatch]:
        """Read the rows once, from first to last, at most 50,000 at a time."""
        with ThreadPoolExecutor(THREADS, "rows") as threads:
            yield from map_ahead(threads, self._read_block, self._table.blocks())

    def locate(self, rows: Iterable[int]) -> dict[int, str]:
        """Say where rows are: "line 17" of a text, "row 17" of a sheet, "feature 15"."""
        return self._table.locate(rows)

    def _read_block(self, block: TableBlock) -> EntityBatch:
        return make_batch(self.entity_type, self._rows.raw_rows(block), self._max_points)


def _open_table(open_upload: OpenUpload, limits: Limits, reading: TableReading) -> Table:
    match reading.form.format:
        case TableFormat.TEXT:
            return TextTable(open_upload, limits, reading.form)
        case TableFormat.WORKBOOK:
            return Workbook(open_upload, limits, sheet=reading.form.sheet, header_rows=reading.form.header_rows)
        case TableFormat.GEOJSON:
            return FeatureTable(open_upload, limits, tuple(column.source for column in reading.columns))
        case unknown:
            assert_never(unknown)


class TableRows:
    """Makes rows of entities of the rows of a table."""

    def __init__(self, reading: TableReading) -> None:
        """Raises InvalidSchema, LimitReached."""
        self._reading = reading
        self._entity_type = reading.entity_type()
        properties = {column.source: column.property for column in reading.columns}
        self._names = {source: "" if made is None else made.name for source, made in properties.items()}
        self._names[GEOMETRY] = reading.geometry or self._entity_type.latitude_name

    def raw_rows(self, block: TableBlock) -> RawRows:
        """Return the rows as text by property."""
        reading, count = self._reading, block.row_count
        texts = {
            made.name: plain_texts(
                texts,
                made.type,
                decimals=reading.form.decimals(column.use, has_comma=reading.decimal_comma),
                day_order=reading.day_order,
            )
            for column, texts in zip(reading.columns, block.columns, strict=False)
            if (made := column.property) is not None
        }
        if reading.key is None:
            numbers = np.arange(block.first_row + 1, block.first_row + count + 1)
            texts[NUMBERED_KEY] = pa.array(numbers).cast(pa.string())
        for declared in self._entity_type.names:
            if declared not in texts and declared in (reading.found_address, reading.key):
                texts[declared] = pa.nulls(count, pa.string())
        faults = {row: self._renamed(fault) for row, fault in block.faults.items()}
        return self._with_shapes(block, RawRows(block.first_row, texts, faults))

    def _renamed(self, fault: Fault) -> Fault:
        return replace(fault, property=self._names.get(fault.property, ""))

    def _with_shapes(self, block: TableBlock, raw: RawRows) -> RawRows:
        if block.shapes is None:
            return raw
        if self._reading.geometry is not None:
            return replace(raw, shapes=block.shapes)
        faults, texts = dict(raw.faults), dict(raw.texts)
        for row in find_no_points(block.shapes).tolist():
            expected = "a Point, because the geometry is read as coordinates"
            found = shown(shapely.to_wkt(block.shapes[row]))
            faults.setdefault(row, Fault(self._entity_type.latitude_name, found, expected))
        place_points(self._entity_type, block.shapes, texts)
        return replace(raw, texts=texts, faults=faults)
