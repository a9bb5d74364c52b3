"""Whole orders by one property."""

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geostead.snapshots.orderings import KEPT, Orderings

COLUMNS = st.one_of(
    st.lists(st.none() | st.integers(-3, 3)).map(lambda values: pa.array(values, pa.int64())),
    st.lists(st.none() | st.booleans()).map(lambda values: pa.array(values, pa.bool_())),
    st.lists(st.text("abZ\uffee\U0001f600", max_size=3)).map(lambda values: pa.array(values, pa.string())),
    st.lists(st.none() | st.floats(allow_nan=False, width=16)).map(lambda values: pa.array(values, pa.float64())),
)


@given(COLUMNS, st.booleans())
def test_rows_come_by_value_then_by_row_and_missing_values_are_least(column: pa.Array, descending: bool) -> None:
    values = column.to_pylist()
    keys = [(value is not None, 0 if value is None else value) for value in values]
    expected = sorted(range(len(values)), key=keys.__getitem__, reverse=descending)
    orderings = Orderings(lambda _name: column)
    found = orderings.find("Name", descending=descending, is_deep=True)
    assert found is not None
    assert found.tolist() == expected


def test_a_dictionary_is_sorted_by_its_codes() -> None:
    column = pa.DictionaryArray.from_arrays(pa.array([2, 0, 1, 0], pa.int32()), pa.array(["a", "b", "c"]))
    found = Orderings(lambda _name: column).find("Name", descending=False, is_deep=True)
    assert found is not None
    assert found.tolist() == [1, 3, 2, 0]


def test_an_order_is_made_the_second_time_it_is_asked_for_and_kept() -> None:
    orderings = Orderings(lambda _name: pa.array([2, 1]))
    assert orderings.find("Name", descending=False, is_deep=False) is None
    made = orderings.find("Name", descending=False, is_deep=False)
    assert made is not None
    assert orderings.find("Name", descending=False, is_deep=False) is made
    assert orderings.find("Name", descending=True, is_deep=False) is None


@pytest.mark.parametrize("used", [0, KEPT])
def test_of_many_orders_those_stay_that_were_used_last(used: int) -> None:
    orderings = Orderings(lambda _name: pa.array([2, 1]))
    first = orderings.find("0", descending=False, is_deep=True)
    for number in range(1, KEPT):
        orderings.find(str(number), descending=False, is_deep=True)
    assert orderings.find("0", descending=False, is_deep=False) is first
    for number in range(KEPT, KEPT + used):
        orderings.find(str(number), descending=False, is_deep=True)
    again = orderings.find("0", descending=False, is_deep=True)
    assert (again is first) is (used == 0)
