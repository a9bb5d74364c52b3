"""Writing trees: what is printed reads back as the same tree."""

from hypothesis import given, settings
from hypothesis import strategies as st

from geostead.query.bound import Comparator, TextTest
from geostead.query.parser import parse_filter
from geostead.query.syntax import (
    RESERVED_WORDS,
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
    print_filter,
)

characters = st.characters(exclude_categories=["Cs"])
names = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,9}", fullmatch=True) | st.sampled_from(["in", "and", "eq", "contains"])
literals = st.one_of(
    st.builds(WrittenLiteral, st.just(LiteralKind.TEXT), st.text(characters) | st.text("'() ,a")),
    st.builds(
        WrittenLiteral,
        st.just(LiteralKind.NUMBER),
        st.from_regex(r"[+-]?([0-9]{1,20}(\.[0-9]{0,9})?|\.[0-9]{1,9})([eE][+-]?[0-9]{1,3})?", fullmatch=True),
    ),
    st.builds(WrittenLiteral, st.just(LiteralKind.TRUTH), st.sampled_from(["true", "FALSE", "True"])),
    st.just(WrittenLiteral(LiteralKind.NULL, "null")),
    st.builds(
        WrittenLiteral, st.just(LiteralKind.INSTANT), st.text(st.characters(exclude_characters="'", codec="utf-8"))
    ),
)
written_names = st.builds(WrittenName, names.filter(lambda name: name.lower() not in RESERVED_WORDS))
leaves: st.SearchStrategy[Expression] = st.one_of(
    st.builds(Comparison, written_names, st.sampled_from(Comparator), literals),
    st.builds(Membership, written_names, st.lists(literals, min_size=1, max_size=4).map(tuple)),
    st.builds(TextCall, st.sampled_from(TextTest), written_names, literals),
)
trees = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.builds(Negation, inner),
        st.builds(Conjunction, st.lists(inner, min_size=2, max_size=3).map(tuple)),
        st.builds(Disjunction, st.lists(inner, min_size=2, max_size=3).map(tuple)),
    ),
    max_leaves=12,
)


@given(trees)
@settings(deadline=None, max_examples=400)
def test_a_printed_tree_reads_back_as_itself(tree: Expression) -> None:
    assert parse_filter(print_filter(tree)) == tree


def test_trees_are_printed_with_no_more_parentheses_than_needed() -> None:
    text = "not (A eq 1 or B in (1,'it''s')) and C ne null or startswith(D,'x')"
    assert print_filter(parse_filter(f"(({text}))")) == text
