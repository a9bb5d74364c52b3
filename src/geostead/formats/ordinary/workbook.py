"""The table in a sheet of a workbook: Excel's ``.xlsx``, ``.xlsb`` and ``.xls``, and OpenDocument's ``.ods``.

:mod:`geostead.formats.ordinary.workbook_process` reads it.
"""

from __future__ import annotations

import tempfile
import weakref
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from typing import IO

import pyarrow as pa

from geostead.errors import LimitReached
from geostead.formats.archive import DAMAGE, open_zip
from geostead.formats.base import OpenUpload
from geostead.formats.gis.reader_process import Output, ReaderProcess, open_process
from geostead.formats.ordinary.table import TableBlock, name_columns
from geostead.formats.ordinary.text_form import find_header_rows
from geostead.model.limits import Limits
from geostead.model.table_reading import TableForm, TableFormat

_PROCESS = ReaderProcess("geostead.formats.ordinary.workbook_process", "workbook", {})
_COPY_BYTES = 2**20
_ZIP = b"PK\x03\x04"


class Workbook:
    """Implements :class:`geostead.formats.ordinary.table.Table`."""

    def __init__(
        self,
        open_upload: OpenUpload,
        limits: Limits,
        *,
        sheet: str = "",
        header_rows: int | None = None,
        max_rows: int | None = None,
    ) -> None:
        """Begin to read a sheet.

        Args:
            open_upload: opens the file.
            limits: of the account.
            sheet: the name of the sheet; '' for the first one with a table.
            header_rows: as in :class:`TableForm`; None: what looks like it.
            max_rows: rows that are read, those of the header included; None: all.

        Raises UnreadableUpload, LimitReached.
        """
        self._open_upload = open_upload
        self._limits = limits
        self._sheet = sheet
        self._max_rows = max_rows
        with ExitStack() as resources:
            self._output = resources.enter_context(self._open())
            self._close = weakref.finalize(self, resources.pop_all().close)
        head = self._output.head
        self.sheets: tuple[str, ...] = tuple(head["sheets"])
        first: list[list[str | None]] = head["first_rows"]
        count = find_header_rows(first) if header_rows is None else header_rows
        self.form = TableForm(TableFormat.WORKBOOK, sheet=head["sheet"], header_rows=count)
        width = max(map(len, first), default=0)
        self.names = name_columns(first[min(count, len(first)) - 1] if count and first else [None] * width)

    def blocks(self) -> Iterator[TableBlock]:
        """Read the rows once, from first to last."""
        first_row = -self.form.header_rows
        try:
            for batch in self._output.batches if self.names else ():
                made = TableBlock(first_row, tuple(batch.columns[1:]), {})
                first_row += batch.num_rows
                if first_row > 0:
                    yield made.cut(max(0, -made.first_row), batch.num_rows)
        finally:
            self._close()

    def locate(self, rows: Iterable[int]) -> dict[int, str]:
        """Say in which row of the sheet rows are: "row 17". Reads the sheet again."""
        wanted = set(rows)
        if not wanted:
            return {}
        with self._open() as output:
            numbers = pa.concat_arrays([batch.column(0) for batch in output.batches])
        return {row: f"row {numbers[row + self.form.header_rows].as_py()}" for row in wanted}

    @contextmanager
    def _open(self) -> Iterator[Output]:
        arguments = (self._sheet, "" if self._max_rows is None else str(self._max_rows))
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
