"""Whole orders by one property."""

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from geostead.snapshots.orderings import Orderings

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


def test_of_many_orders_those_stay_that_were_used_last() -> None:
    orderings = Orderings(lambda _name: pa.array([2, 1]), kept_bytes=16)
    first = orderings.find("first", descending=False, is_deep=True)
    orderings.find("second", descending=False, is_deep=True)
    assert orderings.find("first", descending=False, is_deep=False) is first
    orderings.find("third", descending=False, is_deep=True)
    assert orderings.find("first", descending=False, is_deep=False) is first
    assert orderings.find("second", descending=False, is_deep=False) is None


def test_an_order_that_was_dropped_is_not_made_again_at_once() -> None:
    orderings = Orderings(lambda _name: pa.array([2, 1]), kept_bytes=1)
    for name in ("first", "second"):
        assert orderings.find(name, descending=False, is_deep=False) is None
        assert orderings.find(name, descending=False, is_deep=False) is not None
    assert orderings.find("first", descending=False, is_deep=False) is None


def test_nothing_can_be_ordered_too() -> None:
    found = Orderings(lambda _name: pa.array([], pa.int64())).find("Name", descending=False, is_deep=True)
    assert found is not None
    assert found.tolist() == []
