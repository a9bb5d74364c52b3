"""Which reader reads which format."""

from __future__ import annotations

from geostead.formats.base import EntityReader, OpenUpload
from geostead.formats.delimited import DelimitedReader
from geostead.formats.xml_reader import XmlReader
from geostead.model.job import InputFormat
from geostead.model.limits import Limits

_DELIMITERS = {InputFormat.CSV: ",", InputFormat.TAB: "\t", InputFormat.PIPE: "|"}


def open_reader(
    input_format: InputFormat, open_upload: OpenUpload, limits: Limits, data_source_name: str
) -> EntityReader:
    """Open an upload and read its schema.

    ``data_source_name`` names the entity type of formats that have no name for it, made legal.
    Raises LoadError: UnreadableUpload where it is not of that format, InvalidSchema, LimitReached.
    """
    if input_format is InputFormat.XML:
        return XmlReader(open_upload, limits)
    return DelimitedReader(open_upload, limits, _DELIMITERS[input_format])
