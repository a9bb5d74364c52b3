"""Columns of whatever type Arrow has, as text that loading understands, and the Edm types that they become."""

from __future__ import annotations

import orjson
import pyarrow as pa
import pyarrow.compute as pc

from geostead.formats.rows.instants import instant_texts
from geostead.model.entity_type import EdmType
from geostead.model.instant import MAX_TICKS, TICKS_PER_SECOND, UNIX_EPOCH_TICKS

_TICKS_OF_UNIT = {"s": TICKS_PER_SECOND, "ms": TICKS_PER_SECOND // 10**3, "us": TICKS_PER_SECOND // 10**6}
_NS_PER_TICK = 100
_NO_TEXT = "\0"


def edm_type_of(arrow_type: pa.DataType) -> EdmType:
    """Return the type that holds the values of a column; what is none of them becomes a string."""
    if pa.types.is_dictionary(arrow_type):
        return edm_type_of(arrow_type.value_type)
    if pa.types.is_boolean(arrow_type):
        return EdmType.BOOLEAN
    if pa.types.is_integer(arrow_type):
        return EdmType.INT64
    if pa.types.is_floating(arrow_type) or pa.types.is_decimal(arrow_type):
        return EdmType.DOUBLE
    if pa.types.is_timestamp(arrow_type) or pa.types.is_date(arrow_type):
        return EdmType.DATETIME
    return EdmType.STRING


def column_texts(values: pa.Array) -> pa.StringArray:
    """Write values as text, null where there is none; lists and structures as JSON, bytes that are no text in hex.

    Dates keep 100 nanoseconds; what is shorter is cut. One before the year 1 or after 9999 becomes a text that is no
    date, and a text that is not UTF-8 one with a control character, for the loading to find.
    """
    if isinstance(values, pa.ExtensionArray):
        return column_texts(values.storage)
    if pa.types.is_dictionary(values.type):
        return column_texts(values.dictionary_decode())
    if pa.types.is_timestamp(values.type) or pa.types.is_date(values.type):
        return _instants(values)
    try:
        return _plain(values)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return pa.array([_text(value.as_py()) for value in values], pa.string())


def _plain(values: pa.Array) -> pa.StringArray:
    if pa.types.is_nested(values.type):
        raise pa.ArrowNotImplementedError("Arrow's text of these is not JSON.")
    if pa.types.is_float16(values.type) or pa.types.is_float32(values.type):
        values = values.cast(pa.float64())
    texts = values.cast(pa.string())
    return _checked(texts.cast(pa.binary())) if _is_text(values.type) else texts


def _is_text(arrow_type: pa.DataType) -> bool:
    return arrow_type in (pa.string(), pa.large_string(), pa.string_view())


def _checked(texts: pa.BinaryArray) -> pa.StringArray:
    """Return texts of which the file says that they are UTF-8."""
    try:
        return texts.cast(pa.string())
    except pa.ArrowInvalid:
        return pa.array([None if text is None else _marked(text) for text in texts.to_pylist()], pa.string())


def _marked(text: bytes) -> str:
    try:
        return text.decode()
    except UnicodeDecodeError:
        return _NO_TEXT + text.decode(errors="backslashreplace")


def _instants(values: pa.Array) -> pa.StringArray:
    if pa.types.is_date(values.type):
        values = values.cast(pa.timestamp("ms"))
    unit, since_1970 = values.type.unit, values.cast(pa.int64())
    if unit == "ns":
        ticks = pc.fill_null(since_1970, 0).to_numpy() // _NS_PER_TICK
        return instant_texts(pc.if_else(pc.is_valid(since_1970), pa.array(ticks + UNIX_EPOCH_TICKS), None))
    factor = _TICKS_OF_UNIT[unit]
    first, last = -(UNIX_EPOCH_TICKS // factor), (MAX_TICKS - UNIX_EPOCH_TICKS) // factor
    is_possible = pc.and_(pc.greater_equal(since_1970, first), pc.less_equal(since_1970, last))
    possible = pc.if_else(is_possible, since_1970, None)
    texts = instant_texts(pc.add(pc.multiply(possible, factor), UNIX_EPOCH_TICKS))
    return pc.coalesce(texts, pc.binary_join_element_wise(since_1970.cast(pa.string()), f" {unit} after 1970", ""))


def _text(value: object) -> str | None:
    match value:
        case None:
            return None
        case list() | dict():
            return orjson.dumps(value, default=_text, option=orjson.OPT_NON_STR_KEYS).decode()
        case bytes():
            return _decoded(value)
        case _:
            return str(value)


def _decoded(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.hex()
