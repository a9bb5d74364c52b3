"""Reading the options beside the filters: query-language.md, section 3."""

import pytest

from geostead.errors import InvalidParameter
from geostead.query.bound import OrderTerm
from geostead.query.options import (
    bind_count,
    bind_order,
    bind_page,
    bind_skip,
)
from tests.query.shops import CODE, ELEVATION, NAME, RATING, SEATS, SHOPS


def ordered(text: str, *, distance_defined: bool = True) -> tuple[OrderTerm, ...]:
    return bind_order(text, SHOPS, distance_defined=distance_defined)


def order_refusal(text: str, *, distance_defined: bool = True) -> InvalidParameter:
    with pytest.raises(InvalidParameter) as caught:
        ordered(text, distance_defined=distance_defined)
    assert caught.value.parameter == "$orderby"
    return caught.value


@pytest.mark.parametrize(
    ("text", "top"),
    [
        (None, 25),
        ("1", 1),
        ("10", 10),
        (" 10 ", 10),
        ("0010", 10),
        ("250", 250),
        ("251", 250),
        ("1000000", 250),
        ("9" * 10_000, 250),
        ("0", 250),
        ("000", 250),
    ],
)
def test_top_is_25_by_default_at_most_250_and_0_means_250(text: str | None, top: int) -> None:
    assert bind_page(text, None, 1_000) == top


@pytest.mark.parametrize(
    ("top", "page_size", "size"),
    [
        (None, "1", 1),
        (None, "1000", 1_000),
        (None, "1001", 1_000),
        (None, "0", 1_000),
        ("10", "1000", 10),
        ("1000", "1000", 250),
        ("0", "500", 250),
        ("100", "20", 20),
    ],
)
def test_the_page_size_goes_up_to_what_the_operator_allows_and_top_does_not(
    top: str | None, page_size: str, size: int
) -> None:
    assert bind_page(top, page_size, 1_000) == size


@pytest.mark.parametrize("text", ["-1", "ten", "1.5", "1e3", "", " ", "\u0661", "0x10", "1 0", "+1"])
def test_top_and_skip_that_are_negative_or_no_number_are_refused(text: str) -> None:
    for parameter, bind in (
        ("$top", lambda text: bind_page(text, None, 250)),
        ("$pageSize", lambda text: bind_page(None, text, 250)),
        ("$skip", bind_skip),
    ):
        with pytest.raises(InvalidParameter) as caught:
            bind(text)
        assert (caught.value.parameter, caught.value.found) == (parameter, text)
        assert "a whole number, 0 or more" in caught.value.expected


def test_skip_is_0_by_default_and_goes_to_any_depth() -> None:
    assert [bind_skip(text) for text in (None, "0", "25", "5000000")] == [0, 0, 25, 5_000_000]
    assert 5_000_000 < bind_skip("9" * 5_000) < 2**63


def test_the_count_is_given_for_allpages_only() -> None:
    assert [bind_count(text) for text in (None, "none", "allpages", "AllPages")] == [False, False, True, True]
    with pytest.raises(InvalidParameter, match="allpages or none"):
        bind_count("some")


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("Name", (OrderTerm(NAME),)),
        ("name asc,SEATS DESC , Rating", (OrderTerm(NAME), OrderTerm(SEATS, descending=True), OrderTerm(RATING))),
        ("__Distance desc", (OrderTerm(None, descending=True),)),
        ("__distance,entityid", (OrderTerm(None), OrderTerm(CODE))),
        ("Elevation", (OrderTerm(ELEVATION),)),
        ("Name,", (OrderTerm(NAME),)),
    ],
)
def test_order_is_by_up_to_three_properties_ascending_unless_told_otherwise(
    text: str, order: tuple[OrderTerm, ...]
) -> None:
    assert ordered(text) == order


@pytest.mark.parametrize(
    ("text", "found", "position", "expected"),
    [
        ("Name,Seats,Rating,Open", "Open", 19, "at most 3 properties"),
        ("Name, Sofas desc", "Sofas", 7, "a property of the entity type Shops"),
        ("Latitude", "Latitude", 1, "neither Latitude, Longitude nor a geography"),
        ("Name,longitude desc", "longitude", 6, "neither Latitude, Longitude nor a geography"),
        ("Area", "Area", 1, "neither Latitude, Longitude nor a geography"),
        ("Name down", "Name down", 1, "asc, desc or a comma"),
        ("Name desc asc", "Name desc asc", 1, "asc, desc or a comma"),
        (" , ", " , ", 1, "at least one property of the entity type Shops"),
    ],
)
def test_an_order_that_is_not_possible_is_refused(text: str, found: str, position: int, expected: str) -> None:
    error = order_refusal(text)
    assert (error.found, error.position) == (found, position)
    assert expected in error.expected


def test_distance_orders_only_where_it_is_defined() -> None:
    error = order_refusal("Name,__Distance", distance_defined=False)
    assert error.position == 6
    assert "spatialFilter" in error.expected
