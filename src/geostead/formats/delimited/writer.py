"""Writes entities as ``csv``, with the two header lines that loading expects (data-formats.md, section 2)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pyarrow as pa
import pyarrow.compute as pc

from geostead.formats.delimited.schema_line import PRODUCT, VERSION
from geostead.formats.rows.batch_parts import parts_of
from geostead.formats.rows.value_texts import value_texts
from geostead.model.entity_type import EntityType

_LINE_END = "\r\n"
_MISREAD = '[",\r\n]'


def csv_chunks(entity_type: EntityType, batches: Iterable[pa.RecordBatch]) -> Iterator[bytes]:
    """Write entities, in the order they come, in bounded memory; columns by :mod:`geostead.model.columns`.

    Quotes, commas and line ends are quoted as RFC 4180 has it. Loading the file gives the same entities, bit for bit.
    """
    yield _header(entity_type).encode()
    for part in parts_of(batches):
        yield _rows(entity_type, part)


def _header(entity_type: EntityType) -> str:
    marks = {entity_type.key_name: ",primaryKey"}
    columns = ",".join(f"{p.name}({p.type}{marks.get(p.name, '')})" for p in entity_type.properties)
    return f"{PRODUCT}, {VERSION}, {entity_type.name}{_LINE_END}{columns}{_LINE_END}"


def _rows(entity_type: EntityType, part: pa.RecordBatch) -> bytes:
    """Return the lines of all entities, one after the other: the bytes behind a column of their texts."""
    cells = [_quoted(pc.fill_null(value_texts(part.column(p.name), p.type), "")) for p in entity_type.properties]
    rows = pc.binary_join_element_wise(*cells, ",")
    lines: bytes = pc.binary_join_element_wise(rows, "", _LINE_END).buffers()[2].to_pybytes()
    return lines


def _quoted(cells: pa.StringArray) -> pa.StringArray:
    is_misread = pc.match_substring_regex(cells, _MISREAD)
    if not pc.any(is_misread).as_py():
        return cells
    doubled = pc.replace_substring(cells, '"', '""')
    return pc.if_else(is_misread, pc.binary_join_element_wise('"', doubled, '"', ""), cells)
