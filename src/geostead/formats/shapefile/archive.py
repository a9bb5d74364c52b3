"""From a ZIP to the files of the one layer in it, under names of our own (data-formats.md, section 5).

What must not come before a library of C is found here: archives that are none, names that lead elsewhere, files that
are not what their names say or not as long as they say themselves.
"""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from geostead.errors import LimitReached, UnreadableUpload
from geostead.formats.archive import DAMAGE, list_files, list_names, open_entry, open_zip
from geostead.formats.base import OpenUpload

STEM = "layer"
"""The name of all files in the folder, which has ``layer.shp`` always, and of the others those that were sent."""

_PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
_ONE_SHAPEFILE = "one shapefile: .shp, with .dbf, .shx, .prj and .cpg of the same name"
_MAX_TEXT_BYTES = 2**16
_CHUNK_BYTES = 2**20
_ZIP = b"PK"

_MAIN_HEADER = struct.Struct(">i20xI")
_FILE_CODE = 9994
_HEADER_BYTES = 100
_TABLE_HEADER = struct.Struct("<4xIHH")
_SHORTEST_TABLE_HEADER = 33


def unpack_layer(open_upload: OpenUpload, folder: Path, max_bytes: int) -> str:
    """Unpack the layer into an empty folder; return its name.

    Raises UnreadableUpload where it is not a ZIP of exactly one shapefile, LimitReached for more than ``max_bytes``.
    """
    with open_upload() as upload:
        head = upload.read(len(_ZIP))
        upload.seek(0)
        if head != _ZIP:
            raise UnreadableUpload(f"The upload is not a ZIP file; expected a ZIP of {_ONE_SHAPEFILE}.")
        with open_zip(upload) as archive:
            parts = _choose_parts(list_files(archive))
            room = max_bytes
            for suffix, entry in parts.items():
                room -= _unpack(archive, entry, folder / (STEM + suffix), room, max_bytes)
    _check_files(folder)
    return PurePosixPath(parts[".shp"].filename).stem


def read_table_size(path: Path) -> tuple[int, int]:
    """Return how many rows the header of a .dbf file says there are, and how many bytes each has."""
    row_count, _, row_size = _TABLE_HEADER.unpack_from(_head(path))
    return row_count, row_size


def _choose_parts(files: Sequence[zipfile.ZipInfo]) -> dict[str, zipfile.ZipInfo]:
    """Choose the main file and, by suffix, what belongs to it; upper and lower case are the same."""
    mains = [entry for entry in files if _suffix(entry) == ".shp"]
    if len(mains) != 1:
        raise UnreadableUpload(
            f"The ZIP file must hold {_ONE_SHAPEFILE}; found {len(mains)} .shp files among: {list_names(files)}."
        )
    stem = _without_suffix(mains[0])
    return {
        _suffix(entry): entry
        for entry in reversed(files)
        if _without_suffix(entry) == stem and _suffix(entry) in _PARTS
    }


def _suffix(entry: zipfile.ZipInfo) -> str:
    return PurePosixPath(entry.filename).suffix.lower()


def _without_suffix(entry: zipfile.ZipInfo) -> str:
    return entry.filename[: -len(_suffix(entry)) or None].lower()


def _unpack(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, path: Path, room: int, max_bytes: int) -> int:
    """Unpack one file; return its size in bytes."""
    if entry.file_size > room:
        raise LimitReached("uncompressed upload bytes", max_bytes - room + entry.file_size, max_bytes)
    with open_entry(archive, entry) as packed, path.open("xb") as file:
        size = 0
        while chunk := _read(packed, entry):
            size += len(chunk)
            if size > room:
                raise LimitReached("uncompressed upload bytes", max_bytes - room + size, max_bytes)
            file.write(chunk)
    return size


def _read(packed: BinaryIO, entry: zipfile.ZipInfo) -> bytes:
    try:
        return packed.read(_CHUNK_BYTES)
    except DAMAGE as error:
        raise UnreadableUpload(
            f"'{entry.filename[:60]}' in the ZIP file is damaged or incomplete. Make the ZIP again and send it again."
        ) from error


def _check_files(folder: Path) -> None:
    """Compare what the files say of themselves with what they are."""
    _check_shapes(folder / f"{STEM}.shp")
    if (folder / f"{STEM}.shx").exists():
        _check_shapes(folder / f"{STEM}.shx")
    if (folder / f"{STEM}.dbf").exists():
        _check_table(folder / f"{STEM}.dbf")
    for suffix in (".prj", ".cpg"):
        path = folder / f"{STEM}{suffix}"
        if path.exists() and path.stat().st_size > _MAX_TEXT_BYTES:
            raise UnreadableUpload(
                f"The {suffix} file is longer than {_MAX_TEXT_BYTES:,} bytes; expected a line of text."
            )


def _check_shapes(path: Path) -> None:
    """Check the header that .shp and .shx have."""
    size = path.stat().st_size
    head = _head(path)
    code, half_size = _MAIN_HEADER.unpack_from(head.ljust(_HEADER_BYTES, b"\0"))
    if size < _HEADER_BYTES or code != _FILE_CODE:
        raise UnreadableUpload(f"The {path.suffix} file is not that of a shapefile.")
    _check_size(path, 2 * half_size, size)


def _check_table(path: Path) -> None:
    """Check the header of .dbf."""
    size = path.stat().st_size
    rows, header_size, row_size = _TABLE_HEADER.unpack_from(_head(path).ljust(_HEADER_BYTES, b"\0"))
    if header_size < _SHORTEST_TABLE_HEADER or row_size < 1:
        raise UnreadableUpload("The .dbf file is not a dBASE table.")
    _check_size(path, header_size + rows * row_size, size)


def _check_size(path: Path, expected: int, size: int) -> None:
    if expected > size:
        raise UnreadableUpload(
            f"The {path.suffix} file is damaged or incomplete: it has {size:,} bytes and says that it has {expected:,}."
        )


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_HEADER_BYTES)
