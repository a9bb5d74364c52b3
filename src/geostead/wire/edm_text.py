r"""How values of each Edm type become text in replies: the one table (http-api.md, section 4.5).

=================  ==============================================  =========================================
Edm type           JSON                                            Atom
=================  ==============================================  =========================================
``Edm.String``     ``"text"``; missing is ``""`` (C5)              the text; missing is an empty element
``Edm.Int64``      a number (C6)                                   the same digits
``Edm.Boolean``    ``true``, ``false`` (C6)                        ``1``, ``0``
``Edm.Double``     the shortest number that reads back the same    the same digits
``Edm.DateTime``   ``"\/Date(ms)\/"``, rounded down (C23)            ``2010-11-03T23:31:37``, fractions kept
``Edm.Geography``  ``"WKT"``                                       WKT
=================  ==============================================  =========================================

Any other missing value is ``null`` in JSON, ``m:null="true"`` in Atom.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from geostead.geo.wkt import wkt_texts
from geostead.model.entity_type import EdmType
from geostead.model.instant import TICKS_PER_MS, UNIX_EPOCH_TICKS, iso_text
from geostead.wire.escapes import json_texts, string, xml_texts

_NULL = string("null")
_EMPTY = string("")
_ONE = string("1")
_ZERO = string("0")
_MS = pa.scalar(TICKS_PER_MS, pa.int64())
_EPOCH_MS = pa.scalar(UNIX_EPOCH_TICKS // TICKS_PER_MS, pa.int64())

_Texts = Callable[[pa.Array], pa.StringArray]


@dataclass(frozen=True, slots=True)
class Spelling:
    """How the values of a type are written: a text for each value, and what stands before and after it."""

    texts: _Texts
    """Turns a column into texts; a missing value stays null."""
    before: str = ""
    after: str = ""


def _plain(column: pa.Array) -> pa.StringArray:
    return column.cast(pa.string())


def _unix_ms(column: pa.Array) -> pa.StringArray:
    # Ticks are never negative and the epoch is a whole number of milliseconds, so truncation rounds down.
    return _plain(pc.subtract(pc.divide(column, _MS), _EPOCH_MS))


def _iso(column: pa.Array) -> pa.StringArray:
    return pa.array([None if ticks is None else iso_text(ticks) for ticks in column.to_pylist()], pa.string())


def _digit(column: pa.Array) -> pa.StringArray:
    return pc.if_else(column, _ONE, _ZERO)


def _filled(escape: _Texts) -> _Texts:
    return lambda column: escape(pc.fill_null(column, _EMPTY) if column.null_count else column)


JSON: dict[EdmType, Spelling] = {
    EdmType.STRING: Spelling(_filled(json_texts), '"', '"'),
    EdmType.INT64: Spelling(_plain),
    EdmType.BOOLEAN: Spelling(_plain),
    EdmType.DOUBLE: Spelling(_plain),
    EdmType.DATETIME: Spelling(_unix_ms, '"\\/Date(', ')\\/"'),
    EdmType.GEOGRAPHY: Spelling(wkt_texts, '"', '"'),
}
"""JSON values. What a type spells without quotation marks is valid JSON as it stands."""

ATOM: dict[EdmType, Spelling] = {
    EdmType.STRING: Spelling(_filled(xml_texts)),
    EdmType.INT64: Spelling(_plain),
    EdmType.BOOLEAN: Spelling(_digit),
    EdmType.DOUBLE: Spelling(_plain),
    EdmType.DATETIME: Spelling(_iso),
    EdmType.GEOGRAPHY: Spelling(wkt_texts),
}
"""The content of Atom's property elements, escaped."""


def json_values(edm_type: EdmType, column: pa.Array) -> tuple[str, pa.StringArray, str]:
    """Return the JSON texts of a column, none of them null, and what belongs before and after each."""
    spelling = JSON[edm_type]
    texts = spelling.texts(column)
    if not texts.null_count:
        return spelling.before, texts, spelling.after
    whole = pc.binary_join_element_wise(string(spelling.before), texts, string(spelling.after), _EMPTY)
    return "", pc.fill_null(whole, _NULL), ""
