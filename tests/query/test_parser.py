"""Reading $filter: the grammar of query-language.md, section 2."""

import time

import pytest

from geostead.errors import InvalidFilter
from geostead.query.bound import Comparator, TextTest
from geostead.query.parser import MAX_DEPTH, parse_filter
from geostead.query.syntax import (
    Comparison,
    Conjunction,
    Disjunction,
    Expression,
    LiteralKind,
    Membership,
    Negation,
    TextCall,
    WrittenLiteral,
    WrittenName,
)


def text(value: str) -> WrittenLiteral:
    return WrittenLiteral(LiteralKind.TEXT, value)


def number(value: str) -> WrittenLiteral:
    return WrittenLiteral(LiteralKind.NUMBER, value)


def instant(value: str) -> WrittenLiteral:
    return WrittenLiteral(LiteralKind.INSTANT, value)


def equal(name: str, literal: WrittenLiteral) -> Comparison:
    return Comparison(WrittenName(name), Comparator.EQ, literal)


def call(test: TextTest, value: str) -> TextCall:
    return TextCall(test, WrittenName("Name"), text(value))


A, B, C = (equal(name, number("1")) for name in "ABC")


def refusal(filter_text: str) -> InvalidFilter:
    with pytest.raises(InvalidFilter) as caught:
        parse_filter(filter_text)
    return caught.value


def test_and_binds_closer_than_or_and_not_closer_than_and() -> None:
    expected = Disjunction((A, Conjunction((Negation(B), C))))
    assert parse_filter("A eq 1 or not B eq 1 and C eq 1") == expected


def test_parentheses_group() -> None:
    assert parse_filter("(A eq 1 or B eq 1) and C eq 1") == Conjunction((Disjunction((A, B)), C))
    assert parse_filter("not (A eq 1 and B eq 1)") == Negation(Conjunction((A, B)))
    assert parse_filter("((A eq 1))") == A


def test_a_chain_is_one_node() -> None:
    assert parse_filter("A eq 1 and B eq 1 and C eq 1") == Conjunction((A, B, C))
    assert parse_filter("A eq 1 or B eq 1 or C eq 1") == Disjunction((A, B, C))


def test_not_may_be_repeated() -> None:
    assert parse_filter("not not A eq 1") == Negation(Negation(A))


@pytest.mark.parametrize("comparator", list(Comparator))
def test_all_six_comparators_are_read_in_any_case(comparator: Comparator) -> None:
    expected = Comparison(WrittenName("A"), comparator, number("1"))
    for written in (comparator.value, comparator.value.upper(), comparator.value.title()):
        assert parse_filter(f"A {written} 1") == expected


@pytest.mark.parametrize(
    ("written", "turned"), [("eq", "eq"), ("ne", "ne"), ("gt", "lt"), ("ge", "le"), ("lt", "gt"), ("le", "ge")]
)
def test_a_literal_may_come_first_and_the_comparison_turns_around(written: str, turned: str) -> None:
    assert parse_filter(f"5 {written} A") == Comparison(WrittenName("A"), Comparator(turned), number("5"))


def test_keywords_and_functions_are_read_in_any_case() -> None:
    assert parse_filter("A EQ 1 AND NOT B Eq 1 Or C eQ 1") == parse_filter("A eq 1 and not B eq 1 or C eq 1")
    assert parse_filter("STARTSWITH(Name,'x') EQ TRUE") == call(TextTest.STARTS_WITH, "x")
    assert parse_filter("A IN (1)") == parse_filter("A in (1)")
    assert parse_filter("A eq NULL") == parse_filter("A eq null")


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("Branch Eq'Yes'", equal("Branch", text("Yes"))),
        ("'Yes'eq Branch", equal("Branch", text("Yes"))),
        ("A eq 1and B eq 1", Conjunction((A, B))),
        ("A eq 1or(B eq 1)and(C eq 1)", Disjunction((A, Conjunction((B, C))))),
        ("not(A eq 1)", Negation(A)),
        ("A eq-1", equal("A", number("-1"))),
        ("A eq 5lt", None),
        ("Type in(3578,4013)", Membership(WrittenName("Type"), (number("3578"), number("4013")))),
        ("  A\teq\n1  ", A),
        ("startswith ( Name , 'x' )", call(TextTest.STARTS_WITH, "x")),
    ],
)
def test_spaces_may_be_missing_where_unambiguous_and_be_more_elsewhere(
    written: str, expected: Expression | None
) -> None:
    if expected is None:
        assert refusal(written).found == "lt"
    else:
        assert parse_filter(written) == expected


@pytest.mark.parametrize(
    ("written", "literal"),
    [
        ("'text'", text("text")),
        ("''", text("")),
        ("'O''Brien'", text("O'Brien")),
        ("''''", text("'")),
        ("'a and (b'", text("a and (b")),
        ("'caf\u00e9 \U0001f600'", text("caf\u00e9 \U0001f600")),
        ("12", number("12")),
        ("-12.50", number("-12.50")),
        ("+3", number("+3")),
        (".5", number(".5")),
        ("5.", number("5.")),
        ("1E-05", number("1E-05")),
        ("1e5", number("1e5")),
        ("5800L", number("5800")),
        ("5.5M", number("5.5")),
        ("5.5d", number("5.5")),
        ("5f", number("5")),
        ("1E-05d", number("1E-05")),
        ("007", number("007")),
        ("true", WrittenLiteral(LiteralKind.TRUTH, "true")),
        ("False", WrittenLiteral(LiteralKind.TRUTH, "False")),
        ("null", WrittenLiteral(LiteralKind.NULL, "null")),
        ("datetime'2015-10-29T21:25:09Z'", instant("2015-10-29T21:25:09Z")),
        ("DateTime'2015-10-29'", instant("2015-10-29")),
        ("2015-10-29T21:25:09.0000000Z", instant("2015-10-29T21:25:09.0000000Z")),
        ("2015-10-29T21:25:09", instant("2015-10-29T21:25:09")),
        ("2015-10-29T21:25-08:00", instant("2015-10-29T21:25-08:00")),
        ("2015-10-29T21:25:09 02:00", instant("2015-10-29T21:25:09 02:00")),
        ("2015-10-29", instant("2015-10-29")),
    ],
)
def test_literals_are_kept_as_written_but_for_quotes_and_suffixes(written: str, literal: WrittenLiteral) -> None:
    assert parse_filter(f"A eq {written}") == equal("A", literal)
    assert parse_filter(f"A in ({written},{written})") == Membership(WrittenName("A"), (literal, literal))
    assert parse_filter(f"(A eq {written})and B eq 1") == Conjunction((equal("A", literal), B))


@pytest.mark.parametrize("test", list(TextTest))
def test_the_three_functions_are_read_with_and_without_a_comparison(test: TextTest) -> None:
    plain = call(test, "Al")
    assert parse_filter(f"{test}(Name,'Al')") == plain
    assert parse_filter(f"{test}(Name,'Al') eq true") == plain
    assert parse_filter(f"{test}(Name,'Al') eq 1") == plain
    assert parse_filter(f"{test}(Name,'Al') eq false") == Negation(plain)
    assert parse_filter(f"not {test}(Name,'Al')") == Negation(plain)
    assert parse_filter(f"not{test}(Name,'Al')") == Negation(plain)
    assert parse_filter(f"not{test}(Name,'Al') eq false") == plain


def test_functions_combine_with_and_and_or() -> None:
    expected = Disjunction((Conjunction((call(TextTest.STARTS_WITH, "a"), A)), call(TextTest.CONTAINS, "b")))
    assert parse_filter("startswith(Name,'a') eq true and A eq 1 or contains(Name,'b')") == expected


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("''Al''", "Al"),
        (" ''Al'' ", "Al"),
        ("''Al Fresco (2)''", "Al Fresco (2)"),
        ("''O''Brien''", "O'Brien"),
        ("''", ""),
        ("'' ", ""),
        ("'''Al'''", "'Al'"),
        ("''''", "'"),
        ("'Al'''", "Al'"),
    ],
)
def test_the_argument_of_a_function_may_be_quoted_twice(written: str, value: str) -> None:
    assert parse_filter(f"startsWith(Name,{written})") == call(TextTest.STARTS_WITH, value)


def test_an_empty_text_before_another_call_is_not_taken_for_one_that_is_quoted_twice() -> None:
    expected = Conjunction((call(TextTest.STARTS_WITH, ""), call(TextTest.ENDS_WITH, "")))
    assert parse_filter("startswith(Name,'') and endswith(Name,'')") == expected


@pytest.mark.parametrize("count", [1, 50, 2000])
def test_in_lists_may_be_short_and_long(count: int) -> None:
    tree = parse_filter(f"A in ({', '.join(str(value) for value in range(count))})")
    assert tree == Membership(WrittenName("A"), tuple(number(str(value)) for value in range(count)))


def test_words_of_the_language_can_name_properties_where_that_is_clear() -> None:
    tree = parse_filter("in eq 1 and contains in (1) or datetime eq 1 or and eq 1 and or eq 1")
    names = [equal(word, number("1")) for word in ("in", "datetime", "and", "or")]
    contains = Membership(WrittenName("contains"), (number("1"),))
    assert tree == Disjunction((Conjunction((names[0], contains)), names[1], Conjunction((names[2], names[3]))))


def test_nodes_know_where_they_were_written() -> None:
    tree = parse_filter(" Name eq 'x' and datetime'2015-10-29' lt Founded")
    assert isinstance(tree, Conjunction)
    first, second = tree.operands
    assert isinstance(first, Comparison)
    assert isinstance(second, Comparison)
    assert (first.name.position, first.literal.position) == (2, 10)
    assert (second.literal.position, second.name.position) == (18, 42)


@pytest.mark.parametrize(
    ("written", "found", "position", "expected"),
    [
        ("", "the end", 1, "the name of a property"),
        ("   ", "the end", 4, "the name of a property"),
        ("A eq 1 Or 8211", "the end", 15, "eq, ne, gt, ge, lt or le after 8211"),
        ("A eq 1 Or 8211 or B eq 1", "or", 16, "after 8211"),
        ("A", "the end", 2, "eq, ne, gt, ge, lt or le, or in after A"),
        ("A eq", "the end", 5, "a literal"),
        ("A eq B", "B", 6, "a literal"),
        ("A eq not", "not", 6, "a literal"),
        ("1 eq 1", "1", 6, "the name of a property"),
        ("1 eq true", "true", 6, "the name of a property"),
        ("A = 1", "=", 3, "a name, a literal or a keyword"),
        ("A eq 'x", "'x", 6, "a closing quote"),
        ("A eq 'it's'", "'", 11, "a closing quote"),
        ("A eq 'it's cosy' eq '", "s", 10, "and, or, or the end"),
        ("(A eq 1", "the end", 8, "and, or, or )"),
        ("A eq 1)", ")", 7, "and, or, or the end"),
        ("()", ")", 2, "the name of a property"),
        ("A eq 1 and", "the end", 11, "the name of a property"),
        ("A eq 1 B eq 1", "B", 8, "and, or, or the end"),
        ("A eq 1 2", "2", 8, "and, or, or the end"),
        ("A eq 12x", "x", 8, "and, or, or the end"),
        ("A in 1", "1", 6, "( and the values after in"),
        ("A in ()", ")", 7, "a literal"),
        ("A in (1 2)", "2", 9, "a comma or )"),
        ("A in (1,", "the end", 9, "a literal"),
        ("substringof(A,'x')", "substringof", 1, "startswith, endswith or contains"),
        ("startswith('x',A)", "x", 12, "the name of a property"),
        ("startswith(A)", ")", 13, "a comma and the text to look for"),
        ("startswith(A,'x','y')", ",", 17, ") after the two arguments of startswith"),
        ("startswith(A,'x') eq 5", "5", 22, "true or false"),
        ("startswith(A,'x') ne true", "ne", 19, "and, or, or the end"),
        ("A eq \u00e9", "\u00e9", 6, "a name, a literal or a keyword"),
        ("A eq '\ud800'", "\ud800", 7, "Unicode characters"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_position_and_what_was_expected(
    written: str, found: str, position: int, expected: str
) -> None:
    error = refusal(written)
    assert (error.parameter, error.found, error.position) == ("$filter", found, position)
    assert expected in error.expected
    assert str(error).encode()


def test_nesting_is_read_down_to_the_limit_and_no_further() -> None:
    assert parse_filter("(" * MAX_DEPTH + "A eq 1" + ")" * MAX_DEPTH) == A
    deep = MAX_DEPTH // 2
    assert parse_filter("not (" * deep + "A eq 1" + ")" * deep) != A
    for opening in ("(", "not ", "not("):
        assert "at most 100" in refusal(opening * 100_000 + "A eq 1").expected


def test_the_limit_is_on_nesting_not_on_length() -> None:
    tree = parse_filter(" or ".join(["(not A eq 1)"] * 1_000))
    assert tree == Disjunction((Negation(A),) * 1_000)


def test_more_than_a_thousand_conditions_are_refused() -> None:
    with pytest.raises(InvalidFilter, match="at most 1000 comparisons"):
        parse_filter(" or ".join(["A eq 1"] * 1_001))


@pytest.mark.parametrize(
    "hostile",
    [
        "'" * 50_001,
        "A eq '" + "''" * 50_000,
        "1" * 100_000,
        " " * 100_000,
        "startswith(A,''x" * 5_000,
        "9e" * 50_000,
        "A eq 1" + " " * 100_000 + "!",
        "2015-10-29T" * 10_000,
        "(" * 100_000,
        "A in (" + "1," * 50_000,
    ],
)
def test_hostile_text_is_refused_at_once(hostile: str) -> None:
    begun = time.perf_counter()
    refusal(hostile)
    assert time.perf_counter() - begun < 5
