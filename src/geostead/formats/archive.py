"""From the bytes that were sent to the bytes of the one data file in them (data-formats.md, section 1).

The first bytes decide: gzip and ZIP are unpacked whatever was announced. Nothing is written to disk, no name inside an
archive is ever used as a path, and unpacked bytes are counted as they come.
"""

from __future__ import annotations

import gzip
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import PurePosixPath
from typing import BinaryIO

from geostead.errors import LimitReached, UnreadableUpload
from geostead.formats.base import OpenUpload

_HEAD_BYTES = 4096
_GZIP = b"\x1f\x8b"
_ZIP = b"PK\x03\x04"
_EMPTY_ZIP = b"PK\x05\x06"
_UTF8_BOM = b"\xef\xbb\xbf"
_UTF16_BOMS = (b"\xff\xfe", b"\xfe\xff")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_CONTROL_BYTES = bytes(byte for byte in range(32) if byte not in b"\t\n\r")
_ABSOLUTE = re.compile(r"[/\\]|[A-Za-z]:")
_ENCRYPTED = 0x1

# bzip2 and LZMA give out whatever a piece of input unpacks to, however little was asked for.
_BOUNDED_COMPRESSIONS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_LONGEST_READ = 2**20
DAMAGE = (EOFError, OSError, ValueError, OverflowError, RuntimeError, zlib.error, zipfile.BadZipFile)
"""What the libraries raise for bytes that are not what they should be."""

_SAVE_AS_CSV = "In Excel choose Save As, then 'CSV UTF-8 (Comma delimited)', and upload that file with input=csv."


ChooseEntry = Callable[[Sequence[zipfile.ZipInfo]], zipfile.ZipInfo]
"""Chooses the data file among the files of a ZIP. Raises UnreadableUpload."""


class DataFile:
    """The bytes of a data file, decompressed, counted; of text, without byte order mark."""

    def __init__(self, source: BinaryIO, max_bytes: int, *, is_text: bool = True) -> None:
        self._source = source
        self._max_bytes = max_bytes
        self._count = 0
        self._head = self._read(_HEAD_BYTES)
        if is_text:
            _check_is_text(self._head)
            self._head = self._head.removeprefix(_UTF8_BOM)

    def read(self, size: int, /) -> bytes:
        """Read at most ``size`` bytes; none at the end.

        Raises LimitReached beyond the limit, UnreadableUpload where the archive is damaged.
        """
        if self._head:
            part, self._head = self._head[:size], self._head[size:]
            return part
        return self._read(size)

    def _read(self, size: int) -> bytes:
        try:
            data = self._source.read(min(size, _LONGEST_READ))
        except DAMAGE as error:
            raise UnreadableUpload(
                "The compressed upload is damaged or incomplete: it cannot be unpacked to its end. Compress the file "
                "again and send it again."
            ) from error
        self._count += len(data)
        if self._count > self._max_bytes:
            raise LimitReached("uncompressed upload bytes", self._count, self._max_bytes)
        return data


def choose_only(files: Sequence[zipfile.ZipInfo]) -> zipfile.ZipInfo:
    """Choose the only file there is."""
    if any(entry.filename.startswith(("xl/", "[Content_Types].xml")) for entry in files):
        raise UnreadableUpload(f"The upload looks like an Excel workbook. {_SAVE_AS_CSV}")
    if len(files) != 1:
        raise UnreadableUpload(
            f"The ZIP file must hold exactly one data file; found {len(files)}: {list_names(files)}."
        )
    return files[0]


def choose_kml(files: Sequence[zipfile.ZipInfo]) -> zipfile.ZipInfo:
    """Choose the main file of a KMZ: ``doc.kml``, else the first KML file; what lies in no folder comes first."""
    found = [entry for entry in files if entry.filename.lower().endswith(".kml")]
    if not found:
        raise UnreadableUpload(f"The KMZ file must hold a KML file, usually doc.kml; found {list_names(files)}.")
    return min(
        found, key=lambda entry: (entry.filename.count("/"), PurePosixPath(entry.filename).name.lower() != "doc.kml")
    )


def list_names(files: Sequence[zipfile.ZipInfo]) -> str:
    """Name some files for a message."""
    names = ", ".join(f"'{entry.filename[:60]}'" for entry in files[:5]) or "none"
    return names + (", …" if len(files) > 5 else "")


@contextmanager
def open_data_file(
    open_upload: OpenUpload, max_bytes: int, choose: ChooseEntry = choose_only, *, is_text: bool = True
) -> Iterator[DataFile]:
    """Open the data file of an upload, unpacked if need be; in a ZIP it is what ``choose`` says.

    Raises UnreadableUpload for archives that are not opened and, with ``is_text``, for files that are not text in
    UTF-8; LimitReached for more than ``max_bytes`` after unpacking.
    """
    with open_upload() as upload:
        head = upload.read(len(_ZIP))
        upload.seek(0)
        if head.startswith(_GZIP):
            with gzip.GzipFile(fileobj=upload) as unpacked:
                yield DataFile(unpacked, max_bytes, is_text=is_text)  # type: ignore[arg-type]  # GzipFile reads bytes
        elif head in (_ZIP, _EMPTY_ZIP):
            with open_zip(upload) as archive, open_entry(archive, choose(list_files(archive))) as unpacked:
                yield DataFile(unpacked, max_bytes, is_text=is_text)
        else:
            yield DataFile(upload, max_bytes, is_text=is_text)


class _ZipUpload:
    """An upload of which no long piece is read at once: zipfile reads the list of entries so, however long it is.

    Without a size it reads the last bytes of the file.
    """

    def __init__(self, upload: BinaryIO) -> None:
        self._upload = upload
        self.seek = upload.seek
        self.tell = upload.tell
        self.seekable = upload.seekable

    def read(self, size: int = _LONGEST_READ, /) -> bytes:
        if size > _LONGEST_READ:
            raise UnreadableUpload("The ZIP file lists too many files; leave out what is not needed.")
        return self._upload.read(size)


def open_zip(upload: BinaryIO) -> zipfile.ZipFile:
    """Read the table of contents of a ZIP. Raises UnreadableUpload."""
    try:
        return zipfile.ZipFile(_ZipUpload(upload))
    except DAMAGE as error:
        raise UnreadableUpload(
            "The upload begins like a ZIP file but is damaged or incomplete. Make the ZIP again and send it again."
        ) from error


def list_files(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """List the files of a ZIP, without folders and what operating systems add; the names are checked, all of them."""
    entries = archive.infolist()
    for entry in entries:
        _check_name(entry.filename)
    return [entry for entry in entries if not entry.filename.endswith("/") and not _is_junk(entry.filename)]


def open_entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> BinaryIO:
    """Open one file of a ZIP. Raises UnreadableUpload where it is encrypted or not compressed as usual."""
    if entry.flag_bits & _ENCRYPTED:
        raise UnreadableUpload(f"'{entry.filename[:60]}' in the ZIP file is encrypted. Make a ZIP without a password.")
    try:
        if entry.compress_type not in _BOUNDED_COMPRESSIONS:
            raise NotImplementedError(f"compression {entry.compress_type}")
        return archive.open(entry)  # type: ignore[return-value]  # typed as IO[bytes]
    except DAMAGE as error:
        raise UnreadableUpload(
            f"'{entry.filename[:60]}' in the ZIP file cannot be unpacked: the file is damaged or compressed in an "
            "unusual way. Make the ZIP again with standard (deflate) compression."
        ) from error


def _check_name(name: str) -> None:
    if _ABSOLUTE.match(name) or ".." in re.split(r"[/\\]", name):
        raise UnreadableUpload(
            f"The ZIP file holds '{name[:60]}', a path that leads outside of it; expected plain file names."
        )


def _is_junk(name: str) -> bool:
    """Tell whether an operating system put the entry there on its own."""
    last = name.rsplit("/", 1)[-1]
    return name.startswith("__MACOSX/") or last in (".DS_Store", "Thumbs.db", "desktop.ini")


def _check_is_text(head: bytes) -> None:
    if not head:
        raise UnreadableUpload("The upload is empty.")
    if head.startswith((_GZIP, _ZIP)):
        raise UnreadableUpload("The upload is an archive within an archive. Compress the data file once only.")
    if head.startswith(_OLE):
        raise UnreadableUpload(f"The upload looks like an Excel workbook. {_SAVE_AS_CSV}")
    if head.startswith(_UTF16_BOMS) or head.count(0) > len(head) // 4:
        raise UnreadableUpload(
            "The upload is not in UTF-8; it looks like UTF-16 ('Unicode text' in Excel). Save the file as UTF-8. "
            + _SAVE_AS_CSV
        )
    if len(head) - len(head.translate(None, _CONTROL_BYTES)) > len(head) // 10:
        raise UnreadableUpload("The upload is a binary file; expected text in UTF-8.")
