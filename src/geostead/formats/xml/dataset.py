"""Writes downloads: an XML data set with inline schema (data-formats.md, section 3).

Loading what was written gives the same entities again, bit for bit. There is no white space between elements, because
old readers walk the children of an element by position.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

import pyarrow as pa
import pyarrow.compute as pc

from geostead.formats.rows.batch_parts import parts_of
from geostead.formats.rows.text_columns import has_any_byte
from geostead.formats.rows.value_texts import value_texts
from geostead.formats.xml.schema import schema_text
from geostead.model.entity_type import EdmType, EntityType

# A parser would turn a bare CR into a line feed. ">" matters only after "]]", but nobody expects it bare.
_ESCAPES = (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("\r", "&#13;"))


class ByteSink(Protocol):
    """What bytes can be written to."""

    def write(self, data: bytes | memoryview, /) -> int:
        """Append bytes."""


def write_dataset(entity_type: EntityType, batches: Iterable[pa.RecordBatch], out: ByteSink) -> None:
    """Write entities, in the order they come, in bounded memory; columns by :mod:`geostead.model.columns`.

    A missing value has no element; nor has an empty string, which is the same.
    """
    root = f"{entity_type.name}Data"
    head = f'<?xml version="1.0" encoding="UTF-8"?>\n<{root}>{schema_text(entity_type, f"{entity_type.name}DataSet")}'
    out.write(head.encode())
    for part in parts_of(batches):
        out.write(_part_bytes(entity_type, part))
    out.write(f"</{root}>".encode())


def _part_bytes(entity_type: EntityType, part: pa.RecordBatch) -> memoryview:
    """Return the elements of all entities, one after the other: the bytes behind a column of their texts."""
    columns = [_elements(p.name, _texts(part.column(p.name), p.type)) for p in entity_type.properties]
    name = entity_type.name
    rows = pc.binary_join_element_wise(f"<{name}>", *columns, f"</{name}>", "")
    return memoryview(rows.buffers()[2])


def _elements(name: str, texts: pa.StringArray) -> pa.StringArray:
    """Wrap each text in an element; '' for null."""
    return pc.fill_null(pc.binary_join_element_wise(f"<{name}>", texts, f"</{name}>", ""), "")


def _texts(values: pa.Array, edm_type: EdmType) -> pa.StringArray:
    texts = value_texts(values, edm_type)
    return _escaped(texts) if edm_type is EdmType.STRING else texts


def _escaped(texts: pa.StringArray) -> pa.StringArray:
    for character, reference in _ESCAPES:
        if has_any_byte(texts, ord(character)):
            texts = pc.replace_substring(texts, character, reference)
    return pc.if_else(pc.equal(texts, ""), None, texts)
