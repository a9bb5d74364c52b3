"""The process that reads a shapefile with GDAL: whatever an upload does to a library of C, it does it only here.

Run with the folder of :mod:`geostead.formats.shapefile_archive` as its argument, it writes to standard output one line
of JSON, ``{"properties": [[name, type], …]}`` or ``{"error": reason}``, and then an Arrow stream: a column ``record``,
a column ``wkb`` in WGS 84, and the text of each property under its number. A process that ends with anything but 0 has
not written all.
"""

from __future__ import annotations

import json
import resource
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyogrio
import pyproj
import shapely

from geostead.errors import UnreadableUpload
from geostead.formats.shapefile_archive import STEM
from geostead.model.entity_type import EdmType

_MAX_MEMORY_BYTES = 3 * 2**28
_BATCH_BYTES = 2**25
_BATCH_ROWS = 10_000
_INDEX_HEADER_BYTES = 100
_TABLE_ROW_SIZE_AT = 10
_WGS84 = pyproj.CRS.from_epsg(4326)
_EXPECTED_SYSTEM = "a geographic or projected coordinate system as well-known text"

Numbers = npt.NDArray[np.float64]
Move = Callable[[Numbers], Numbers]
"""Moves places, a row each, longitude or easting first, to WGS 84; what has no place there becomes infinite."""


def main() -> None:
    """Read the shapefile in the folder that is the first argument."""
    _limit()
    out = sys.stdout.buffer
    try:
        _write_layer(Path(sys.argv[1]) / f"{STEM}.shp", out)
    except (UnreadableUpload, pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError) as error:
        _write_head(out, {"error": str(error)})
    out.flush()


def _limit() -> None:
    """Stay small, leave no core behind, and end only when the parent says so or is gone."""
    resource.setrlimit(resource.RLIMIT_DATA, (_MAX_MEMORY_BYTES, _MAX_MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)


def _write_layer(path: Path, out: IO[bytes]) -> None:
    info = pyogrio.read_info(path)
    if info["driver"] != "ESRI Shapefile":
        raise UnreadableUpload("The .shp file is not that of a shapefile.")
    move = _find_move(path.with_suffix(".prj"), info["total_bounds"])
    with pyogrio.open_arrow(path, use_pyarrow=True, return_fids=True, batch_size=_batch_rows(path)) as (_, reader):
        columns = [i for i, field in enumerate(reader.schema) if i > 0 and not pa.types.is_binary(field.type)]
        properties = [(reader.schema.field(i).name, _find_type(reader.schema.field(i).type)) for i in columns]
        _write_head(out, {"properties": properties})
        texts = [(str(number), pa.string()) for number in range(len(columns))]
        schema = pa.schema([("record", pa.int64()), ("wkb", pa.binary()), *texts])
        with pa.ipc.new_stream(out, schema) as stream:
            for batch in reader:
                stream.write_batch(_convert(batch, columns, move, schema))


def _write_head(out: IO[bytes], head: dict[str, object]) -> None:
    out.write(json.dumps(head).encode() + b"\n")


def _find_type(arrow_type: pa.DataType) -> EdmType:
    if pa.types.is_integer(arrow_type):
        return EdmType.INT64
    if pa.types.is_floating(arrow_type):
        return EdmType.DOUBLE
    if pa.types.is_boolean(arrow_type):
        return EdmType.BOOLEAN
    return EdmType.DATETIME if pa.types.is_temporal(arrow_type) else EdmType.STRING


def _batch_rows(path: Path) -> int:
    """Return how many rows of the largest kind there are to a batch: GDAL holds all of them at once, twice."""
    index = np.fromfile(path.with_suffix(".shx"), ">u4", offset=_INDEX_HEADER_BYTES)
    largest = 2 * int(index[1::2].max(initial=0))
    table = path.with_suffix(".dbf")
    if table.exists():
        largest += int(np.fromfile(table, "<u2", count=1, offset=_TABLE_ROW_SIZE_AT)[0])
    return max(1, min(_BATCH_ROWS, _BATCH_BYTES // max(1, largest)))


def _find_move(projection: Path, bounds: Sequence[float]) -> Move | None:
    """Return what brings coordinates to WGS 84; None if they are there. Raises UnreadableUpload."""
    text = projection.read_bytes().decode("utf-8-sig", errors="replace").strip() if projection.exists() else ""
    if not text:
        _check_degrees(bounds)
        return None
    try:
        system = pyproj.CRS.from_wkt(text)
        if not (system.is_geographic or system.is_projected):
            raise UnreadableUpload(f"The .prj file describes '{system.name[:60]}'; expected {_EXPECTED_SYSTEM}.")
        if system.equals(_WGS84, ignore_axis_order=True):
            return None
        transformer = pyproj.Transformer.from_crs(system, _WGS84, always_xy=True)
    except pyproj.exceptions.ProjError as error:
        raise UnreadableUpload(
            f"The .prj file cannot be understood: '{text[:60]}'; expected {_EXPECTED_SYSTEM}."
        ) from error
    return lambda places: np.column_stack(transformer.transform(*places.T))


def _check_degrees(bounds: Sequence[float]) -> None:
    west, south, east, north = bounds
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise UnreadableUpload(
            f"The shapefile has no .prj file, and its coordinates, from {west:g} {south:g} to {east:g} {north:g}, are "
            "no longitudes and latitudes; add the .prj file that says what they are."
        )


def _convert(batch: pa.RecordBatch, columns: Sequence[int], move: Move | None, schema: pa.Schema) -> pa.RecordBatch:
    shapes = [column for column in batch.columns if pa.types.is_binary(column.type)]
    wkb = shapes[0] if shapes else pa.nulls(batch.num_rows, pa.binary())
    texts = [batch.column(i).cast(pa.string()) for i in columns]
    return pa.RecordBatch.from_arrays(
        [batch.column(0), wkb if move is None else _move(wkb, move), *texts], schema=schema
    )


def _move(wkb: pa.BinaryArray, move: Move) -> pa.BinaryArray:
    """Move geometries; what cannot be read as one stays as it is, for the parent to find."""
    given = wkb.to_numpy(zero_copy_only=False)
    shapes = shapely.from_wkb(given, on_invalid="ignore")
    moved = shapely.to_wkb(shapely.transform(shapes, move))
    return pa.array(np.where(shapely.is_missing(shapes), given, moved), pa.binary())


if __name__ == "__main__":
    main()
