"""Binding a whole query: every option together (query-language.md, sections 1 to 3)."""

from hypothesis import given, settings
from hypothesis import strategies as st

from geostead.errors import RequestError
from geostead.query.bind import bind_query
from geostead.query.bound import BoundQuery, Comparator, Compare, InBox, Nearby, OrderTerm
from geostead.query.options import QueryText
from geostead.query.spatial import parse_spatial
from geostead.query.written import AlongRoute, NearbyAddress
from tests.query.shops import PLENTY, RATING, SEATS, SHOPS


def bound(text: QueryText) -> BoundQuery:
    """Bind a query whose spatial filter names nothing that has to be looked up."""
    spatial = None if text.spatial_filter is None else parse_spatial(text.spatial_filter, PLENTY)
    assert not isinstance(spatial, NearbyAddress | AlongRoute)
    return bind_query(text, SHOPS, spatial, PLENTY)


def test_a_whole_query_is_bound() -> None:
    text = QueryText(
        filter="Seats gt 10",
        spatial_filter="nearby(47.64,-122.13,10)",
        select="Name,__Distance,Sofas",
        orderby="Rating desc,__Distance",
        top="10",
        skip="20",
        inlinecount="allpages",
    )
    assert bound(text) == BoundQuery(
        spatial=Nearby(latitude=47.64, longitude=-122.13, radius_km=10),
        predicate=Compare(SEATS, Comparator.GT, 10),
        order=(OrderTerm(RATING, descending=True), OrderTerm(None)),
        top=10,
        skip=20,
        count=True,
        names=("Name",),
        distance=True,
        unknown_names=("Sofas",),
    )


def test_a_query_without_options_is_the_first_25_entities_by_id_with_all_properties() -> None:
    assert bound(QueryText()) == BoundQuery()
    assert BoundQuery().top == 25


def test_a_box_alone_is_ordered_by_id_and_nearby_alone_is_left_to_its_default() -> None:
    box = bound(QueryText(spatial_filter="bbox(47.5,-122.4,47.7,-122.2)", select="*,__Distance"))
    assert box == BoundQuery(spatial=InBox(south=47.5, west=-122.4, north=47.7, east=-122.2), distance=True)
    nearby = bound(QueryText(spatial_filter="nearby(47.64,-122.13,10)", select="*"))
    assert nearby == BoundQuery(spatial=Nearby(latitude=47.64, longitude=-122.13, radius_km=10))


def test_distance_is_left_out_without_a_spatial_filter() -> None:
    assert bound(QueryText(select="Name,__Distance")) == BoundQuery(names=("Name",))
    assert bound(QueryText(select="__Distance")) == BoundQuery(names=())


WORDS = [
    "Name",
    "Seats",
    "Open",
    "Area",
    "Latitude",
    "Sofas",
    "eq",
    "ne",
    "gt",
    "in",
    "and",
    "or",
    "not",
    "true",
    "null",
]
MARKS = ["(", ")", ",", "''", "'", "-", " ", "\0", "\ud800", "\U0001f600"]
LITERALS = ["'x'", "5", "5.5", "1e999", "9" * 400, "L", "datetime'", "datetime'2015-10-29'", "2015-10-29T"]
CALLS = ["startswith(", "contains (Name,", "nearby(", "bbox(1,2,3,4)", "intersection("]
fragments = st.lists(st.sampled_from([*WORDS, *MARKS, *LITERALS, *CALLS]), max_size=25)
raw = st.one_of(fragments.map(" ".join), fragments.map("".join), st.text())


@given(raw, raw, raw, raw)
@settings(deadline=None, max_examples=300)
def test_whatever_is_sent_binds_or_is_refused_with_a_message_that_can_be_sent_back(
    filter_text: str, spatial: str, select: str, orderby: str
) -> None:
    for text in (
        QueryText(filter=filter_text),
        QueryText(spatial_filter=spatial),
        QueryText(select=select, orderby=orderby, spatial_filter="nearby(1,2,3)"),
        QueryText(top=filter_text, skip=select, inlinecount=orderby),
    ):
        outcome = bound_or_refused(text)
        shown = outcome.unknown_names if isinstance(outcome, BoundQuery) else (str(outcome),)
        assert all(one.encode().decode() == one for one in shown)


def bound_or_refused(text: QueryText) -> BoundQuery | RequestError:
    try:
        return bound(text)
    except RequestError as refusal:
        return refusal
