"""What a file is, by its first bytes: a format that says itself how it is read, or an ordinary table."""

from __future__ import annotations

import gzip
import zipfile
from typing import IO

from geostead.errors import UnreadableUpload
from geostead.formats.archive import DAMAGE, list_files, open_data_file, open_entry, open_zip
from geostead.formats.base import OpenUpload
from geostead.formats.delimited.schema_line import PRODUCT
from geostead.formats.geojson.json_objects import JsonObjects
from geostead.formats.geojson.writer import ENTITY_TYPE_MEMBER
from geostead.formats.ordinary.workbook import is_workbook
from geostead.model.job import InputFormat
from geostead.model.limits import Limits
from geostead.model.table_reading import TableFormat

HEAD_BYTES = 64 * 1024
_GZIP, _ZIP, _OLE, _PARQUET = b"\x1f\x8b", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"PAR1"
_BOM = b"\xef\xbb\xbf"
_DELIMITED = {"|": InputFormat.PIPE, "\t": InputFormat.TAB, ",": InputFormat.CSV}


def find_kind(open_upload: OpenUpload, limits: Limits) -> InputFormat | TableFormat:
    """Find out what an upload is. Raises UnreadableUpload for what is nothing that can be loaded."""
    with open_upload() as upload:
        head = upload.read(HEAD_BYTES)
        upload.seek(0)
        if not head:
            raise UnreadableUpload("The file is empty.")
        if head.startswith(_OLE):
            return TableFormat.WORKBOOK
        if head.startswith(_ZIP):
            kind, head = _kind_in_zip(upload)
            if kind is not None:
                return kind
        elif head.startswith(_GZIP):
            head = _unpacked(upload)
    return _kind_of_head(head, open_upload, limits)


def _kind_in_zip(upload: IO[bytes]) -> tuple[InputFormat | TableFormat | None, bytes]:
    """Return what a ZIP is; None and the first bytes of its data file where these decide."""
    if is_workbook(upload):
        return TableFormat.WORKBOOK, b""
    upload.seek(0)
    with open_zip(upload) as archive:  # type: ignore[arg-type]  # a binary file by another name
        files = list_files(archive)
        endings = {entry.filename.rsplit(".", 1)[-1].lower() for entry in files}
        if "shp" in endings:
            return InputFormat.SHP, b""
        if "kml" in endings:
            return InputFormat.KML, b""
        return None, _first_bytes(archive, files)


def _first_bytes(archive: zipfile.ZipFile, files: list[zipfile.ZipInfo]) -> bytes:
    if not files:
        raise UnreadableUpload("The ZIP file is empty.")
    with open_entry(archive, files[0]) as entry:
        try:
            return entry.read(HEAD_BYTES)
        except DAMAGE as error:
            raise UnreadableUpload("The ZIP file is damaged: it cannot be unpacked.") from error


def _unpacked(upload: IO[bytes]) -> bytes:
    try:
        with gzip.GzipFile(fileobj=upload) as unpacked:
            return unpacked.read(HEAD_BYTES)
    except DAMAGE as error:
        raise UnreadableUpload("The compressed file is damaged: it cannot be unpacked.") from error


def _kind_of_head(head: bytes, open_upload: OpenUpload, limits: Limits) -> InputFormat | TableFormat:
    if head.startswith(_PARQUET):
        return InputFormat.GEOPARQUET
    begin = head.removeprefix(_BOM).lstrip()
    if begin.startswith(b"<"):
        return InputFormat.KML if b"<kml" in head.lower() or b":kml" in head.lower() else InputFormat.XML
    if begin.startswith((b"{", b"\x1e")):
        return _kind_of_json(open_upload, limits)
    if begin.removeprefix(b'"').lower().startswith(PRODUCT.lower().encode()):
        return _kind_with_header(begin)
    return TableFormat.TEXT


def _kind_of_json(open_upload: OpenUpload, limits: Limits) -> InputFormat | TableFormat:
    with open_data_file(open_upload, limits.upload_bytes) as data:
        has_type = ENTITY_TYPE_MEMBER in JsonObjects(data.read).members
    return InputFormat.GEOJSON if has_type else TableFormat.GEOJSON


def _kind_with_header(begin: bytes) -> InputFormat:
    """Return the format whose delimiter stands most often in the line of the properties."""
    lines = [line for line in begin.decode(errors="replace").splitlines() if line.strip()]
    properties = lines[1] if len(lines) > 1 else ""
    # A comma stands in every declaration of a key, whatever the delimiter.
    return max(_DELIMITED.items(), key=lambda item: properties.count(item[0]) - (item[0] == ","))[1]
