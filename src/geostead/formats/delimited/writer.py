"""Writes entities as ``csv``, with the two header lines that loading expects (data-formats.md, section 2)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from geostead.formats.delimited.schema_line import PRODUCT, VERSION
from geostead.formats.rows.batch_parts import parts_of
from geostead.formats.rows.value_texts import value_texts
from geostead.model.entity_type import DELETE_ENTITY, EdmType, EntityType, Property

_LINE_END = "\r\n"
_MISREAD = '[",\r\n]'


def csv_chunks(entity_type: EntityType, batches: Iterable[pa.RecordBatch]) -> Iterator[bytes]:
    """Write entities, in the order they come, in bounded memory; columns by :mod:`geostead.model.columns`.

    Quotes, commas and line ends are quoted as RFC 4180 has it. Loading the file gives the same entities, bit for bit.
    """
    yield _header(entity_type)
    for part in parts_of(batches):
        yield _rows([value_texts(part.column(p.name), p.type) for p in entity_type.properties])


def csv_of_texts(
    entity_type: EntityType, blocks: Iterable[Sequence[pa.StringArray]], *, deletes: bool = False
) -> Iterator[bytes]:
    """Write rows whose values are texts already, a column for each property; null and '' are missing values.

    With ``deletes`` there is one column more: 'true' where the entity shall go (data-formats.md, section 6).
    """
    yield _header(entity_type, *([Property(DELETE_ENTITY, EdmType.BOOLEAN)] if deletes else []))
    for columns in blocks:
        yield _rows(columns)


def _header(entity_type: EntityType, *more: Property) -> bytes:
    marks = {entity_type.key_name: ",primaryKey"}
    columns = ",".join(f"{p.name}({p.type}{marks.get(p.name, '')})" for p in (*entity_type.properties, *more))
    return f"{PRODUCT}, {VERSION}, {entity_type.name}{_LINE_END}{columns}{_LINE_END}".encode()


def _rows(columns: Sequence[pa.StringArray]) -> bytes:
    """Return the lines of all rows, one after the other: the bytes behind a column of their texts."""
    if not len(columns[0]):
        return b""
    rows = pc.binary_join_element_wise(*(_quoted(pc.fill_null(texts, "")) for texts in columns), ",")
    lines: bytes = pc.binary_join_element_wise(rows, "", _LINE_END).buffers()[2].to_pybytes()
    return lines


def _quoted(cells: pa.StringArray) -> pa.StringArray:
    is_misread = pc.match_substring_regex(cells, _MISREAD)
    if not pc.any(is_misread).as_py():
        return cells
    doubled = pc.replace_substring(cells, '"', '""')
    return pc.if_else(is_misread, pc.binary_join_element_wise('"', doubled, '"', ""), cells)
