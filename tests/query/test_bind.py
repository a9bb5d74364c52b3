"""Holding a filter against an entity type: names, loose typing and null (query-language.md, section 2)."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geostead.errors import InvalidFilter
from geostead.model.entity_type import Property
from geostead.query.bind import bind_filter
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
    TextTest,
)
from geostead.query.bound import TestText as TextPredicate  # pytest takes what is called Test… for tests
from geostead.query.parser import parse_filter
from tests.oracle import holds
from tests.query.shops import AREA, CODE, ELEVATION, FOUNDED, NAME, OPEN, RATING, SEATS, SHOPS, TYPE_ID

EQ, NE, GT, GE, LT, LE = Comparator
TICKS = 635_817_507_090_000_000  # 2015-10-29T21:25:09 UTC


def bound(text: str) -> Predicate:
    return bind_filter(parse_filter(text), SHOPS)


def refusal(text: str) -> InvalidFilter:
    with pytest.raises(InvalidFilter) as caught:
        bound(text)
    return caught.value


def test_names_in_any_case_come_back_as_declared() -> None:
    assert bound("sEATS eq 5") == Compare(SEATS, EQ, 5)
    assert bound("STARTSWITH(name,'x')") == TextPredicate(NAME, TextTest.STARTS_WITH, "x")


@pytest.mark.parametrize("name", ["entityId", "EntityID", "ENTITYID", "shopcode"])
def test_entity_id_names_the_primary_key_whatever_it_is_called(name: str) -> None:
    assert bound(f"{name} eq '-715'") == Compare(CODE, EQ, "-715")


def test_connectives_are_kept() -> None:
    seats, is_open = Compare(SEATS, EQ, 5), Compare(OPEN, EQ, True)
    assert bound("Seats eq 5 and Open eq true or not Seats eq 5") == Or((And((seats, is_open)), Not(seats)))


def test_double_negation_is_none() -> None:
    assert bound("not not Seats eq 5") == Compare(SEATS, EQ, 5)
    assert bound("not notStartsWith(Name,'x')") == TextPredicate(NAME, TextTest.STARTS_WITH, "x")
    assert bound("not (Seats ne null)") == IsMissing(SEATS)


@pytest.mark.parametrize(
    ("literal", "text"),
    [
        ("5800", "5800"),
        ("5800.0", "5800.0"),
        ("007", "007"),
        ("5800L", "5800"),
        ("1E-05d", "1E-05"),
        ("true", "true"),
        ("'5800'", "5800"),
        ("datetime'2015-10-29'", "2015-10-29"),
        ("2015-10-29T21:25:09Z", "2015-10-29T21:25:09Z"),
    ],
)
def test_a_string_takes_a_literal_as_written_without_its_suffix(literal: str, text: str) -> None:
    assert bound(f"EntityTypeID Eq {literal}") == Compare(TYPE_ID, EQ, text)
    assert bound(f"startswith(EntityTypeID,{literal})") == TextPredicate(TYPE_ID, TextTest.STARTS_WITH, text)


@pytest.mark.parametrize("literal", ["1", "'1'", "'true'", "true", "True", "'TRUE'", "1.0", "' true '"])
def test_a_boolean_takes_what_means_true(literal: str) -> None:
    assert bound(f"Open eq {literal}") == Compare(OPEN, EQ, True)


@pytest.mark.parametrize("literal", ["0", "'0'", "'false'", "false", "FALSE", "-0"])
def test_a_boolean_takes_what_means_false(literal: str) -> None:
    assert bound(f"Open eq {literal}") == Compare(OPEN, EQ, False)


@pytest.mark.parametrize("literal", ["12", "'12'", "12.0", "'12.0'", "1.2e1", "12L", "'+12 '", "0012", "120e-1"])
def test_a_number_takes_every_way_to_write_it(literal: str) -> None:
    for declared, value in ((SEATS, 12), (RATING, 12.0)):
        predicate = bound(f"{declared.name} eq {literal}")
        assert predicate == Compare(declared, EQ, value)
        assert isinstance(predicate, Compare)
        assert type(predicate.value) is type(value)


@pytest.mark.parametrize(
    ("literal", "ticks"),
    [
        ("datetime'2015-10-29T21:25:09Z'", TICKS),
        ("datetime'2015-10-29T21:25:09'", TICKS),
        ("datetime'2015-10-29T23:25:09+02:00'", TICKS),
        ("datetime'2015-10-29T23:25:09 02:00'", TICKS),
        ("2015-10-29T21:25:09.0000000Z", TICKS),
        ("2015-10-29T21:25:09.0000001Z", TICKS + 1),
        ("2015-10-29T23:25:09 02:00", TICKS),
        ("'2015-10-29T21:25:09Z'", TICKS),
        ("'2015-10-29 21:25:09'", TICKS),
        ("'0001-01-01'", 0),
    ],
)
def test_a_date_takes_the_literal_the_bare_and_the_quoted_form(literal: str, ticks: int) -> None:
    assert bound(f"Founded ge {literal}") == Compare(FOUNDED, GE, ticks)


@pytest.mark.parametrize(
    ("text", "predicate"),
    [
        ("Seats eq 5.5", Constant(False)),
        ("Seats ne 5.5", Constant(True)),
        ("Seats gt 5.5", Compare(SEATS, GE, 6)),
        ("Seats ge 5.5", Compare(SEATS, GE, 6)),
        ("Seats lt 5.5", Compare(SEATS, LE, 5)),
        ("Seats le 5.5", Compare(SEATS, LE, 5)),
        ("Seats gt -5.5", Compare(SEATS, GE, -5)),
        ("Seats lt -5.5", Compare(SEATS, LE, -6)),
        ("Seats gt -1e-999999999999", Compare(SEATS, GE, 0)),
        ("5.5 lt Seats", Compare(SEATS, GE, 6)),
        ("Seats gt 9223372036854775806.5", Compare(SEATS, GE, 2**63 - 1)),
        ("Seats eq 9007199254740993", Compare(SEATS, EQ, 2**53 + 1)),
    ],
)
def test_an_integer_is_compared_with_a_fraction_mathematically(text: str, predicate: Predicate) -> None:
    assert bound(text) == predicate


@pytest.mark.parametrize(
    "literal", ["9223372036854775808", "9223372036854775807.5", "1e999", "'1E+99999999999999999999'"]
)
def test_an_integer_beyond_64_bits_is_greater_than_every_value(literal: str) -> None:
    present = Not(IsMissing(SEATS))
    bounds = [bound(f"Seats {comparator} {literal}") for comparator in (EQ, NE, GT, GE)]
    assert bounds == [Constant(False), Constant(True), Constant(False), Constant(False)]
    less = [bound(f"Seats {comparator} {literal}") for comparator in (LT, LE)]
    assert less in ([present, present], [Compare(SEATS, LE, 2**63 - 1)] * 2)
    least = [bound(f"Seats {comparator} -1e999") for comparator in (GT, GE, LT, LE)]
    assert least == [present, present, Constant(False), Constant(False)]


numbers = st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-(10**20), max_value=10**20)


@given(numbers | st.sampled_from([2**63, 2**63 - 1, -(2**63), -(2**63) - 1]), st.sampled_from(Comparator), st.data())
@settings(deadline=None)
def test_every_integer_comparison_means_what_mathematics_says(
    number: object, comparator: Comparator, data: st.DataObject
) -> None:
    literal = str(number)
    near = [int(float(literal)) + step for step in (-1, 0, 1)]
    value = data.draw(st.sampled_from([0, -(2**63), 2**63 - 1, *(n for n in near if -(2**63) <= n < 2**63)]))
    expected = {EQ: value == number, NE: value != number, GT: value > number, GE: value >= number}
    expected |= {LT: value < number, LE: value <= number}
    predicate = bound(f"Seats {comparator} {literal}")
    assert holds(predicate, {"Seats": value}) is expected[comparator]
    assert holds(predicate, {}) is (comparator is NE)


@pytest.mark.parametrize(
    ("text", "predicate"),
    [
        ("Rating eq 5", Compare(RATING, EQ, 5.0)),
        ("Rating lt .1", Compare(RATING, LT, 0.1)),
        ("Elevation gt 1E-05", Compare(ELEVATION, GT, 1e-05)),
        ("Rating eq 1e-999", Compare(RATING, EQ, 0.0)),
    ],
)
def test_a_double_takes_the_nearest_double(text: str, predicate: Predicate) -> None:
    assert bound(text) == predicate


def test_minus_zero_is_zero() -> None:
    predicate = bound("Rating eq -0.0")
    assert isinstance(predicate, Compare)
    assert str(predicate.value) == "0.0"


@pytest.mark.parametrize(
    ("name", "literal", "expected"),
    [
        ("Seats", "'twelve'", "a number"),
        ("Seats", "true", "a number"),
        ("Seats", "''", "a number"),
        ("Seats", "'NaN'", "a number"),
        ("Seats", "'Infinity'", "a number"),
        ("Seats", "'1_000'", "a number"),
        ("Seats", "'1,5'", "a number"),
        ("Seats", "'0x10'", "a number"),
        ("Seats", "'\u0661'", "a number"),
        ("Seats", "datetime'2015-10-29'", "a number"),
        ("Rating", "1e999", "a number that a double can hold"),
        ("Rating", "'nan'", "a number that a double can hold"),
        ("Rating", "false", "a number that a double can hold"),
        ("Open", "2", "true, false, 1 or 0"),
        ("Open", "'yes'", "true, false, 1 or 0"),
        ("Open", "1e999999999", "true, false, 1 or 0"),
        ("Open", "2015-10-29", "true, false, 1 or 0"),
        ("Founded", "2015", "an ISO 8601 date"),
        ("Founded", "'soon'", "an ISO 8601 date"),
        ("Founded", "datetime'2015-13-29'", "an ISO 8601 date"),
        ("Founded", "true", "an ISO 8601 date"),
        ("Area", "'POINT (1 2)'", "null"),
        ("Area", "''", "null"),
    ],
)
def test_a_literal_that_does_not_convert_is_refused(name: str, literal: str, expected: str) -> None:
    for text in (f"{name} eq {literal}", f"{name} in (null,{literal})"):
        error = refusal(text)
        assert error.expected.startswith(expected)
        assert f"{name} is Edm." in error.expected
        assert error.position == text.index(literal) + 1


@pytest.mark.parametrize(
    ("text", "predicate"),
    [
        ("Seats in (1,'2',3.0)", IsIn(SEATS, frozenset({1, 2, 3}))),
        ("Seats in (7)", Compare(SEATS, EQ, 7)),
        ("Seats in (7,7.0)", Compare(SEATS, EQ, 7)),
        ("Seats in (7,null)", IsIn(SEATS, frozenset({7}), missing=True)),
        ("Seats in (null)", IsMissing(SEATS)),
        ("Seats in (5.5,1e99)", Constant(False)),
        ("Seats in (5.5,7)", Compare(SEATS, EQ, 7)),
        ("Name in ('a','b','')", IsIn(NAME, frozenset({"a", "b"}), missing=True)),
        ("Name in ('a',null)", IsIn(NAME, frozenset({"a"}), missing=True)),
        ("Name in ('')", IsMissing(NAME)),
        ("EntityTypeID in(3578,4013)", IsIn(TYPE_ID, frozenset({"3578", "4013"}))),
        ("Open in (true,0)", IsIn(OPEN, frozenset({True, False}))),
    ],
)
def test_in_lists_convert_value_by_value_and_null_stands_for_missing(text: str, predicate: Predicate) -> None:
    assert bound(text) == predicate


def test_an_in_list_takes_fifty_values_and_more() -> None:
    values: frozenset[Literal] = frozenset(range(1000))
    assert bound(f"Seats in ({','.join(map(str, range(1000)))})") == IsIn(SEATS, values)


@pytest.mark.parametrize("declared", [NAME, SEATS, OPEN, RATING, FOUNDED, AREA], ids=lambda declared: declared.name)
def test_eq_null_and_ne_null_test_for_a_missing_value_of_every_type(declared: Property) -> None:
    assert bound(f"{declared.name} eq null") == bound(f"null eq {declared.name}") == IsMissing(declared)
    assert bound(f"{declared.name} ne null") == Not(IsMissing(declared))


@pytest.mark.parametrize("comparator", ["gt", "ge", "lt", "le"])
def test_nothing_is_greater_or_less_than_null(comparator: str) -> None:
    for name in ("Name", "Seats", "Area"):
        assert "only eq and ne test for null" in refusal(f"{name} {comparator} null").expected


@pytest.mark.parametrize(
    ("text", "satisfied"),
    [
        ("Seats ne 5", True),
        ("Seats eq null", True),
        ("Seats ne 5.5", True),
        ("Open ne true", True),
        ("Founded ne '2015-10-29'", True),
        ("Area eq null", True),
        ("Seats in (5,null)", True),
        ("Seats eq 0", False),
        ("Seats gt 5", False),
        ("Seats le 5", False),
        ("Seats lt 1e99", False),
        ("Seats gt -1e99", False),
        ("Open eq false", False),
        ("Seats ne null", False),
        ("Area ne null", False),
        ("Seats in (0,5)", False),
        ("not (Seats gt 5)", True),
        ("not (Seats eq 5)", True),
        ("not (Seats ne 5)", False),
        ("Name eq ''", True),
        ("Name eq null", True),
        ("Name in ('')", True),
        ("Name in ('a',null)", True),
        ("Name ne 'a'", True),
        ("Name lt 'a'", True),
        ("Name le ''", True),
        ("Name ge ''", True),
        ("startswith(Name,'')", True),
        ("Name ne ''", False),
        ("Name ne null", False),
        ("Name gt ''", False),
        ("Name lt ''", False),
        ("startswith(Name,'a')", False),
        ("startswith(Name,'a') eq false", True),
        ("notEndsWith(Name,'a')", True),
    ],
)
def test_a_missing_value_satisfies_what_the_specification_says(text: str, satisfied: bool) -> None:
    predicate = bound(text)
    assert holds(predicate, {}) is satisfied
    assert holds(predicate, {"Name": ""}) is satisfied


@pytest.mark.parametrize(
    ("text", "satisfied"),
    [
        ("Name eq 'Alma'", True),
        ("Name eq 'alma'", False),
        ("startswith(Name,'al')", False),
        ("endswith(Name,'MA')", False),
        ("contains(Name,'lm')", True),
        ("Name lt 'a'", True),
        ("Name gt 'Al'", True),
        ("'Al' lt Name", True),
    ],
)
def test_strings_are_compared_by_code_points_with_case(text: str, satisfied: bool) -> None:
    assert holds(bound(text), {"Name": "Alma"}) is satisfied


@pytest.mark.parametrize("name", ["Latitude", "longitude"])
@pytest.mark.parametrize("test", ["eq 5", "eq null", "in (5)"])
def test_latitude_and_longitude_cannot_be_filtered_by(name: str, test: str) -> None:
    error = refusal(f"Seats eq 5 and {name} {test}")
    assert (error.found, error.position) == (name, 16)
    assert "spatialFilter" in error.expected


def test_an_unknown_property_is_refused_with_its_position() -> None:
    error = refusal("Seats eq 5 and (Sofas eq 5)")
    assert (error.found, error.position) == ("Sofas", 17)
    assert error.expected == "the name of a property of the entity type Shops"


def test_functions_need_a_string_property_and_a_text() -> None:
    assert "Seats is Edm.Int64" in refusal("contains(Seats,'5')").expected
    assert "Area is Edm.Geography" in refusal("startswith(Area,'POINT')").expected
    assert refusal("contains(Name,null)").position == 15
    assert refusal("contains(Latitude,'5')").found == "Latitude"
