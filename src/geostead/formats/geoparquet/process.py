"""The process that reads a Parquet file: whatever an upload does to a library of C++, it does it only here.

Its standard input is the file. The head is a :class:`TableHead`. The Arrow stream has the text of each property under
its number, and last, as ``wkb``, geometries in WGS 84: two-dimensional, null where there is none, empty where it cannot
be read.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import IO

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pyproj
import shapely

from geostead.errors import UnreadableUpload
from geostead.formats.geoparquet.arrow_texts import column_texts, edm_type_of
from geostead.formats.geoparquet.geo_metadata import find_geometry, parse_metadata
from geostead.formats.geoparquet.writer import ENTITY_TYPE_KEY
from geostead.formats.gis.projection import EXPECTED_SYSTEM, Move, find_move
from geostead.formats.gis.reader_process import end_process, limit_process, write_head
from geostead.formats.rows.batch_parts import parts_of
from geostead.geo.wkb import read_wkbs

WKB = "wkb"
_BUFFER_BYTES = 2**20
_MAX_METADATA_TEXT_BYTES = 2**24
_MAX_METADATA_ITEMS = 2**20
_BATCH_BYTES = 2**25
_BATCH_ROWS = 20_000
_BATCH_CELLS = 2**21
_MAX_ROW_BYTES = 2**26
_UNREADABLE = b""


@dataclass(frozen=True, slots=True)
class TableHead:
    """What is known before the rows are read."""

    properties: list[tuple[str, str]]
    """Names of the columns, those with geometries left out, and the names of their Edm types."""
    entity_type: object
    """What our own files carry, parsed and no further; None in others."""
    geometry_name: str | None
    """The column with the geometry; None if there is none."""
    is_points: bool
    """Whether the file says that all geometries are points."""
    size_bytes: int
    """How large the file says its columns are when they are decoded."""


def main() -> None:
    """Read the file that is the standard input."""
    limit_process()
    out = sys.stdout.buffer
    try:
        table = _Table(sys.stdin.buffer)
    except UnreadableUpload as error:
        write_head(out, {"error": str(error)})
    except (pa.ArrowException, OSError) as error:
        reason = f"The upload is not a Parquet file, or it is damaged: {str(error)[:200]}"
        write_head(out, {"error": reason})
    else:
        write_head(out, asdict(table.head))
        table.write(out)
    end_process(out)


class _Table:
    """A Parquet file, opened."""

    def __init__(self, source: IO[bytes]) -> None:
        self._file = pq.ParquetFile(
            source,
            buffer_size=_BUFFER_BYTES,
            thrift_string_size_limit=_MAX_METADATA_TEXT_BYTES,
            thrift_container_size_limit=_MAX_METADATA_ITEMS,
        )
        metadata: Mapping[bytes, bytes] = self._file.metadata.metadata or {}
        schema = self._file.schema_arrow
        names, types = schema.names, schema.types  # each look makes new lists
        if len(set(names)) < len(names):
            raise UnreadableUpload("The Parquet file has two columns of one name.")
        self._geometry = find_geometry(metadata, schema)
        self._move = _find_move(None if self._geometry is None else self._geometry.crs)
        self._columns = [i for i, name in enumerate(names) if not self._is_geometry(name)]
        self.head = TableHead(
            properties=[(names[i], edm_type_of(types[i])) for i in self._columns],
            entity_type=parse_metadata(metadata.get(ENTITY_TYPE_KEY)),
            geometry_name=None if self._geometry is None else self._geometry.name,
            is_points=self._geometry is not None and self._geometry.is_points,
            size_bytes=self._size_bytes(),
        )

    def write(self, out: IO[bytes]) -> None:
        """Write all rows, a bounded number at a time."""
        fields = [(str(number), pa.string()) for number in range(len(self._columns))]
        if self._geometry is not None:
            fields.append((WKB, pa.binary()))
        schema = pa.schema(fields)
        with pa.ipc.new_stream(out, schema) as stream:
            for batch in self._file.iter_batches(self._batch_rows(), use_threads=False):
                converted = pa.RecordBatch.from_arrays(self._converted(batch), schema=schema)
                for part in parts_of([converted], max_bytes=_BATCH_BYTES, max_cells=_BATCH_CELLS):
                    if part.nbytes > _MAX_ROW_BYTES:
                        raise ValueError(f"A row has {part.nbytes:,} bytes.")
                    stream.write_batch(part)

    def _is_geometry(self, name: str) -> bool:
        return self._geometry is not None and (name == self._geometry.name or name in self._geometry.others)

    def _size_bytes(self) -> int:
        metadata = self._file.metadata
        return sum(int(metadata.row_group(i).total_byte_size) for i in range(metadata.num_row_groups))

    def _batch_rows(self) -> int:
        """Return how many rows of the average size there are to a batch."""
        row_count: int = self._file.metadata.num_rows
        mean_bytes = max(1, self.head.size_bytes // max(1, row_count))
        width = max(1, len(self._file.schema_arrow.names))
        return max(1, min(_BATCH_ROWS, _BATCH_BYTES // mean_bytes, _BATCH_CELLS // width))

    def _converted(self, batch: pa.RecordBatch) -> list[pa.Array]:
        columns = [column_texts(batch.column(i)) for i in self._columns]
        if self._geometry is not None:
            columns.append(_geometries(batch.column(self._geometry.name), self._move))
        return columns


def _find_move(crs: object) -> Move | None:
    """Return what brings coordinates to WGS 84; None if they are there. Raises UnreadableUpload."""
    if crs is None:
        return None
    try:
        return find_move(pyproj.CRS.from_user_input(crs))
    except (pyproj.exceptions.ProjError, ValueError, TypeError) as error:
        raise UnreadableUpload(
            f"The coordinate system of the GeoParquet file cannot be understood: {str(error)[:100]}; expected "
            f"{EXPECTED_SYSTEM} as PROJJSON."
        ) from error


def _geometries(wkb: pa.Array, move: Move | None) -> pa.BinaryArray:
    values = (wkb.storage if isinstance(wkb, pa.ExtensionArray) else wkb).cast(pa.binary())
    shapes = read_wkbs(values.to_pylist())
    if move is not None:
        shapes = shapely.transform(shapes, move)
    is_unread = shapely.is_missing(shapes) & values.is_valid().to_numpy(zero_copy_only=False)
    return pa.array(np.where(is_unread, _UNREADABLE, shapely.to_wkb(shapes, byte_order=1)), pa.binary())


if __name__ == "__main__":
    main()
