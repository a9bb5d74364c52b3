"""Which reader reads which format."""

from __future__ import annotations

from collections.abc import Callable

from geostead.formats.base import EntityReader, OpenUpload
from geostead.formats.delimited.reader import DelimitedReader
from geostead.formats.geojson.reader import GeoJsonReader
from geostead.formats.geoparquet.reader import GeoParquetReader
from geostead.formats.kml.reader import KmlReader
from geostead.formats.ordinary.reader import OrdinaryReader
from geostead.formats.shapefile.reader import ShapefileReader
from geostead.formats.xml.reader import XmlReader
from geostead.model.job import InputFormat
from geostead.model.limits import Limits
from geostead.model.table_reading import TableReading

_Open = Callable[[OpenUpload, Limits, str], EntityReader]

_READERS: dict[InputFormat, _Open] = {
    InputFormat.CSV: lambda upload, limits, _: DelimitedReader(upload, limits, ","),
    InputFormat.TAB: lambda upload, limits, _: DelimitedReader(upload, limits, "\t"),
    InputFormat.PIPE: lambda upload, limits, _: DelimitedReader(upload, limits, "|"),
    InputFormat.XML: lambda upload, limits, _: XmlReader(upload, limits),
    InputFormat.KML: KmlReader,
    InputFormat.SHP: lambda upload, limits, _: ShapefileReader(upload, limits),
    InputFormat.GEOJSON: GeoJsonReader,
    InputFormat.GEOPARQUET: GeoParquetReader,
}


def open_reader(
    input_format: InputFormat | TableReading, open_upload: OpenUpload, limits: Limits, data_source_name: str
) -> EntityReader:
    """Open an upload and read its schema.

    ``data_source_name`` names the entity type of formats that have no name for it, made legal.
    Raises LoadError: UnreadableUpload where it is not of that format, InvalidSchema, LimitReached.
    """
    if isinstance(input_format, TableReading):
        return OrdinaryReader(open_upload, limits, input_format)
    return _READERS[input_format](open_upload, limits, data_source_name)
