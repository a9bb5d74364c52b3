"""Working ahead keeps the order, the errors and the bound."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geostead.ahead import THREADS, map_ahead


@given(st.lists(st.integers()))
def test_results_come_in_the_order_of_the_items(items: list[int]) -> None:
    with ThreadPoolExecutor(3) as threads:
        assert list(map_ahead(threads, lambda item: item * 2, items)) == [item * 2 for item in items]


def test_items_are_taken_only_a_few_ahead_of_the_results() -> None:
    taken: list[int] = []

    def items() -> Iterator[int]:
        for item in range(1000):
            taken.append(item)
            yield item

    with ThreadPoolExecutor(3) as threads:
        results = map_ahead(threads, lambda item: item, items())
        assert [next(results) for _ in range(10)] == list(range(10))
    assert len(taken) <= 10 + THREADS + 1


def test_an_error_is_raised_in_its_turn() -> None:
    with ThreadPoolExecutor(3) as threads:
        results = map_ahead(threads, lambda item: 1 // item, [1, 1, 0, 1])
        assert [next(results), next(results)] == [1, 1]
        with pytest.raises(ZeroDivisionError):
            next(results)
