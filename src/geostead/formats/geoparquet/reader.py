"""Reads ``geoparquet``: GeoParquet, and plain Parquet with coordinates (data-formats.md, section 8).

:mod:`geostead.formats.geoparquet.process` decodes; here rows of text become entities, as everywhere.
"""

from __future__ import annotations

import tempfile
import weakref
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from typing import IO, Any

import numpy as np
import pyarrow as pa
import shapely

from geostead.errors import LimitReached
from geostead.formats.archive import open_data_file
from geostead.formats.base import EntityBatch, OpenUpload
from geostead.formats.gis.declared_type import read_declared_type
from geostead.formats.gis.point_places import find_no_points, place_points
from geostead.formats.gis.reader_process import ReaderProcess, open_process
from geostead.formats.gis.row_layout import Geometries, RowLayout, declared_layout, infer_layout
from geostead.formats.rows.entity_batches import Fault, RawRows, make_batch
from geostead.formats.rows.text_columns import shown
from geostead.formats.rows.wkb_shapes import read_shapes
from geostead.model.entity_type import DELETE_ENTITY, EdmType
from geostead.model.limits import Limits

_PROCESS = ReaderProcess("geostead.formats.geoparquet.process", "Parquet file", {})
_MAGIC = b"PAR1"
_COPY_BYTES = 2**20


class GeoParquetReader:
    """One upload of Parquet: a process that reads it, for as long as this object lives."""

    def __init__(self, open_upload: OpenUpload, limits: Limits, data_source_name: str) -> None:
        """Read the metadata. Raises LoadError."""
        self._limits = limits
        with ExitStack() as resources:
            file = resources.enter_context(_open_on_disk(open_upload, limits.upload_bytes))
            self._table = resources.enter_context(open_process(_PROCESS, upload=file))
            self._check_size(self._table.head["size_bytes"])
            self._layout = _read_layout(self._table.head, data_source_name)
            self._names: list[str] = [name for name, _ in self._table.head["properties"]]
            self.entity_type = self._layout.entity_type
            self._close = weakref.finalize(self, resources.pop_all().close)

    def batches(self) -> Iterator[EntityBatch]:
        """Read the rows once, from first to last, at most 20,000 at a time."""
        first_row = size_bytes = 0
        try:
            for batch in self._table.batches:
                size_bytes += batch.nbytes
                self._check_size(size_bytes)
                yield make_batch(self.entity_type, self._raw_rows(batch, first_row), self._limits.points_per_shape)
                first_row += batch.num_rows
        finally:
            self._close()

    def locate(self, rows: Iterable[int]) -> dict[int, str]:
        """Say which rows these are: "row 15"."""
        return {row: f"row {row + 1}" for row in rows}

    def _check_size(self, size_bytes: int) -> None:
        if size_bytes > self._limits.upload_bytes:
            raise LimitReached("uncompressed upload bytes", size_bytes, self._limits.upload_bytes)

    def _raw_rows(self, batch: pa.RecordBatch, first_row: int) -> RawRows:
        entity_type = self.entity_type
        columns = dict(zip(self._names, batch.columns, strict=False))
        texts = {name: columns[source] for name, source in self._layout.sources.items()}
        texts[entity_type.key_name] = self._ids(columns, first_row, batch.num_rows)
        if DELETE_ENTITY in columns:
            texts[DELETE_ENTITY] = columns[DELETE_ENTITY]
        if batch.num_columns == len(self._names):
            return RawRows(first_row, texts, {})
        shapes, faults = read_shapes(entity_type.geography_name or entity_type.latitude_name, batch.columns[-1])
        if entity_type.geography_name is not None:
            return RawRows(first_row, texts, faults, shapes=shapes)
        for row in find_no_points(shapes).tolist():
            found, expected = shown(shapely.to_wkt(shapes[row])), "a Point, as the metadata of the file says"
            faults.setdefault(row, Fault(entity_type.latitude_name, found, expected))
        place_points(entity_type, shapes, texts)
        return RawRows(first_row, texts, faults)

    def _ids(self, columns: dict[str, pa.StringArray], first_row: int, count: int) -> pa.StringArray:
        if self._layout.key_column is not None:
            return columns[self._layout.key_column]
        return pa.array(np.arange(first_row + 1, first_row + count + 1)).cast(pa.string())


def _read_layout(head: dict[str, Any], data_source_name: str) -> RowLayout:
    """Return the layout that the file carries, if its columns are those, else the one that its columns make."""
    columns = [(name, EdmType(edm_type)) for name, edm_type in head["properties"]]
    if head["entity_type"] is not None:
        layout = declared_layout(read_declared_type(head["entity_type"]))
        names = {name for name, _ in columns}
        has_columns = names.issuperset((*layout.sources, layout.entity_type.key_name))
        if has_columns and layout.entity_type.geography_name in (None, head["geometry_name"]):
            return layout
    geometries = Geometries.ANY
    if head["geometry_name"] is None:
        geometries = Geometries.NONE
    elif head["is_points"]:
        geometries = Geometries.POINTS
    return infer_layout(data_source_name, columns, has_ids=False, geometries=geometries)


@contextmanager
def _open_on_disk(open_upload: OpenUpload, max_bytes: int) -> Iterator[IO[bytes]]:
    """Open the upload as a file that another process can read as well; a packed one is unpacked."""
    with open_upload() as upload:
        is_plain = upload.read(len(_MAGIC)) == _MAGIC
        upload.seek(0)
        if is_plain and _is_on_disk(upload):
            yield upload
            return
    with tempfile.TemporaryFile() as copy, open_data_file(open_upload, max_bytes, is_text=False) as data:
        while piece := data.read(_COPY_BYTES):
            copy.write(piece)
        copy.flush()
        yield copy


def _is_on_disk(upload: IO[bytes]) -> bool:
    try:
        upload.fileno()
    except OSError:
        return False
    return True
