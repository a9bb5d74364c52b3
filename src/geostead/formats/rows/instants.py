"""Columns of dates: ISO 8601 text to ticks and back, many at a time.

The common shapes are read with array arithmetic, everything else by :func:`geostead.model.instant.parse_ticks`, with
which both agree.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from geostead.formats.rows.text_columns import bytes_of
from geostead.model.instant import TICKS_PER_SECOND, UNIX_EPOCH_TICKS

_ZERO, _Z = b"0Z"
_SEPARATORS = {4: b"-", 7: b"-", 10: b"T", 13: b":", 16: b":", 19: b"."}
_DATE_LENGTH, _SECOND_LENGTH, _LONGEST = 10, 19, 27
_DAYS_TO_1970 = 719_162
_FRACTION_DIGITS = 7

_Ints = npt.NDArray[np.int64]
_Flags = npt.NDArray[np.bool_]
_Codes = npt.NDArray[np.uint8]


def read_plain_instants(texts: pa.StringArray) -> pa.Int64Array:
    """Read texts like ``2020-01-05`` or ``2020-01-05T10:11:12[.f{1,7}][Z]`` as ticks; null for every other text."""
    codes, starts, lengths = bytes_of(texts)
    with_time = np.flatnonzero(lengths > _SECOND_LENGTH)
    lengths[with_time] -= codes[starts[with_time] + lengths[with_time] - 1] == _Z
    ticks = np.zeros(len(texts), np.int64)
    is_plain = np.zeros(len(texts), bool)
    for length in np.unique(lengths).tolist():
        if length == _DATE_LENGTH or _SECOND_LENGTH <= length <= _LONGEST:
            rows = np.flatnonzero(lengths == length)
            ticks[rows], is_plain[rows] = _read_table(codes[starts[rows][:, None] + np.arange(length)])
    return pa.array(ticks, mask=~is_plain)


def instant_texts(ticks: pa.Int64Array) -> pa.StringArray:
    """Write ticks like ``2010-11-03T23:31:37.5Z``, with as many fraction digits as needed; nulls stay null."""
    missing = pc.is_null(ticks).to_numpy(zero_copy_only=False)
    # Nulls are filled first: with a null in it a column would turn to doubles, which ticks do not fit into.
    since_1970 = pc.subtract(pc.fill_null(ticks, UNIX_EPOCH_TICKS), UNIX_EPOCH_TICKS).to_numpy()
    seconds, fraction = np.divmod(since_1970, TICKS_PER_SECOND)
    whole = pa.array(seconds, mask=missing).cast(pa.timestamp("s")).cast(pa.string())
    digits = pc.utf8_slice_codeunits(pa.array(fraction + TICKS_PER_SECOND).cast(pa.string()), 1)
    tail = pc.utf8_rtrim(pc.binary_join_element_wise(".", digits, ""), "0")
    tail = pc.if_else(pa.array(fraction == 0), "", tail)
    return pc.binary_join_element_wise(pc.utf8_replace_slice(whole, 10, 11, "T"), tail, "Z", "")


def _read_table(table: _Codes) -> tuple[_Ints, _Flags]:
    """Read texts of one length, a row of ``table`` each, as ticks; tell which of them are dates and times."""
    digits = table - _ZERO  # what is below "0" wraps around to large numbers
    separators = [at for at in _SEPARATORS if at < table.shape[1]]
    is_valid = np.delete(digits, separators, axis=1).max(axis=1) <= 9
    for at in separators:
        is_valid &= table[:, at] == ord(_SEPARATORS[at])
    days, is_date = _days(_number(digits, 0, 4), _number(digits, 5, 7), _number(digits, 8, 10))
    hour, minute, second = (_number(digits, at, at + 2) for at in (11, 14, 17))
    is_valid &= is_date & (hour <= 23) & (minute <= 59) & (second <= 59) & (table.shape[1] != _SECOND_LENGTH + 1)
    seconds = ((days * 24 + hour) * 60 + minute) * 60 + second
    return seconds * TICKS_PER_SECOND + _fraction(digits), is_valid


def _number(digits: _Codes, start: int, end: int) -> _Ints:
    """Return the numbers in some columns; zeros where the texts end before."""
    number = np.zeros(len(digits), np.int64)
    for column in range(start, min(end, digits.shape[1])):
        number = number * 10 + digits[:, column]
    return number


def _fraction(digits: _Codes) -> _Ints:
    """Return the fraction of the second in ticks."""
    start = _SECOND_LENGTH + 1
    count = max(digits.shape[1] - start, 0)
    ticks: _Ints = _number(digits, start, digits.shape[1]) * 10 ** (_FRACTION_DIGITS - count)
    return ticks


def _days(year: _Ints, month: _Ints, day: _Ints) -> tuple[_Ints, _Flags]:
    """Return the days since 0001-01-01, and whether there is such a day."""
    first = (year - 1970).astype("datetime64[Y]").astype("datetime64[M]") + (month - 1)
    start = first.astype("datetime64[D]").astype(np.int64)
    days_in_month = (first + 1).astype("datetime64[D]").astype(np.int64) - start
    exists = (year >= 1) & (month >= 1) & (month <= 12) & (day >= 1) & (day <= days_in_month)
    return start + _DAYS_TO_1970 + day - 1, exists
