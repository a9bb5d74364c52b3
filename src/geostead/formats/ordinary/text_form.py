"""How a text file is written: encoding and delimiter, found out from its beginning."""

from __future__ import annotations

import codecs
import csv
import io
from collections import Counter

from geostead.formats.ordinary.plain_values import parts_of_day
from geostead.formats.rows.values import parse_double
from geostead.model.instant import parse_ticks
from geostead.model.table_reading import DELIMITERS, MAX_HEADER_ROWS

_ROWS = 50
_FULL = 0.6
"""Of the cells of the fullest row: what has fewer is a title."""
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_LEGACY = (
    "cp1252",
    "cp1250",
    "cp1251",
    "cp1253",
    "cp1254",
    "cp1257",
    "mac_roman",
    "shift_jis",
    "gb18030",
    "big5",
    "euc_kr",
)
_WESTERN = "cp1252"


def find_encoding(head: bytes, *, is_whole: bool) -> str:
    """Return the encoding of a text, one of :data:`geostead.model.table_reading.ENCODINGS`, from its first bytes."""
    for bom, encoding in _BOMS:
        if head.startswith(bom):
            return encoding
    zeros = head.count(0)
    if zeros > len(head) // 4:
        return "utf-16-le" if head[1::2].count(0) >= head[::2].count(0) else "utf-16-be"
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        decoder.decode(head, final=is_whole)
    except UnicodeDecodeError:
        return _legacy_encoding(head)
    return "utf-8"


def _legacy_encoding(head: bytes) -> str:
    from charset_normalizer import from_bytes  # takes a while, and most files are in UTF-8

    best = from_bytes(head, cp_isolation=list(_LEGACY)).best()
    if best is None or _WESTERN in (best.encoding, *best.could_be_from_charset):
        return _WESTERN
    return best.encoding.replace("_", "-") if best.encoding.startswith(("mac", "euc")) else best.encoding


def find_delimiter(text: str) -> str:
    """Return the delimiter by which most rows have the same number of cells, and more than one."""
    return max(DELIMITERS, key=lambda delimiter: _regularity(text, delimiter))


def _regularity(text: str, delimiter: str) -> tuple[float, int]:
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    widths: Counter[int] = Counter()
    try:
        for cells in rows:
            widths[len(cells)] += any(cells)
            if widths.total() >= _ROWS:
                break
    except csv.Error:  # a cell of 131,072 characters or more: no delimiter at all, most likely
        return 0.0, 0
    if not widths.total():
        return 0.0, 0
    width, count = max(widths.items(), key=lambda item: (item[1], item[0]))
    return (count / widths.total() if width > 1 else 0.0), width


def find_header_rows(rows: list[list[str | None]]) -> int:
    """Return how many rows stand above the data, the names of the columns included, from the first rows.

    Titles above the names have fewer cells. Names are texts and all there; 0 where the first full row has none.
    """
    counts = [sum(cell is not None for cell in row) for row in rows[: MAX_HEADER_ROWS + 1]]
    full = _FULL * max(counts, default=0)
    place = next((i for i, count in enumerate(counts) if count >= full), 0)
    names = rows[place] if rows else []
    given = [cell.strip().lower() for cell in names if cell is not None]
    is_header = bool(given) and 2 * len(set(given)) >= len(given) and not any(map(_is_value, given))
    return place + 1 if is_header else place


def _is_value(text: str) -> bool:
    """Tell whether a text is something that no column is called."""
    number = parse_double(text.replace(",", "."))
    return number is not None or parse_ticks(text) is not None or parts_of_day(text) is not None or text in _WORDS


_WORDS = ("true", "false", "yes", "no")
