"""Reads ``shp``, a shapefile in a ZIP (data-formats.md, section 5)."""

from __future__ import annotations

import weakref
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from geostead.formats.base import EntityBatch, OpenUpload
from geostead.formats.gis.attributes import ENTITY_ID, ENTITY_KEY, GEOMETRY, declare_attributes, declare_entity_type
from geostead.formats.gis.legal_names import make_legal
from geostead.formats.rows.entity_batches import Fault, RawRows, make_batch
from geostead.formats.rows.geographies import PolygonCount
from geostead.formats.rows.text_columns import shown
from geostead.formats.rows.wkb_shapes import read_shapes
from geostead.formats.shapefile.archive import STEM, unpack_layer
from geostead.formats.shapefile.stream import open_layer
from geostead.formats.shapefile.table_text import decode_column, decode_text, find_encoding
from geostead.geo.wkt import Shapes
from geostead.model.entity_type import DELETE_ENTITY, EdmType, Property
from geostead.model.limits import Limits

_MAX_TABLE_NAME = 10
_POLYGON = 3


class ShapefileReader:
    """One upload of a shapefile: a process that reads it, for as long as this object lives.

    Its files lie in a private folder that is deleted as soon as the process has opened them, so that nothing is left
    behind whatever happens.
    """

    def __init__(self, open_upload: OpenUpload, limits: Limits) -> None:
        """Unpack the layer and read what its table declares. Raises LoadError."""
        self._limits = limits
        with ExitStack() as resources:
            with TemporaryDirectory(prefix="geostead-shapefile-") as name:
                folder = Path(name)
                layer_name = unpack_layer(open_upload, folder, limits.upload_bytes)
                self._encoding = _read_encoding(folder)
                self._layer = resources.enter_context(open_layer(folder))
            properties = self._declare(self._layer.properties)
            own = [p for p in properties if p.name != ENTITY_ID]
            self.entity_type = declare_entity_type(make_legal(layer_name), own)
            self._names = [p.name for p in properties]
            self._close = weakref.finalize(self, resources.pop_all().close)

    def batches(self) -> Iterator[EntityBatch]:
        """Read the records once, from first to last, some thousands at a time."""
        polygons = PolygonCount(self._limits.shapes_per_file)
        try:
            for batch in self._layer.batches:
                shapes, faults = read_shapes(GEOMETRY, batch.column("wkb"))
                polygons.add(_count_polygons(shapes))
                raw = self._make_rows(batch, shapes, faults)
                made = make_batch(self.entity_type, raw, self._limits.points_per_shape)
                yield _number_rows(made, batch.column("record").to_numpy())
        finally:
            self._close()

    def locate(self, rows: Iterable[int]) -> dict[int, str]:
        """Say which records rows are: "record 15" is the 15th of the file, deleted ones counted."""
        return {row: f"record {row + 1}" for row in rows}

    def _declare(self, declared: Iterable[tuple[str, EdmType]]) -> list[Property]:
        """Return the property of each column of the table; the first one named so is the primary key."""
        columns = [(_whole_name(decode_text(name, self._encoding) or name), edm_type) for name, edm_type in declared]
        key = next((i for i, (name, _) in enumerate(columns) if name.lower() == ENTITY_ID.lower()), None)
        properties = declare_attributes(column for i, column in enumerate(columns) if i != key)
        return properties if key is None else [*properties[:key], ENTITY_KEY, *properties[key:]]

    def _make_rows(self, batch: pa.RecordBatch, shapes: Shapes, faults: dict[int, Fault]) -> RawRows:
        texts = {}
        for name, column in zip(self._names, batch.columns[2:], strict=True):
            texts[name], not_text = decode_column(column, self._encoding)
            for row in not_text.tolist():
                expected = f"text in {self._encoding}, as the .cpg file says"
                faults.setdefault(row, Fault(name, shown(column[row].as_py()), expected))
        if ENTITY_ID not in texts:
            texts[ENTITY_ID] = pc.add(batch.column("record"), 1).cast(pa.string())
        return RawRows(0, texts, faults, shapes=shapes)


def _whole_name(name: str) -> str:
    """Return ``__deleteEntity`` for what a table can hold of it, and every other name as it is."""
    return DELETE_ENTITY if name.lower() == DELETE_ENTITY[:_MAX_TABLE_NAME].lower() else name


def _read_encoding(folder: Path) -> str | None:
    path = folder / f"{STEM}.cpg"
    return find_encoding(path.read_bytes()) if path.exists() else None


def _count_polygons(shapes: Shapes) -> int:
    return int((shapely.get_type_id(shapely.get_parts(shapes)) == _POLYGON).sum())


def _number_rows(batch: EntityBatch, records: npt.NDArray[np.int64]) -> EntityBatch:
    """Count rows as records are counted: numbers of deleted ones are left out."""
    return replace(
        batch,
        rows=records[batch.rows],
        issues=tuple(replace(issue, row=int(records[issue.row])) for issue in batch.issues),
        deletions=tuple(replace(deletion, row=int(records[deletion.row])) for deletion in batch.deletions),
    )
