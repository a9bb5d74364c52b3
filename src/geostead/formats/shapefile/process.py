"""The process that reads a shapefile with GDAL: whatever an upload does to a library of C, it does it only here.

Run with the folder of :mod:`geostead.formats.shapefile.archive` as its argument, it writes to standard output one line
of JSON, ``{"properties": [[name, type], …]}`` or ``{"error": reason}``, and then an Arrow stream: a column ``record``,
a column ``wkb`` in WGS 84, and the text of each property under its number. A process that ends with anything but 0 has
not written all.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import IO

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyogrio
import pyproj

from geostead.errors import UnreadableUpload
from geostead.formats.gis.projection import EXPECTED_SYSTEM, Move, find_move, move_wkb
from geostead.formats.gis.reader_process import end_process, limit_process, write_head
from geostead.formats.rows.text_columns import shown
from geostead.formats.shapefile.archive import STEM, read_table_size
from geostead.model.entity_type import EdmType

_BATCH_BYTES = 2**25
_BATCH_ROWS = 10_000
_INDEX_HEADER_BYTES = 100
_MAX_SHAPE_BYTES = 2**26
"""Four million points; a larger one would make two processes large."""
_LONGEST_EMPTY_BYTES = 76
"""Of a record without a shape, or with one of no parts, with M and Z."""

Sizes = npt.NDArray[np.int64]
"""Bytes of the shape of each record."""


def main() -> None:
    """Read the shapefile in the folder that is the first argument."""
    limit_process()
    out = sys.stdout.buffer
    try:
        _write_layer(Path(sys.argv[1]) / f"{STEM}.shp", out)
    except UnreadableUpload as error:
        write_head(out, {"error": str(error)})
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError) as error:
        reason = shown(str(error).replace(f"{sys.argv[1]}/", ""))
        write_head(out, {"error": f"The shapefile cannot be opened: {reason}"})
    end_process(out)


def _write_layer(path: Path, out: IO[bytes]) -> None:
    if not path.with_suffix(".shx").exists():
        pyogrio.set_gdal_config_options({"SHAPE_RESTORE_SHX": "YES"})  # one that exists would be overwritten, too
    info = pyogrio.read_info(path)
    if info["driver"] != "ESRI Shapefile":
        raise UnreadableUpload("The .shp file is not that of a shapefile.")
    move = _find_move(path.with_suffix(".prj"), info["total_bounds"])
    sizes = np.fromfile(path.with_suffix(".shx"), ">u4", offset=_INDEX_HEADER_BYTES)[1::2] * np.int64(2)
    batch_rows = _batch_rows(sizes, path.with_suffix(".dbf"))
    with pyogrio.open_arrow(path, use_pyarrow=True, return_fids=True, batch_size=batch_rows) as (_, reader):
        columns = [i for i, field in enumerate(reader.schema) if i > 0 and not pa.types.is_binary(field.type)]
        properties = [(reader.schema.field(i).name, _find_type(reader.schema.field(i).type)) for i in columns]
        write_head(out, {"properties": properties})
        fields = [(str(number), pa.string()) for number in range(len(columns))]
        schema = pa.schema([("record", pa.int64()), ("wkb", pa.binary()), *fields])
        with pa.ipc.new_stream(out, schema) as stream:
            for batch in reader:
                texts = [batch.column(i).cast(pa.string()) for i in columns]
                wkb = _read_shapes(batch, sizes, move)
                stream.write_batch(pa.RecordBatch.from_arrays([batch.column(0), wkb, *texts], schema=schema))


def _find_type(arrow_type: pa.DataType) -> EdmType:
    if pa.types.is_integer(arrow_type):
        return EdmType.INT64
    if pa.types.is_floating(arrow_type):
        return EdmType.DOUBLE
    if pa.types.is_boolean(arrow_type):
        return EdmType.BOOLEAN
    return EdmType.DATETIME if pa.types.is_temporal(arrow_type) else EdmType.STRING


def _batch_rows(sizes: Sizes, table: Path) -> int:
    """Return how many records of the largest size there are to a batch: GDAL holds all of them at once, twice.

    Raises UnreadableUpload where shapes and table are not of the same length.
    """
    largest = int(sizes.max(initial=1))
    if table.exists():
        row_count, row_bytes = read_table_size(table)
        if row_count != len(sizes):
            raise UnreadableUpload(
                f"The .shp file has {len(sizes):,} records, the .dbf file {row_count:,}; expected as many in both."
            )
        largest += row_bytes
    return max(1, min(_BATCH_ROWS, _BATCH_BYTES // largest))


def _find_move(projection: Path, bounds: Sequence[float]) -> Move | None:
    """Return what brings coordinates to WGS 84; None if they are there. Raises UnreadableUpload."""
    text = projection.read_bytes().decode("utf-8-sig", errors="replace").strip() if projection.exists() else ""
    if not text:
        _check_degrees(bounds)
        return None
    try:
        return find_move(pyproj.CRS.from_wkt(text))
    except ValueError as error:
        raise UnreadableUpload(f"The .prj file describes {error}.") from error
    except pyproj.exceptions.ProjError as error:
        raise UnreadableUpload(
            f"The .prj file cannot be understood: '{shown(text)}'; expected {EXPECTED_SYSTEM} as well-known text."
        ) from error


def _check_degrees(bounds: Sequence[float]) -> None:
    west, south, east, north = bounds
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise UnreadableUpload(
            f"The shapefile has no .prj file, and its coordinates, from {west:g} {south:g} to {east:g} {north:g}, are "
            "no longitudes and latitudes; add the .prj file that says what they are."
        )


def _read_shapes(batch: pa.RecordBatch, sizes: Sizes, move: Move | None) -> pa.BinaryArray:
    """Return the shapes in WGS 84; empty bytes for one that the file has and GDAL cannot read, or that is huge."""
    columns = [column for column in batch.columns if pa.types.is_binary(column.type)]
    wkb = columns[0] if columns else pa.nulls(batch.num_rows, pa.binary())
    size = sizes[batch.column(0).to_numpy()]
    is_lost = wkb.is_null().to_numpy(zero_copy_only=False) & (size > _LONGEST_EMPTY_BYTES) | (size > _MAX_SHAPE_BYTES)
    if is_lost.any():
        wkb = pc.if_else(pa.array(is_lost), b"", wkb)
    return wkb if move is None else move_wkb(wkb, move)


if __name__ == "__main__":
    main()
