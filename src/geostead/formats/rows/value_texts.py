"""How values are written in files: one text for each value, read back as the same value bit for bit.

Numbers have as few digits as give the same number again, booleans are ``true`` and ``false``, dates end in ``Z``,
geographies are well-known text; a string is itself. A missing value stays null, a missing string ``''``.
"""

from __future__ import annotations

from collections.abc import Callable

import pyarrow as pa
import pyarrow.compute as pc

from geostead.formats.rows.instants import instant_texts
from geostead.geo.wkt import wkt_texts
from geostead.model.entity_type import EdmType


def _as_they_are(values: pa.Array) -> pa.StringArray:
    return values


def _plain(values: pa.Array) -> pa.StringArray:
    return values.cast(pa.string())


_TEXTS: dict[EdmType, Callable[[pa.Array], pa.StringArray]] = {
    EdmType.STRING: _as_they_are,
    EdmType.INT64: _plain,
    EdmType.BOOLEAN: _plain,
    EdmType.DOUBLE: _plain,
    EdmType.DATETIME: instant_texts,
    EdmType.GEOGRAPHY: wkt_texts,
}


def value_texts(values: pa.Array, edm_type: EdmType) -> pa.StringArray:
    """Return the text of each value of a column (:mod:`geostead.model.columns`)."""
    return _TEXTS[edm_type](values)


def shown_texts(values: pa.Array, edm_type: EdmType) -> list[str]:
    """Return the same for people: '' where there is no value."""
    texts: list[str] = pc.fill_null(value_texts(values, edm_type), "").to_pylist()
    return texts
