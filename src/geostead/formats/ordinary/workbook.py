"""The table in a sheet of a workbook: Excel's ``.xlsx``, ``.xlsb`` and ``.xls``, and OpenDocument's ``.ods``.

:mod:`geostead.formats.ordinary.workbook_process` reads it.
"""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import IO

import pyarrow as pa

from geostead.errors import LimitReached
from geostead.formats.archive import DAMAGE, open_zip
from geostead.formats.base import OpenUpload
from geostead.formats.gis.reader_process import Output, ReaderProcess, open_process
from geostead.formats.ordinary.table import TableBlock, name_columns
from geostead.model.limits import Limits
from geostead.model.table_reading import TableForm

_PROCESS = ReaderProcess("geostead.formats.ordinary.workbook_process", "workbook", {})
_COPY_BYTES = 2**20
_ZIP = b"PK\x03\x04"


class Workbook:
    """Implements :class:`geostead.formats.ordinary.table.Table`."""

    def __init__(
        self, open_upload: OpenUpload, limits: Limits, form: TableForm, *, max_rows: int | None = None
    ) -> None:
        """Read the sheets and the names of the columns. ``max_rows``: rows that are read; None: all.

        Raises UnreadableUpload, LimitReached.
        """
        self._open_upload = open_upload
        self._limits = limits
        self._form = form
        self._max_rows = max_rows
        with self._open(0) as output:
            self.sheets: tuple[str, ...] = tuple(output.head["sheets"])
            self.sheet: str = output.head["sheet"]
            self.first_rows: list[list[str | None]] = output.head["first_rows"]
        if form.header_rows:
            named = self.first_rows[min(form.header_rows, len(self.first_rows)) - 1] if self.first_rows else []
        else:
            named = [None] * max(map(len, self.first_rows), default=0)
        self.names = name_columns(named)

    def blocks(self) -> Iterator[TableBlock]:
        """Read the rows once, from first to last."""
        first_row = 0
        with self._open(self._max_rows) as output:
            for batch in output.batches if self.names else ():
                yield TableBlock(first_row, tuple(batch.columns[1:]), {})
                first_row += batch.num_rows

    def locate(self, rows: Iterable[int]) -> dict[int, str]:
        """Say in which row of the sheet rows are: "row 17". Reads the sheet again."""
        wanted = sorted(set(rows))
        if not wanted:
            return {}
        with self._open(None) as output:
            numbers = pa.concat_arrays([batch.column(0) for batch in output.batches])
        return {row: f"row {numbers[row].as_py()}" for row in wanted}

    @contextmanager
    def _open(self, max_rows: int | None) -> Iterator[Output]:
        count = "" if max_rows is None else str(max_rows)
        arguments = (self._form.sheet, str(self._form.header_rows), count)
        with _open_on_disk(self._open_upload) as file:
            _check_unpacked_size(file, self._limits.upload_bytes)
            with open_process(_PROCESS, arguments, upload=file) as output:
                yield output


@contextmanager
def _open_on_disk(open_upload: OpenUpload) -> Iterator[IO[bytes]]:
    """Open the upload as a file that another process can read as well."""
    with open_upload() as upload:
        try:
            upload.fileno()
        except OSError:
            with tempfile.TemporaryFile() as copy:
                while piece := upload.read(_COPY_BYTES):
                    copy.write(piece)
                copy.flush()
                copy.seek(0)
                yield copy
        else:
            yield upload


def _check_unpacked_size(file: IO[bytes], max_bytes: int) -> None:
    """Raise LimitReached where a workbook says that it unpacks to more; one that lies meets the end of its process."""
    is_zip = file.read(len(_ZIP)) == _ZIP
    file.seek(0)
    if not is_zip:
        return
    with open_zip(file) as archive:  # type: ignore[arg-type]  # a binary file by another name
        size_bytes = sum(entry.file_size for entry in archive.infolist())
    file.seek(0)
    if size_bytes > max_bytes:
        raise LimitReached("uncompressed upload bytes", size_bytes, max_bytes)


def is_workbook(file: IO[bytes]) -> bool:
    """Tell whether a ZIP is a workbook."""
    try:
        with zipfile.ZipFile(file) as archive:
            names = archive.namelist()
            is_ods = "mimetype" in names and b"opendocument.spreadsheet" in archive.read("mimetype")[:100]
    except DAMAGE:
        return False
    return is_ods or any(name.startswith("xl/") for name in names)
