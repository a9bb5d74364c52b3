"""Entities as Atom (http-api.md, section 4.5: C10, C11, C13)."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence

import pyarrow as pa

from geostead.model.data_source import Version
from geostead.model.entity import EntityPage
from geostead.model.entity_type import DISTANCE, EdmType
from geostead.wire import edm_text
from geostead.wire.branding import COPYRIGHT
from geostead.wire.dates import iso_date
from geostead.wire.escapes import entity_ids_in_url, xml_text
from geostead.wire.markup import DECLARATION, text_element
from geostead.wire.selected_columns import selected_columns, types_of

_NAMESPACES = (
    'xmlns:d="http://schemas.microsoft.com/ado/2007/08/dataservices"'
    ' xmlns:m="http://schemas.microsoft.com/ado/2007/08/dataservices/metadata"'
    ' xmlns="http://www.w3.org/2005/Atom"'
)
_TITLE = '<title type="text"/>'
_RIGHTS = text_element("rights", COPYRIGHT, {"type": "text"})


def encode_page(page: EntityPage, entity_set_url: str, version: Version) -> bytes:
    """Encode the reply to a query of ``version``: a feed, with the count if known."""
    count = "" if page.total_count is None else f"<m:count>{page.total_count}</m:count>"
    updated = _updated(version)
    entries = (f"<entry>{content}</entry>" for content in _entries(page, entity_set_url, updated))
    return (
        f"{DECLARATION}<feed {_NAMESPACES}>{_TITLE}<id>uuid:{uuid.UUID(version.job_id)};id=1</id>"
        f"{_RIGHTS}{updated}{count}{''.join(entries)}</feed>"
    ).encode()


def encode_entity(page: EntityPage, entity_set_url: str, version: Version) -> bytes:
    """Encode the reply to a query by id, whose ``page`` has one entity: an entry."""
    (content,) = _entries(page, entity_set_url, _updated(version))
    return f"{DECLARATION}<entry {_NAMESPACES}>{content}{_RIGHTS}</entry>".encode()


def _updated(version: Version) -> str:
    return text_element("updated", iso_date(version.created_at))


def _entries(page: EntityPage, entity_set_url: str, updated: str) -> Iterator[str]:
    """Write what stands in the entry of each entity."""
    key = page.entity_type.key_name
    names = page.entity_type.names if page.names is None else page.names
    rows = selected_columns(page, names)
    columns = _property_columns(page, rows, names)
    before_id = f"<id>{xml_text(entity_set_url)}('"
    before_properties = f'\')</id>{_TITLE}{updated}<content type="application/xml"><m:properties>'
    after_properties = "</m:properties></content>"
    for entity_id, *elements in zip(entity_ids_in_url(rows.column(key)).to_pylist(), *columns, strict=True):
        yield f"{before_id}{entity_id}{before_properties}{''.join(elements)}{after_properties}"


def _property_columns(page: EntityPage, rows: pa.RecordBatch, names: Sequence[str]) -> Iterator[list[str]]:
    types = types_of(page.entity_type)
    for name in names:
        yield _elements(name, types[name], rows.column(name))
    if page.distances_km is not None:
        yield _elements(DISTANCE, EdmType.DOUBLE, pa.array(page.distances_km, pa.float64()))


def _elements(name: str, edm_type: EdmType, column: pa.Array) -> list[str]:
    """Write the element of each value; a missing one is there, too (C11, C13)."""
    texts = edm_text.ATOM[edm_type].texts(column).to_pylist()
    typed = "" if edm_type is EdmType.STRING else f' m:type="{edm_type.value}"'
    missing = f'<d:{name}{typed} m:null="true"/>' if typed else f"<d:{name}/>"
    opening, closing = f"<d:{name}{typed}>", f"</d:{name}>"
    return [f"{opening}{text}{closing}" if text else missing for text in texts]
