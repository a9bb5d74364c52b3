"""Evaluating a predicate over columns, for all rows at once or for some."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from typing import assert_never

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from geostead.model.entity_type import EdmType
from geostead.query.bound import (
    And,
    Comparator,
    Compare,
    Constant,
    IsIn,
    IsMissing,
    Literal,
    Not,
    Or,
    Predicate,
    TestText,
    TextTest,
)
from geostead.snapshots.columns import Columns, Rows

Mask = npt.NDArray[np.bool_]

_INT64_MIN, _INT64_MAX = -(2**63), 2**63 - 1

_LOOKS_PER_CODE = 1 / 8
"""What comparing the code of a value costs, measured in looks at values."""

_COMPARE: dict[Comparator, Callable[[pa.Array, pa.Scalar], pa.Array]] = {
    Comparator.EQ: pc.equal,
    Comparator.GT: pc.greater,
    Comparator.GE: pc.greater_equal,
    Comparator.LT: pc.less,
    Comparator.LE: pc.less_equal,
}
_TEXT_TEST: dict[TextTest, Callable[..., pa.Array]] = {
    TextTest.STARTS_WITH: pc.starts_with,
    TextTest.ENDS_WITH: pc.ends_with,
    TextTest.CONTAINS: pc.match_substring,
}

_Leaf = Compare | IsIn | IsMissing | TestText


def holds(predicate: Predicate, columns: Columns, rows: Rows | None) -> Mask:
    """Tell for each of ``rows``, in their order (None: for every row of the snapshot), whether the predicate holds."""
    match predicate:
        case And(operands):
            return reduce(np.logical_and, (holds(operand, columns, rows) for operand in operands))
        case Or(operands):
            return reduce(np.logical_or, (holds(operand, columns, rows) for operand in operands))
        case Not(operand):
            return ~holds(operand, columns, rows)
        case Constant(value):
            return np.full(len(columns) if rows is None else len(rows), value)
        case Compare() | IsIn() | IsMissing() | TestText():
            return _leaf_holds(predicate, columns.stored(predicate.property.name), rows)
        case _:
            assert_never(predicate)


def count_leaves(predicate: Predicate) -> int:
    """Return how often a predicate looks at a column."""
    match predicate:
        case And(operands) | Or(operands):
            return sum(map(count_leaves, operands))
        case Not(operand):
            return count_leaves(operand)
        case _:
            return 1


def looks_per_row(predicate: Predicate, columns: Columns) -> float:
    """Return what evaluating a predicate costs for each row, measured in looks at single values."""
    match predicate:
        case And(operands) | Or(operands):
            return sum(looks_per_row(operand, columns) for operand in operands)
        case Not(operand):
            return looks_per_row(operand, columns)
        case Constant():
            return 0.0
        case _:
            is_coded = pa.types.is_dictionary(columns.stored(predicate.property.name).type)
            return _LOOKS_PER_CODE if is_coded else 1.0


def _leaf_holds(leaf: _Leaf, column: pa.Array, rows: Rows | None) -> Mask:
    """Evaluate a leaf. What holds for a value of a dictionary holds for every row that has it."""
    if pa.types.is_dictionary(column.type):
        codes: npt.NDArray[np.int32] = column.indices.to_numpy()
        return _codes_hold(_mask(leaf, column.dictionary), codes if rows is None else codes[rows])
    return _mask(leaf, column if rows is None else column.take(pa.array(rows)))


def _codes_hold(held: Mask, codes: npt.NDArray[np.int32]) -> Mask:
    """Tell for each code whether ``held`` is true for it.

    The dictionary is sorted, so that what equals a value, begins with a text or is less than a value are consecutive
    codes: to compare is several times as fast as to look up.
    """
    holding = np.flatnonzero(held)
    if len(holding) == 0:
        return np.zeros(len(codes), dtype=np.bool_)
    first, last = int(holding[0]), int(holding[-1])
    if last - first >= len(holding):
        return held.take(codes)
    if first == last:
        only: Mask = codes == first
        return only
    above = codes >= first
    return np.logical_and(above, codes <= last, out=above)


def _mask(leaf: _Leaf, values: pa.Array) -> Mask:
    match leaf:
        case Compare(property_, Comparator.NE, value):
            return ~_mask(Compare(property_, Comparator.EQ, value), values)
        case Compare(property_, comparator, value):
            return _compare(values, property_.type, comparator, value)
        case IsMissing():
            return _missing(values)
        case IsIn(_, wanted, missing):
            return _is_in(values, wanted, missing=missing)
        case TestText(_, test, text):
            return _flags(_TEXT_TEST[test](values, pattern=text))
        case _:
            assert_never(leaf)


def _compare(values: pa.Array, edm_type: EdmType, comparator: Comparator, value: Literal) -> Mask:
    if isinstance(value, int) and not _INT64_MIN <= value <= _INT64_MAX:
        always = comparator in ((Comparator.LT, Comparator.LE) if value > 0 else (Comparator.GT, Comparator.GE))
        return ~_missing(values) if always else np.zeros(len(values), dtype=np.bool_)
    if edm_type is EdmType.BOOLEAN:
        values, value = values.cast(pa.uint8()), int(value)
    return _flags(_COMPARE[comparator](values, pa.scalar(value, values.type)))


def _is_in(values: pa.Array, wanted: frozenset[Literal], *, missing: bool) -> Mask:
    possible = [v for v in wanted if not isinstance(v, int) or _INT64_MIN <= v <= _INT64_MAX]
    if 0.0 in possible and pa.types.is_floating(values.type):
        possible += [0.0, -0.0]  # equal, but not to the hashes that is_in looks up
    mask = _flags(pc.is_in(values, value_set=pa.array(possible, values.type)))
    return mask | _missing(values) if missing else mask


def _missing(values: pa.Array) -> Mask:
    if pa.types.is_string(values.type) or pa.types.is_large_string(values.type):
        return _flags(pc.equal(pc.binary_length(values), 0))
    return _flags(values.is_null())


def _flags(result: pa.Array) -> Mask:
    """Turn an Arrow outcome, in which null is the outcome for a missing value, into plain truth."""
    mask: Mask = (result.fill_null(False) if result.null_count else result).to_numpy(zero_copy_only=False)
    return mask
