"""Writes downloads: an XML data set with inline schema (data-formats.md, section 3).

Loading what was written gives the same entities again, bit for bit. There is no white space between elements, because
old readers walk the children of an element by position.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Protocol

import pyarrow as pa
import pyarrow.compute as pc

from geostead.formats.instants import instant_texts
from geostead.formats.text_columns import has_any_byte
from geostead.formats.xml_schema import schema_text
from geostead.geo.wkt import wkt_texts
from geostead.model.entity_type import EdmType, EntityType

_PART_BYTES = 2**24
_PART_CELLS = 250_000

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
    for batch in batches:
        for part in _parts(batch):
            out.write(_part_bytes(entity_type, part))
    out.write(f"</{root}>".encode())


def _parts(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    """Halve a batch until its text, which may be some times as long, fits an Arrow column easily."""
    if batch.num_rows > 1 and (batch.nbytes > _PART_BYTES or batch.num_rows * batch.num_columns > _PART_CELLS):
        half = batch.num_rows // 2
        yield from _parts(batch.slice(0, half))
        yield from _parts(batch.slice(half))
    elif batch.num_rows:
        yield batch


def _part_bytes(entity_type: EntityType, part: pa.RecordBatch) -> memoryview:
    """Return the elements of all entities, one after the other: the bytes behind a column of their texts."""
    columns = [_elements(p.name, _TEXTS[p.type](part.column(p.name))) for p in entity_type.properties]
    name = entity_type.name
    rows = pc.binary_join_element_wise(f"<{name}>", *columns, f"</{name}>", "")
    return memoryview(rows.buffers()[2])


def _elements(name: str, texts: pa.StringArray) -> pa.StringArray:
    """Wrap each text in an element; '' for null."""
    return pc.fill_null(pc.binary_join_element_wise(f"<{name}>", texts, f"</{name}>", ""), "")


def _escaped(texts: pa.StringArray) -> pa.StringArray:
    for character, reference in _ESCAPES:
        if has_any_byte(texts, ord(character)):
            texts = pc.replace_substring(texts, character, reference)
    return pc.if_else(pc.equal(texts, ""), None, texts)


def _plain(values: pa.Array) -> pa.StringArray:
    return values.cast(pa.string())


_TEXTS: dict[EdmType, Callable[[pa.Array], pa.StringArray]] = {
    EdmType.STRING: _escaped,
    EdmType.INT64: _plain,
    EdmType.BOOLEAN: _plain,
    EdmType.DOUBLE: _plain,
    EdmType.DATETIME: instant_texts,
    EdmType.GEOGRAPHY: wkt_texts,
}
