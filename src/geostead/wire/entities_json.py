r"""Entities as JSON (http-api.md, section 4.5: C1, C2, C4, C5, C6, C7, C9, C23).

A page is put together from fragments, one an entity, that were rendered when the snapshot was written::

    {"d":{"__copyright":"…","results":[{"__metadata":{"uri":"https:\/\/…\/Shops('1')"},"Name":"A"},{"__metadata"…}]}}
                                                                                 └── fragment ──┘

so that a reply costs a join and no encoding.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

import orjson
import pyarrow as pa
import pyarrow.compute as pc

from geostead.model.entity import EntityPage, Fragment
from geostead.model.entity_type import EntityType
from geostead.wire import edm_text
from geostead.wire.branding import COPYRIGHT
from geostead.wire.escapes import entity_ids_in_url, json_text, string
from geostead.wire.selected_columns import selected_columns, types_of

_SLICE_ROWS = 20_000
_SLICE_BYTES = 32 * 2**20
_HEAD = f'{{"d":{{"__copyright":"{json_text(COPYRIGHT)}",'.encode()


def render_fragments(
    rows: pa.RecordBatch, entity_type: EntityType, names: Sequence[str] | None = None
) -> pa.LargeBinaryArray:
    """Render the part of each entity's JSON that does not depend on where it is served.

    A fragment is the entity id as it stands in a URL, then ``')"},"Name":value,…``, without the closing brace.

    Args:
        rows: entities, columns by :mod:`geostead.model.columns`: the key, and at least the named properties.
        entity_type: their type.
        names: the properties to render, in this order, spelled as declared; None for all in schema order.
    """
    # Slices stay in the processor's cache, and below the 2 GiB that one string column can hold.
    return pa.concat_arrays([_render_slice(part, entity_type, names) for part in _slices(rows)])


def encode_page(page: EntityPage, entity_set_url: str) -> bytes:
    """Encode the reply to a query: ``{"d":{"__copyright":…,"__count":"N","results":[…]}}``, the count if known."""
    head = _HEAD if page.total_count is None else b'%b"__count":"%d",' % (_HEAD, page.total_count)
    fragments = _with_distances(_fragments(page), page.distances_km)
    if not fragments:
        return head + b'"results":[]}}'
    seam = _seam(entity_set_url)
    return b'%b"results":[%b%b}]}}' % (head, seam[2:], seam.join(fragments))


def encode_entity(page: EntityPage, entity_set_url: str) -> bytes:
    """Encode the reply to a query by id, whose ``page`` has one entity: ``d`` is the entity itself (C9)."""
    (fragment,) = _with_distances(_fragments(page), page.distances_km)
    return b"".join((_HEAD, _seam(entity_set_url)[3:], fragment, b"}}"))


def _slices(rows: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    if rows.num_rows <= 1 or (rows.num_rows <= _SLICE_ROWS and rows.nbytes <= _SLICE_BYTES):
        yield rows
        return
    middle = rows.num_rows // 2
    yield from _slices(rows.slice(0, middle))
    yield from _slices(rows.slice(middle))


def _render_slice(rows: pa.RecordBatch, entity_type: EntityType, names: Sequence[str] | None) -> pa.LargeBinaryArray:
    types = types_of(entity_type)
    parts = [entity_ids_in_url(rows.column(entity_type.key_name))]
    pending = "')\"}"
    for name in entity_type.names if names is None else names:
        before, texts, after = edm_text.json_values(types[name], rows.column(name))
        parts += (string(f'{pending},"{name}":{before}'), texts)
        pending = after
    return pc.binary_join_element_wise(*parts, string(pending), string("")).cast(pa.large_binary())


def _fragments(page: EntityPage) -> Sequence[Fragment]:
    if page.names is None:
        return page.rows.json_fragments()
    rows = selected_columns(page, page.names)
    fragments: list[bytes] = render_fragments(rows, page.entity_type, page.names).to_pylist()
    return fragments


def _with_distances(fragments: Sequence[Fragment], distances_km: Sequence[float] | None) -> Sequence[Fragment]:
    if distances_km is None or not fragments:
        return fragments
    numbers = orjson.dumps(distances_km, option=orjson.OPT_SERIALIZE_NUMPY)[1:-1].split(b",")
    return [b"".join((fragment, b',"__Distance":', km)) for fragment, km in zip(fragments, numbers, strict=True)]


@lru_cache(maxsize=4096)
def _seam(entity_set_url: str) -> bytes:
    """Return what stands between two fragments: the end of one entity and the beginning of the next."""
    return f'}},{{"__metadata":{{"uri":"{json_text(entity_set_url)}(\''.encode()
