"""What can be loaded: files, file objects, bytes; and what their names tell."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import BinaryIO, Literal, TypeAlias, cast, get_args

from geostead.client.errors import UnknownFormat

UploadFormat: TypeAlias = Literal["csv", "tab", "pipe", "xml", "kml", "shp", "geojson", "geoparquet"]
DownloadFormat: TypeAlias = Literal["xml", "csv", "geojson", "geoparquet"]
Upload: TypeAlias = str | os.PathLike[str] | bytes | BinaryIO | Iterable[bytes]
"""A path, or the bytes themselves: at once, as a file opened in binary mode, or piece by piece."""
BytesProgress: TypeAlias = Callable[[int, int | None], None]
"""Is called with how many bytes are through and how many there are in all, None if that is not known."""

_CHUNK = 256 * 1024
_BY_SUFFIX: dict[str, UploadFormat] = {
    ".csv": "csv",
    ".tab": "tab",
    ".tsv": "tab",
    ".txt": "pipe",
    ".psv": "pipe",
    ".pipe": "pipe",
    ".xml": "xml",
    ".kml": "kml",
    ".kmz": "kml",
    ".shp": "shp",
    ".geojson": "geojson",
    ".json": "geojson",
    ".parquet": "geoparquet",
    ".geoparquet": "geoparquet",
}


def upload_format(name: str | PurePath) -> UploadFormat:
    """Tell the format of an upload by its file's name: ``shops.csv``, ``shops.csv.gz``, ``huts.zip`` (a shapefile).

    Raises UnknownFormat.
    """
    suffixes = [suffix.lower() for suffix in PurePath(name).suffixes]
    is_zip = suffixes[-1:] == [".zip"]
    if suffixes[-1:] in ([".gz"], [".zip"]):
        suffixes.pop()
    found = _BY_SUFFIX.get(suffixes[-1]) if suffixes else None
    if found is None and is_zip:
        return "shp"
    if found is None:
        raise UnknownFormat(
            f"The name {str(name)!r} does not tell a format: say which of {_listed(UploadFormat)} it is."
        )
    return found


def download_format(name: str | PurePath) -> DownloadFormat:
    """Tell the format of a download by the name of the file to write. Raises UnknownFormat."""
    found = _BY_SUFFIX.get(PurePath(name).suffix.lower())
    if found not in get_args(DownloadFormat):
        choices = _listed(DownloadFormat)
        raise UnknownFormat(f"The name {str(name)!r} does not tell a format: say which of {choices} it shall be.")
    return cast(DownloadFormat, found)


@dataclass(frozen=True, slots=True)
class Body:
    """The bytes of an upload."""

    pieces: Callable[[], Iterator[bytes]]
    size_bytes: int | None
    """None if it is not known before the end."""


@contextmanager
def opened(upload: Upload, progress: BytesProgress | None = None) -> Iterator[Body]:
    """Open an upload for as long as it is sent. Raises OSError; TypeError if it is a file in text mode."""
    if isinstance(upload, str | os.PathLike):
        with Path(upload).open("rb") as opened_file:
            yield _body(_chunks(opened_file), _rest_bytes(opened_file), progress)
    elif isinstance(upload, bytes):
        yield _body(_chunks(io.BytesIO(upload)), len(upload), progress)
    elif hasattr(upload, "read"):
        file = cast(BinaryIO, upload)
        yield _body(_chunks(file), _rest_bytes(file), progress)
    else:
        yield _body(iter(upload), None, progress)


def _body(pieces: Iterator[bytes], size_bytes: int | None, progress: BytesProgress | None) -> Body:
    def told() -> Iterator[bytes]:
        done = 0
        for piece in pieces:
            if not isinstance(piece, bytes | bytearray | memoryview):
                raise TypeError(
                    f"An upload is made of bytes, not of {type(piece).__name__}: open files in binary mode."
                )
            yield bytes(piece)
            done += len(piece)
            if progress is not None:
                progress(done, size_bytes)

    return Body(told, size_bytes)


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    while chunk := file.read(_CHUNK):
        yield chunk


def _rest_bytes(file: BinaryIO) -> int | None:
    """Return how many bytes come from where a file is; None if that cannot be told."""
    if not (hasattr(file, "seekable") and file.seekable()):
        return None
    here = file.tell()
    end = file.seek(0, os.SEEK_END)
    file.seek(here)
    return end - here


def _listed(formats: object) -> str:
    return ", ".join(get_args(formats))
